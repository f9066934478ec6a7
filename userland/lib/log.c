/* A line is formatted whole, then goes out in pieces of as many bytes as one `ioport write` takes. */
#include <abi/stubs.h>
#include <skerry/log.h>
#include <skerry/print.h>
#include <skerry/string.h>
#include <skerry/time.h>

#define LOG_LINE 256
#define LOG_PIECE 32

static capaddr_t log_cap;
static uint16_t log_port;
static const char *log_name;

void log_open(capaddr_t cap, uint16_t port, const char *name) {
    log_cap = cap;
    log_port = port;
    log_name = name;
}

static void log_write(const char *text, size_t size) {
    for (size_t done = 0; done < size; done += LOG_PIECE) {
        size_t piece = MIN(size - done, (size_t)LOG_PIECE);
        uint64_t word[LOG_PIECE / 8] = {0};
        memcpy(word, text + done, piece);
        if (ioport_write(log_cap, log_port, piece, word[0], word[1], word[2], word[3]) != ERR_OK) {
            return;
        }
    }
}

void log_line(const char *format, ...) {
    if (log_cap == CAP_NULL) {
        return;
    }
    char line[LOG_LINE];
    uint64_t us = time_uptime_us();
    int at = print_text(line, sizeof(line), "[%5lu.%06lu] %s: ", us / 1000000, us % 1000000, log_name);
    va_list args;
    va_start(args, format);
    print_text_args(line + at, sizeof(line) - (size_t)at - 1, format, args);
    va_end(args);
    size_t length = strlen(line);
    line[length] = '\n';
    log_write(line, length + 1);
}
