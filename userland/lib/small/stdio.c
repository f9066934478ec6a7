/* What of <stdio.h> domains without the C library have. */
#include <skerry/domain.h>
#include <skerry/print.h>
#include <skerry/string.h>

int vsnprintf(char *to, size_t size, const char *format, va_list args) {
    return print_text_args(to, size, format, args);
}

int snprintf(char *to, size_t size, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int length = print_text_args(to, size, format, args);
    va_end(args);
    return length;
}

int printf(const char *format, ...) {
    char text[PRINT_LINE];
    va_list args;
    va_start(args, format);
    int length = print_text_args(text, sizeof(text), format, args);
    va_end(args);
    return console_write(text, strlen(text)) == ERR_OK ? length : -1;
}
