/* What one call prints stays together when several threads print: these are linked in place of picolibc's functions of the
   same names (the linker's --wrap), lock the stream for the whole call, and call those. A stream's lock may be taken again
   by its owner, as each byte does. */
#include <stdarg.h>
#include <stdio-bufio.h>
#include <stdio.h>

int __real_vfprintf(FILE *stream, const char *format, va_list args);
int __real_fputs(const char *text, FILE *stream);
int __real_puts(const char *text);
size_t __real_fwrite(const void *from, size_t size, size_t count, FILE *stream);
int __wrap_vfprintf(FILE *stream, const char *format, va_list args);
int __wrap_fputs(const char *text, FILE *stream);
int __wrap_puts(const char *text);
size_t __wrap_fwrite(const void *from, size_t size, size_t count, FILE *stream);

/* Strings that are printed into are streams, too, without a lock. */
static void lock(FILE *stream) {
    if ((stream->flags & __SBUF) != 0) {
        __bufio_lock(stream);
    }
}

static void unlock(FILE *stream) {
    if ((stream->flags & __SBUF) != 0) {
        __bufio_unlock(stream);
    }
}

int __wrap_vfprintf(FILE *stream, const char *format, va_list args) {
    lock(stream);
    int result = __real_vfprintf(stream, format, args);
    unlock(stream);
    return result;
}

int __wrap_fputs(const char *text, FILE *stream) {
    lock(stream);
    int result = __real_fputs(text, stream);
    unlock(stream);
    return result;
}

int __wrap_puts(const char *text) {
    lock(stdout);
    int result = __real_puts(text);
    unlock(stdout);
    return result;
}

size_t __wrap_fwrite(const void *from, size_t size, size_t count, FILE *stream) {
    lock(stream);
    size_t result = __real_fwrite(from, size, count, stream);
    unlock(stream);
    return result;
}
