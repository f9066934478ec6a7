/*
 * The loader's words, a character at a time, straight to the ports.
 */
#include "boot/report.h"

#include <stdarg.h>

#include "core/base.h"
#include "x86_64/insn.h"

#define COM1_LINE_STATUS (PORT_COM1 + 5)
#define COM1_CAN_SEND 0x20
#define COM1_PATIENCE 100000

enum sink { SINK_LOG, SINK_LOG_AND_COM1 };

static void com1_put(char c) {
    for (unsigned i = 0; i < COM1_PATIENCE && !(x86_in8(COM1_LINE_STATUS) & COM1_CAN_SEND); i++) {
        x86_pause();
    }
    x86_out8(PORT_COM1, (uint8_t)c);
}

static void put(enum sink sink, char c) {
    x86_out8(PORT_LOG_BASE, (uint8_t)c);
    if (sink == SINK_LOG_AND_COM1) {
        if (c == '\n') {
            com1_put('\r');
        }
        com1_put(c);
    }
}

static void put_string(enum sink sink, const char *s) {
    for (; *s != '\0'; s++) {
        put(sink, *s);
    }
}

static void put_number(enum sink sink, uint64_t value, unsigned base) {
    char digits[20];
    unsigned count = 0;
    do {
        digits[count++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    while (count > 0) {
        put(sink, digits[--count]);
    }
}

static void put_line(enum sink sink, const char *format, va_list args) {
    put_string(sink, "loader: ");
    for (const char *f = format; *f != '\0'; f++) {
        if (*f != '%') {
            put(sink, *f);
            continue;
        }
        bool is_long = *++f == 'l';
        f += is_long ? 1 : 0;
        if (*f == 's') {
            put_string(sink, va_arg(args, const char *));
        } else if (*f == 'c') {
            put(sink, (char)va_arg(args, int));
        } else {
            put_number(sink, is_long ? va_arg(args, unsigned long) : va_arg(args, unsigned), *f == 'x' ? 16 : 10);
        }
    }
    put(sink, '\n');
}

void report_line(const char *format, ...) {
    va_list args;
    va_start(args, format);
    put_line(SINK_LOG, format, args);
    va_end(args);
}

void report_last(const char *format, ...) {
    va_list args;
    va_start(args, format);
    put_line(SINK_LOG_AND_COM1, format, args);
    va_end(args);
}

void report_fail(unsigned code, const char *format, ...) {
    va_list args;
    va_start(args, format);
    put_line(SINK_LOG_AND_COM1, format, args);
    va_end(args);
    x86_out8(PORT_EXIT, (uint8_t)code);
    x86_stop();
}
