/* malloc and its relatives: powers of two on free lists, filled by 64 KiB at a time; large blocks are pages of their own. */
#ifndef SKERRY_HEAP_H
#define SKERRY_HEAP_H

#include <skerry/base.h>

void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *memory, size_t size);
void free(void *memory);

/* `align` is a power of two. */
void *aligned_alloc(size_t align, size_t size);

/* Called when there is no memory for so many bytes; true: try again. Domains have what they were born with; ordinary C
   programs ask for more. */
bool heap_grow(size_t size);

#endif
