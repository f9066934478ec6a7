/* Formatting of integers, characters, strings and pointers; no floating point. Pure. */
#include <skerry/print.h>
#include <skerry/string.h>

/* Where the output goes; `length` counts on when the buffer is full, as the C library's functions do. */
struct sink {
    char *to;
    size_t size;
    size_t length;
};

struct conversion {
    bool left, zero;
    size_t width;
    size_t precision; /* SIZE_MAX: none given */
    unsigned longs;   /* bytes of the integer argument: 4 or 8 */
};

static void sink_put(struct sink *sink, char c) {
    if (sink->length + 1 < sink->size) {
        sink->to[sink->length] = c;
    }
    sink->length++;
}

static void sink_pad(struct sink *sink, char c, size_t used, size_t width) {
    for (; used < width; used++) {
        sink_put(sink, c);
    }
}

static void put_text(struct sink *sink, const struct conversion *how, const char *text, size_t length) {
    if (!how->left) {
        sink_pad(sink, ' ', length, how->width);
    }
    for (size_t i = 0; i < length; i++) {
        sink_put(sink, text[i]);
    }
    if (how->left) {
        sink_pad(sink, ' ', length, how->width);
    }
}

static void put_number(struct sink *sink, const struct conversion *how, uint64_t value, unsigned base, const char *sign,
                       const char *digits) {
    char reversed[24];
    size_t count = 0;
    while (value != 0) {
        reversed[count++] = digits[value % base];
        value /= base;
    }
    size_t signs = strlen(sign);
    size_t least = how->precision != SIZE_MAX ? how->precision : 1;
    if (how->precision == SIZE_MAX && how->zero && !how->left && how->width > signs) {
        least = MAX(least, how->width - signs);
    }
    size_t number = MAX(count, least);
    if (!how->left) {
        sink_pad(sink, ' ', signs + number, how->width);
    }
    for (size_t i = 0; i < signs; i++) {
        sink_put(sink, sign[i]);
    }
    sink_pad(sink, '0', count, number);
    while (count > 0) {
        sink_put(sink, reversed[--count]);
    }
    if (how->left) {
        sink_pad(sink, ' ', signs + number, how->width);
    }
}

static const char *read_count(const char *format, va_list *args, size_t *count) {
    if (*format == '*') {
        int given = va_arg(*args, int);
        *count = given < 0 ? 0 : (size_t)given;
        return format + 1;
    }
    size_t sum = 0;
    for (; *format >= '0' && *format <= '9'; format++) {
        sum = MIN(sum * 10 + (size_t)(*format - '0'), (size_t)1000);
    }
    *count = sum;
    return format;
}

static const char *read_conversion(const char *format, va_list *args, struct conversion *how) {
    *how = (struct conversion){.precision = SIZE_MAX, .longs = 4};
    for (; *format == '-' || *format == '0'; format++) {
        how->left |= *format == '-';
        how->zero |= *format == '0';
    }
    format = read_count(format, args, &how->width);
    if (*format == '.') {
        format = read_count(format + 1, args, &how->precision);
    }
    for (; *format == 'l' || *format == 'z' || *format == 'h' || *format == 'j'; format++) {
        if (*format != 'h') {
            how->longs = 8;
        }
    }
    return format;
}

static uint64_t unsigned_argument(const struct conversion *how, va_list *args) {
    return how->longs == 8 ? va_arg(*args, uint64_t) : va_arg(*args, unsigned);
}

static void put_signed(struct sink *sink, const struct conversion *how, va_list *args) {
    int64_t value = how->longs == 8 ? va_arg(*args, int64_t) : va_arg(*args, int);
    uint64_t size = value < 0 ? -(uint64_t)value : (uint64_t)value;
    put_number(sink, how, size, 10, value < 0 ? "-" : "", "0123456789");
}

static void put_string(struct sink *sink, const struct conversion *how, const char *text) {
    if (text == NULL) {
        text = "(null)";
    }
    put_text(sink, how, text, strnlen(text, how->precision));
}

static void convert(struct sink *sink, const struct conversion *how, char type, va_list *args) {
    char character;
    switch (type) {
    case 'd':
    case 'i':
        return put_signed(sink, how, args);
    case 'u':
        return put_number(sink, how, unsigned_argument(how, args), 10, "", "0123456789");
    case 'x':
        return put_number(sink, how, unsigned_argument(how, args), 16, "", "0123456789abcdef");
    case 'X':
        return put_number(sink, how, unsigned_argument(how, args), 16, "", "0123456789ABCDEF");
    case 'p':
        return put_number(sink, how, (uintptr_t)va_arg(*args, void *), 16, "0x", "0123456789abcdef");
    case 's':
        return put_string(sink, how, va_arg(*args, const char *));
    case 'c':
        character = (char)va_arg(*args, int);
        return put_text(sink, how, &character, 1);
    default:
        sink_put(sink, type);
    }
}

int print_text_args(char *to, size_t size, const char *format, va_list args) {
    struct sink sink = {.to = to, .size = size};
    va_list rest;
    va_copy(rest, args);
    while (*format != '\0') {
        char c = *format++;
        if (c != '%') {
            sink_put(&sink, c);
            continue;
        }
        struct conversion how;
        format = read_conversion(format, &rest, &how);
        if (*format != '\0') {
            convert(&sink, &how, *format++, &rest);
        }
    }
    va_end(rest);
    if (size > 0) {
        to[MIN(sink.length, size - 1)] = '\0';
    }
    return (int)sink.length;
}

int print_text(char *to, size_t size, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int length = print_text_args(to, size, format, args);
    va_end(args);
    return length;
}
