/* The part of the C library's <string.h> that userland uses; memcpy, memmove, memset and memcmp are also what the
   compiler itself calls. */
#ifndef SKERRY_STRING_H
#define SKERRY_STRING_H

#include <skerry/base.h>

void *memcpy(void *to, const void *from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *a, const void *b, size_t size);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t limit);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t limit);
char *strchr(const char *s, int c);

/* Copies at most size - 1 bytes and always ends with NUL; returns the bytes copied. */
size_t string_copy(char *to, size_t size, const char *from);

/* Decimal, or hexadecimal after 0x; the whole string must be a number that fits. */
[[nodiscard]] bool string_to_u64(const char *s, uint64_t *value);

#endif
