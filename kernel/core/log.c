/*
 * Formatting to the debug port. No buffer: a line that a crash cuts short still shows how far it came.
 */
#include "core/log.h"

#include "core/plan.h"
#include "x86_64/clock.h"
#include "x86_64/port.h"

static uint64_t time_zero, ticks_per_ms;

static void put(char c) {
    port_out8(core_plan.log_port, (uint8_t)c);
}

static void put_string(const char *s, unsigned width) {
    for (; *s != 0; s++) {
        put(*s);
        width -= width > 0;
    }
    while (width-- > 0) {
        put(' ');
    }
}

struct number_format {
    unsigned base, width;
    char pad;
};

static void put_number(uint64_t value, struct number_format format) {
    char digits[20];
    unsigned n = 0;
    do {
        digits[n++] = "0123456789abcdef"[value % format.base];
        value /= format.base;
    } while (value != 0);
    for (unsigned i = n; i < format.width; i++) {
        put(format.pad);
    }
    while (n > 0) {
        put(digits[--n]);
    }
}

static void put_signed(int64_t value, struct number_format format) {
    if (value < 0) {
        put('-');
    }
    put_number(value < 0 ? 0 - (uint64_t)value : (uint64_t)value, format);
}

/* One conversion; `format` points behind its '%'. Returns what follows it. */
static const char *put_conversion(const char *format, va_list *args) {
    struct number_format f = {10, 0, ' '};
    if (*format == '0') {
        f.pad = '0';
    }
    while (*format >= '0' && *format <= '9') {
        f.width = f.width * 10 + (unsigned)(*format++ - '0');
    }
    bool is_long = false;
    while (*format == 'l') {
        is_long = true;
        format++;
    }
    switch (*format) {
    case 's':
        put_string(va_arg(*args, const char *), f.width);
        break;
    case 'c':
        put((char)va_arg(*args, int));
        break;
    case 'd':
        put_signed(is_long ? va_arg(*args, int64_t) : va_arg(*args, int), f);
        break;
    case 'p':
        put_string("0x", 0);
        f.base = 16;
        put_number((uint64_t)va_arg(*args, void *), f);
        break;
    case 'x':
        f.base = 16;
        [[fallthrough]];
    case 'u':
        put_number(is_long ? va_arg(*args, uint64_t) : va_arg(*args, unsigned), f);
        break;
    default:
        put(*format);
    }
    return format + 1;
}

void log_init(uint64_t start_tsc, uint64_t tsc_khz) {
    time_zero = start_tsc;
    ticks_per_ms = tsc_khz;
}

uint64_t log_start(void) {
    return time_zero;
}

void log_vtext(const char *format, va_list args) {
    va_list copy;
    va_copy(copy, args);
    while (*format != 0) {
        if (*format != '%') {
            put(*format++);
        } else {
            format = put_conversion(format + 1, &copy);
        }
    }
    va_end(copy);
}

void log_text(const char *format, ...) {
    va_list args;
    va_start(args, format);
    log_vtext(format, args);
    va_end(args);
}

void log_begin(void) {
    uint64_t us = ticks_per_ms == 0 ? 0 : (clock_now() - time_zero) * 1000 / ticks_per_ms;
    log_text("[%5lu.%06lu] ", us / 1000000, us % 1000000);
}

void log_end(void) {
    put('\n');
}

void log_line(const char *format, ...) {
    log_begin();
    va_list args;
    va_start(args, format);
    log_vtext(format, args);
    va_end(args);
    log_end();
}
