/* Open files: 0 is the console's keyboard, a line at a time, 1 and 2 are its screen, the others are files of the boot
   archive, to read. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <if/serial_client.h>
#include <skerry/domain.h>
#include <skerry/fibre.h>
#include <skerry/file.h>

#include "libc/errors.h"

#define FILES_MAX 16
#define FIRST 3
#define CONSOLE_WAIT_MS 5000

static struct open_file {
    bool used;
    struct file file;
    off_t at;
} files[FILES_MAX];

static struct keyboard {
    struct binding serial;
    char line[SERIAL_LINE_MAX + 2]; /* with its newline */
    size_t length, taken;
} keyboard;

static struct open_file *get(int number) {
    if (number < FIRST || number >= FIRST + FILES_MAX || !files[number - FIRST].used) {
        errno = EBADF;
        return NULL;
    }
    return &files[number - FIRST];
}

int open(const char *path, int flags, ...) {
    PINNED();
    if ((flags & O_ACCMODE) != O_RDONLY) {
        errno = EROFS;
        return -1;
    }
    for (int i = 0; i < FILES_MAX; i++) {
        if (files[i].used) {
            continue;
        }
        files[i] = (struct open_file){.used = true};
        err_t err = file_open(path + (*path == '/'), &files[i].file);
        files[i].used = err == ERR_OK;
        return err == ERR_OK ? FIRST + i : errno_failed(err);
    }
    errno = EMFILE;
    return -1;
}

int close(int number) {
    PINNED();
    if (number >= 0 && number < FIRST) {
        return 0;
    }
    struct open_file *open = get(number);
    if (open == NULL) {
        return -1;
    }
    file_close(&open->file);
    open->used = false;
    return 0;
}

/* A line that was cancelled is the end of the file. */
static int read_line(void) {
    if (keyboard.serial.kind == BINDING_NONE) {
        err_t err = serial_bind(&keyboard.serial, CONSOLE_WAIT_MS);
        if (err != ERR_OK) {
            return errno_failed(err);
        }
    }
    err_t err = serial_call_readline(&keyboard.serial, "", keyboard.line);
    if (err != ERR_OK && err != ERR_CANCELLED) {
        return errno_failed(err);
    }
    keyboard.taken = keyboard.length = 0;
    if (err == ERR_OK) {
        keyboard.length = strlen(keyboard.line);
        keyboard.line[keyboard.length++] = '\n';
    }
    return 0;
}

static ssize_t read_keyboard(char *to, size_t size) {
    if (keyboard.taken == keyboard.length && read_line() != 0) {
        return -1;
    }
    size_t take = MIN(size, keyboard.length - keyboard.taken);
    memcpy(to, keyboard.line + keyboard.taken, take);
    keyboard.taken += take;
    return (ssize_t)take;
}

ssize_t read(int number, void *to, size_t size) {
    PINNED();
    if (number == STDIN_FILENO) {
        return read_keyboard(to, size);
    }
    struct open_file *open = get(number);
    if (open == NULL) {
        return -1;
    }
    size_t take = MIN(size, open->file.size - MIN((uint64_t)open->at, open->file.size));
    memcpy(to, (const char *)open->file.data + open->at, take);
    open->at += (off_t)take;
    return (ssize_t)take;
}

ssize_t write(int number, const void *from, size_t size) {
    PINNED();
    if (number != STDOUT_FILENO && number != STDERR_FILENO) {
        errno = EBADF;
        return -1;
    }
    err_t err = console_write(from, size);
    return err == ERR_OK ? (ssize_t)size : errno_failed(err);
}

off_t lseek(int number, off_t offset, int whence) {
    if (number >= 0 && number < FIRST) {
        errno = ESPIPE;
        return -1;
    }
    struct open_file *open = get(number);
    if (open == NULL) {
        return -1;
    }
    off_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? open->at : (off_t)open->file.size;
    off_t at;
    if (whence < SEEK_SET || whence > SEEK_END || __builtin_add_overflow(base, offset, &at) || at < 0) {
        errno = EINVAL;
        return -1;
    }
    return open->at = at;
}
