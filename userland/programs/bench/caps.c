/* The suite `caps`: what operations on capabilities take on a core that has few and on one that has many. The hoard is frames,
   one a page of a piece of RAM, with copies of each; all stand in the core's mapping database. One page in the middle is left
   for what is measured. The nth sample is about another page than the one before. */
#include <abi/stubs.h>
#include <skerry/ram.h>
#include <skerry/slots.h>

#include "programs/bench/bench.h"

#define PAGES_MAX 1000
#define STRIDE 389 /* prime to the number of pages */

static struct hoard {
    uint64_t pages, copies; /* capabilities: the product */
    capaddr_t ram, cnode;   /* slot of copy c of page p: p * copies + c */
    struct ram_block ram_block, cnode_block;
} hoard;

static capaddr_t spare, child; /* empty between samples */
static uint64_t turn;
static capaddr_t frame[PAGES_MAX]; /* copies in slots that this domain can name */

static uint64_t hole(void) {
    return hoard.pages / 2;
}

static capaddr_t next_frame(void) {
    turn = (turn + STRIDE) % hoard.pages;
    return frame[turn];
}

/* The pages on both sides of the hole. */
static err_t fill(void) {
    for (uint64_t page = 0; page < hoard.pages; page++) {
        uint64_t at = (page + (page >= hole())) * PAGE_SIZE;
        TRY(slot_alloc(&frame[page]));
        TRY(cap_retype(hoard.ram, CAP_TYPE_FRAME, at, PAGE_SIZE, 1, slot_word(frame[page])));
        for (uint64_t copy = 1; copy < hoard.copies; copy++) {
            TRY(cap_copy(frame[page], SLOT(hoard.cnode, page * hoard.copies + copy)));
        }
    }
    return ERR_OK;
}

static err_t object(unsigned type, uint64_t size, unsigned properties, capaddr_t *cap, struct ram_block *block) {
    struct ram_request request = {.size = size, .properties = properties};
    err_t err = ram_alloc(&request, block);
    if (err == ERR_NO_MEMORY) {
        TRY(ram_more(size + PAGE_SIZE, properties)); /* an object cannot be all of a capability */
        err = ram_alloc(&request, block);
    }
    TRY(err);
    return ram_retype(block, type, cap);
}

static err_t gather(uint64_t pages, uint64_t copies) {
    if (hoard.pages == pages) {
        return ERR_OK;
    }
    hoard.pages = pages;
    hoard.copies = copies;
    TRY(slot_alloc(&spare));
    TRY(slot_alloc(&child));
    TRY(object(CAP_TYPE_RAM, (pages + 1) * PAGE_SIZE, 0, &hoard.ram, &hoard.ram_block));
    TRY(object(CAP_TYPE_CNODE, ALIGN_UP(pages * copies, 1u << CNODE_SLOTS_BITS) / (1u << CNODE_SLOTS_BITS) * PAGE_SIZE,
               RAM_POOL, &hoard.cnode, &hoard.cnode_block));
    return fill();
}

static err_t few(struct pair *pair) {
    (void)pair;
    return gather(10, 10);
}

static err_t many(struct pair *pair) {
    (void)pair;
    return gather(PAGES_MAX, 100);
}

/* The few are gone before the many come, or both would be there. */
static err_t scatter(struct pair *pair) {
    (void)pair;
    TRY(cap_revoke(hoard.ram));
    for (uint64_t page = 0; page < hoard.pages; page++) {
        slot_free(frame[page]);
    }
    slot_release(hoard.cnode);
    slot_release(hoard.ram);
    ram_free(&hoard.cnode_block);
    ram_free(&hoard.ram_block);
    slot_free(spare);
    slot_free(child);
    hoard = (struct hoard){};
    return ERR_OK;
}

static err_t lookup(struct pair *pair, uint64_t *ticks) {
    capaddr_t cap = next_frame();
    uint64_t base, size;
    (void)pair;
    uint64_t begin = stamp_begin();
    err_t err = frame_identify(cap, &base, &size);
    *ticks = stamp_end() - begin;
    return err;
}

static err_t copy(struct pair *pair, uint64_t *ticks) {
    capaddr_t cap = next_frame();
    (void)pair;
    uint64_t begin = stamp_begin();
    err_t err = cap_copy(cap, slot_word(spare));
    *ticks = stamp_end() - begin;
    TRY(err);
    return cap_delete(spare);
}

static err_t delete(struct pair *pair, uint64_t *ticks) {
    (void)pair;
    TRY(cap_copy(next_frame(), slot_word(spare)));
    uint64_t begin = stamp_begin();
    err_t err = cap_delete(spare);
    *ticks = stamp_end() - begin;
    return err;
}

/* To RAM, so that zeroing the page does not hide the rest. */
static err_t retype(struct pair *pair, uint64_t *ticks) {
    (void)pair;
    uint64_t begin = stamp_begin();
    err_t err = cap_retype(hoard.ram, CAP_TYPE_RAM, hole() * PAGE_SIZE, PAGE_SIZE, 1, slot_word(spare));
    *ticks = stamp_end() - begin;
    TRY(err);
    return cap_delete(spare);
}

/* Of RAM that one frame has been made of. */
static err_t revoke(struct pair *pair, uint64_t *ticks) {
    (void)pair;
    TRY(cap_retype(hoard.ram, CAP_TYPE_RAM, hole() * PAGE_SIZE, PAGE_SIZE, 1, slot_word(spare)));
    TRY(cap_retype(spare, CAP_TYPE_FRAME, 0, PAGE_SIZE, 1, slot_word(child)));
    uint64_t begin = stamp_begin();
    err_t err = cap_revoke(spare);
    *ticks = stamp_end() - begin;
    TRY(err);
    return cap_delete(spare);
}

static const struct path paths[] = {
    {"overhead", NULL, suite_overhead, NULL},
    {"lookup-100", few, lookup, NULL},
    {"copy-100", few, copy, NULL},
    {"delete-100", few, delete, NULL},
    {"retype-100", few, retype, NULL},
    {"revoke-100", few, revoke, scatter},
    {"lookup-100000", many, lookup, NULL},
    {"copy-100000", many, copy, NULL},
    {"delete-100000", many, delete, NULL},
    {"retype-100000", many, retype, NULL},
    {"revoke-100000", many, revoke, scatter},
};

const struct suite suite_caps = {"caps", paths, ARRAY_SIZE(paths), NULL, NULL};
