/* malloc and free: powers of two on free lists, filled by 64 KiB at a time; large blocks are pages of their own. */
#ifndef SKERRY_HEAP_H
#define SKERRY_HEAP_H

#include <skerry/base.h>

void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void free(void *memory);

#endif
