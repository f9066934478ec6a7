/* Thread-local storage: a copy of the program's TLS segment for each fibre and thread, below the address in the FS base.
   [ELF Handling For Thread-Local Storage, variant II]
     block | the segment's image, then zeroes, so that it ends at: | fs -> a word that holds its own address
   Programs without such a segment have none of this. With FSGSBASE the library sets the base itself; without, it writes
   the base to the save areas in the dispatcher frame, and the CPU driver loads it from there after a yield. */
#include <abi/stubs.h>
#include <skerry/heap.h>
#include <skerry/string.h>

#include "lib/cpuid.h"
#include "lib/fibre_internal.h"

/* From the link script. */
extern const char tls_image[], tls_image_end[], tls_align[];

static enum { UNKNOWN, BY_INSTRUCTION, BY_SAVE_AREA } way;

err_t tls_make(struct fibre *fibre) {
    size_t align = MAX((size_t)tls_align, sizeof(uint64_t));
    size_t size = ALIGN_UP((size_t)tls_size, align);
    /* Behind the base: the word with its address, and the address of the block, for tls_drop. */
    char *block = calloc(1, size + align + 2 * sizeof(uint64_t));
    if (block == NULL) {
        return ERR_NO_MEMORY;
    }
    char *base = (char *)ALIGN_UP((uintptr_t)block, align) + size;
    memcpy(base - size, tls_image, (size_t)(tls_image_end - tls_image));
    uint64_t *words = (uint64_t *)(void *)base;
    words[0] = (uint64_t)base;
    words[1] = (uint64_t)block;
    fibre->tls = base;
    return ERR_OK;
}

void tls_drop(struct fibre *fibre) {
    free((void *)((uint64_t *)fibre->tls)[1]);
    fibre->tls = NULL;
}

/* In any area, as the CPU driver has not loaded it yet. */
static void load_by_save_area(uint64_t base) {
    volatile struct dispatcher_frame *frame = dispatcher_frame();
    if (frame->enabled.fs_base == base) {
        return;
    }
    frame->enabled.fs_base = base;
    frame->disabled_area.fs_base = base;
    (void)sys_yield(CAP_NULL);
}

void tls_load(const struct fibre *fibre) {
    uint64_t base = (uint64_t)fibre->tls;
    if (way == UNKNOWN) {
        way = cpuid_fsgsbase() ? BY_INSTRUCTION : BY_SAVE_AREA;
    }
    if (way == BY_INSTRUCTION) {
        __asm__ volatile("wrfsbase %0" : : "r"(base));
    } else {
        load_by_save_area(base);
    }
}
