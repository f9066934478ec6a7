/* Each block has a 16-byte head with its class; class k holds 2^k bytes, head included. */
#include <skerry/heap.h>
#include <skerry/held.h>
#include <skerry/string.h>
#include <skerry/vspace.h>

#define CLASS_MIN 5
#define CLASS_MAX 15
#define CLASS_PAGES 255 /* pages of its own; not given back */
#define HEAP_STEP 65536

struct head {
    struct head *next; /* while it is free */
    uint64_t size_class;
};

static struct head *free_blocks[CLASS_MAX + 1];

static unsigned class_of(size_t size) {
    unsigned size_class = CLASS_MIN;
    while (((size_t)1 << size_class) < size) {
        size_class++;
    }
    return size_class;
}

static void fill_class(unsigned size_class) {
    void *memory;
    if (vspace_pages(HEAP_STEP, &memory) != ERR_OK) {
        return;
    }
    for (size_t at = 0; at < HEAP_STEP; at += (size_t)1 << size_class) {
        struct head *head = (struct head *)(void *)((char *)memory + at);
        head->size_class = size_class;
        head->next = free_blocks[size_class];
        free_blocks[size_class] = head;
    }
}

static void *pages_of_its_own(size_t size) {
    void *memory;
    if (vspace_pages(size, &memory) != ERR_OK) {
        return NULL;
    }
    struct head *head = memory;
    head->size_class = CLASS_PAGES;
    held_block(1);
    return head + 1;
}

void *malloc(size_t size) {
    if (size > SIZE_MAX / 2) {
        return NULL;
    }
    size += sizeof(struct head);
    if (size > (size_t)1 << CLASS_MAX) {
        return pages_of_its_own(size);
    }
    unsigned size_class = class_of(size);
    if (free_blocks[size_class] == NULL) {
        fill_class(size_class);
    }
    struct head *head = free_blocks[size_class];
    if (head == NULL) {
        return NULL;
    }
    free_blocks[size_class] = head->next;
    held_block(1);
    return head + 1;
}

void *calloc(size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        return NULL;
    }
    void *memory = malloc(bytes);
    if (memory != NULL) {
        memset(memory, 0, bytes);
    }
    return memory;
}

void free(void *memory) {
    if (memory == NULL) {
        return;
    }
    struct head *head = (struct head *)memory - 1;
    held_block(-1);
    if (head->size_class > CLASS_MAX) {
        return;
    }
    head->next = free_blocks[head->size_class];
    free_blocks[head->size_class] = head;
}
