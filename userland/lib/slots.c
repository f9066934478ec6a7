/* One bitmap word for each CNode behind the root; a set bit is a free slot. When all are full another CNode is made
   from pool RAM, which needs no slot but one of the root; when the root is full, a root of twice the size. */
#include <skerry/held.h>
#include <skerry/ram.h>
#include <skerry/slots.h>

#include "lib/fibre_internal.h"

#define CNODE_SLOTS (1u << CNODE_SLOTS_BITS)
#define ROOT_SLOTS_MAX 1024

static uint64_t free_slots[ROOT_SLOTS_MAX];
static unsigned root_slots = CNODE_SLOTS;
static unsigned cnodes; /* root slots below this one are in use */
static unsigned first;  /* no CNode before this one has a free slot */

void slots_init(void) {
    free_slots[ROOT_SLOT_TASK] = ~0ull << CAP_FREE;
    cnodes = ROOT_SLOT_FREE;
    first = 0;
}

/* A CNode of `pages` pages in `slot`. */
static err_t cnode_make(uint64_t pages, uint64_t slot) {
    struct ram_request request = {.size = pages * PAGE_SIZE, .properties = RAM_POOL};
    struct ram_block block;
    TRY(ram_alloc(&request, &block));
    err_t err = cap_retype(block.cap, CAP_TYPE_CNODE, block.offset, pages * PAGE_SIZE, 1, slot);
    if (err != ERR_OK) {
        ram_free(&block);
        return err;
    }
    held_for_good(0, (int64_t)block.size);
    held_cnode(1);
    return ERR_OK;
}

/* Both roots name the same CNodes until the dispatcher has changed over, so no address fails on the way. The last root
   slot is kept free for the new root. */
static err_t root_grow(void) {
    if (root_slots == ROOT_SLOTS_MAX) {
        return ERR_NO_MEMORY;
    }
    capaddr_t root = CAPADDR_ROOT | (root_slots - 1);
    TRY(cnode_make(2 * root_slots / CNODE_SLOTS, SLOT(CAP_ROOT_CNODE, root_slots - 1)));
    err_t err = ERR_OK;
    for (unsigned i = 0; i < cnodes && err == ERR_OK; i++) {
        err = cap_copy(CAPADDR_ROOT | i, SLOT(root, i));
    }
    if (err == ERR_OK) {
        err = cap_copy(root, SLOT(root, 2 * root_slots - 1));
    }
    if (err == ERR_OK) {
        err = dispatcher_cspace(CAP_DISPATCHER, root);
    }
    if (err != ERR_OK) {
        (void)cap_delete(root);
        return err;
    }
    (void)cap_delete(CAP_ROOT_CNODE); /* the old root's last: it ends, and its memory is not used again */
    root_slots *= 2;
    held_cnode(-1);
    return cap_move(CAPADDR_ROOT | (root_slots - 1), SLOT(CAP_TASK_CNODE, CAP_ROOT_CNODE));
}

static err_t cnode_add(void) {
    if (cnodes == root_slots - 1) {
        TRY(root_grow());
    }
    TRY(cnode_make(1, SLOT(CAP_ROOT_CNODE, cnodes)));
    free_slots[cnodes++] = ~0ull;
    return ERR_OK;
}

err_t slot_alloc(capaddr_t *slot) {
    ALLOCATING(slot);
    while (first < cnodes && free_slots[first] == 0) {
        first++;
    }
    if (first == cnodes) {
        TRY(cnode_add());
    }
    unsigned index = (unsigned)__builtin_ctzll(free_slots[first]);
    free_slots[first] &= free_slots[first] - 1;
    *slot = first * CNODE_SLOTS + index;
    held_slots(1);
    return ERR_OK;
}

static err_t into_slot(err_t err, capaddr_t slot, capaddr_t *copy) {
    if (err != ERR_OK) {
        slot_free(slot);
    } else {
        *copy = slot;
    }
    return err;
}

err_t slot_copy(capaddr_t cap, capaddr_t *copy) {
    capaddr_t slot;
    TRY(slot_alloc(&slot));
    return into_slot(cap_copy(cap, slot_word(slot)), slot, copy);
}

err_t slot_mint(capaddr_t cap, uint64_t rights, uint64_t badge, capaddr_t *copy) {
    capaddr_t slot;
    TRY(slot_alloc(&slot));
    return into_slot(cap_mint(cap, slot_word(slot), rights, badge), slot, copy);
}

void slot_free(capaddr_t slot) {
    ALLOCATING_QUIETLY();
    unsigned cnode = slot / CNODE_SLOTS;
    free_slots[cnode] |= 1ull << slot % CNODE_SLOTS;
    first = MIN(first, cnode);
    held_slots(-1);
}

void slot_release(capaddr_t slot) {
    ALLOCATING_QUIETLY();
    err_t err = cap_delete(slot);
    if (err == ERR_OK || err == ERR_CAP_EMPTY) {
        slot_free(slot);
    }
}
