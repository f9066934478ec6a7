/* stdin, stdout and stderr, the first and second and third of the open files. A line goes out when it ends. */
#include <stdio-bufio.h>
#include <stdio.h>
#include <unistd.h>

#define CONSOLE(number, buffer, direction)                                                                             \
    FDEV_SETUP_BUFIO(number, buffer, sizeof(buffer), read, write, lseek, close, direction, __BLBF)

static char in_buffer[128], out_buffer[512], error_buffer[128];

static struct __file_bufio in = CONSOLE(STDIN_FILENO, in_buffer, __SRD);
static struct __file_bufio out = CONSOLE(STDOUT_FILENO, out_buffer, __SWR);
static struct __file_bufio error = CONSOLE(STDERR_FILENO, error_buffer, __SWR);

FILE *const stdin = &in.xfile.cfile.file;
FILE *const stdout = &out.xfile.cfile.file;
FILE *const stderr = &error.xfile.cfile.file;

/* Before main(), when nobody else prints. */
__attribute__((constructor)) static void make_locks(void) {
    __bufio_lock_init(stdin);
    __bufio_lock_init(stdout);
    __bufio_lock_init(stderr);
}
