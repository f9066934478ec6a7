/* Formatting (%s %c %d %i %u %x %X %p %%, the lengths l, ll, z, h, the flags 0 and -, width and precision, also as *)
   and printing to the console. Output past the buffer is cut off; the result is always NUL-terminated.
   These are the library's own and are safe wherever it is: no floating point, no state. The last three are made of these. */
#ifndef SKERRY_PRINT_H
#define SKERRY_PRINT_H

#include <stdarg.h>

#include <skerry/base.h>

/* The length that the text has, or would have. */
int print_text(char *to, size_t size, const char *format, ...) PRINTF_LIKE(3, 4);
int print_text_args(char *to, size_t size, const char *format, va_list args) PRINTF_LIKE(3, 0);

/* To the machine's console, through the serial domain on its core, through the monitors elsewhere; a line of up to
   PRINT_LINE bytes at once. */
#define PRINT_LINE 512
[[nodiscard]] err_t console_print(const char *format, ...) PRINTF_LIKE(1, 2);

int printf(const char *format, ...) PRINTF_LIKE(1, 2);
int snprintf(char *to, size_t size, const char *format, ...) PRINTF_LIKE(3, 4);
int vsnprintf(char *to, size_t size, const char *format, va_list args) PRINTF_LIKE(3, 0);

#endif
