/* Each block has a 16-byte head with its class; class k holds 2^k bytes, head included. A large block is pages of its own,
   and kept for the next that is not much smaller. */
#include <skerry/heap.h>
#include <skerry/held.h>
#include <skerry/string.h>
#include <skerry/vspace.h>

#define CLASS_MIN 5
#define CLASS_MAX 15
#define CLASS_PAGES 255   /* pages of its own */
#define CLASS_ALIGNED 254 /* inside another block */
#define HEAP_STEP 65536

struct head {
    union {
        struct head *next; /* while it is free */
        uint64_t size;     /* CLASS_PAGES, CLASS_ALIGNED: bytes that may be used */
    };
    uint32_t size_class;
    uint32_t shift; /* CLASS_ALIGNED: bytes from the block's start to here */
};

/* A large block while it is free. */
struct large {
    struct head head;
    struct large *next;
};

static struct head *free_blocks[CLASS_MAX + 1];
static struct large *free_large;

/* Asks for more memory once. */
static void *pages(size_t size) {
    void *memory;
    if (vspace_pages(size, &memory) == ERR_OK) {
        return memory;
    }
    return heap_grow(size) && vspace_pages(size, &memory) == ERR_OK ? memory : NULL;
}

static unsigned class_of(size_t size) {
    unsigned size_class = CLASS_MIN;
    while (((size_t)1 << size_class) < size) {
        size_class++;
    }
    return size_class;
}

static void fill_class(unsigned size_class) {
    void *memory = pages(HEAP_STEP);
    if (memory == NULL) {
        return;
    }
    for (size_t at = 0; at < HEAP_STEP; at += (size_t)1 << size_class) {
        struct head *head = (struct head *)(void *)((char *)memory + at);
        head->size_class = size_class;
        head->next = free_blocks[size_class];
        free_blocks[size_class] = head;
    }
}

/* One that is at most twice as large as wanted. */
static struct head *take_large(size_t size) {
    for (struct large **at = &free_large; *at != NULL; at = &(*at)->next) {
        struct large *large = *at;
        if (large->head.size >= size && large->head.size / 2 <= size) {
            *at = large->next;
            return &large->head;
        }
    }
    return NULL;
}

static void *pages_of_its_own(size_t size) {
    size_t whole = ALIGN_UP(size, PAGE_SIZE);
    struct head *head = take_large(size - sizeof(*head));
    if (head == NULL) {
        head = pages(whole);
        if (head == NULL) {
            return NULL;
        }
        *head = (struct head){.size_class = CLASS_PAGES, .size = whole - sizeof(*head)};
    }
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
    if (head->size_class == CLASS_ALIGNED) {
        head = (struct head *)(void *)((char *)memory - head->shift) - 1;
    }
    held_block(-1);
    if (head->size_class == CLASS_PAGES) {
        struct large *large = (struct large *)(void *)head;
        large->next = free_large;
        free_large = large;
        return;
    }
    head->next = free_blocks[head->size_class];
    free_blocks[head->size_class] = head;
}

static size_t usable(const struct head *head) {
    return head->size_class > CLASS_MAX ? head->size : ((size_t)1 << head->size_class) - sizeof(*head);
}

void *realloc(void *memory, size_t size) {
    size_t has = memory != NULL ? usable((struct head *)memory - 1) : 0;
    if (memory != NULL && size <= has && size > has / 4) {
        return memory;
    }
    void *to = malloc(size);
    if (to != NULL && memory != NULL) {
        memcpy(to, memory, MIN(has, size));
        free(memory);
    }
    return to;
}

void *aligned_alloc(size_t align, size_t size) {
    if (align <= sizeof(struct head)) {
        return malloc(size);
    }
    if (align > UINT32_MAX / 2 || size > SIZE_MAX / 2) {
        return NULL;
    }
    char *block = malloc(size + align);
    if (block == NULL) {
        return NULL;
    }
    char *at = (char *)ALIGN_UP((uintptr_t)block, align);
    if (at != block) {
        struct head *head = (struct head *)(void *)at - 1;
        *head = (struct head){.size = size, .size_class = CLASS_ALIGNED, .shift = (uint32_t)(at - block)};
    }
    return at;
}
