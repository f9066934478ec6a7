/* Laid out as tools/skerry/fuzz/guest_model.py has it: the CNodes' pages, then the RAM. */
#include "programs/fuzz/arena.h"

#include <abi/stubs.h>
#include <skerry/domain.h>
#include <skerry/ram.h>
#include <skerry/slots.h>

static capaddr_t memory, spare;
static struct ram_block spare_block;

static void must(const char *what, err_t err) {
    if (err != ERR_OK) {
        die("%s: %s", what, err_name(err));
    }
}

paddr_t arena_init(void) {
    struct ram_block block;
    struct ram_request one = {.size = PAGE_SIZE, .properties = RAM_POOL};
    capaddr_t frame;
    paddr_t base = 0;
    must("memory", ram_make(CAP_TYPE_RAM, (ARENA_CNODES + ARENA_PIECES * ARENA_PAGES) * PAGE_SIZE, &memory, &block));
    must("memory", ram_alloc(&one, &spare_block));
    must("slot", slot_alloc(&frame));
    must("frame", cap_retype(memory, CAP_TYPE_FRAME, 0, PAGE_SIZE, 1, slot_word(frame)));
    must("base", frame_identify(frame, &base, NULL));
    slot_release(frame);
    return base;
}

void arena_reset(void) {
    must("revoke", cap_revoke(memory));
    must("CNodes", cap_retype(memory, CAP_TYPE_CNODE, 0, PAGE_SIZE, ARENA_CNODES, SLOT(CAP_ROOT_CNODE, ARENA_ROOT)));
    must("RAM", cap_retype(memory, CAP_TYPE_RAM, ARENA_CNODES * PAGE_SIZE, ARENA_PAGES * PAGE_SIZE, ARENA_PIECES,
                           SLOT(CAPADDR_ROOT | ARENA_ROOT, 0)));
}

/* Deleting a CNode of ours comes after every end that began before. */
static void endings_finish(void) {
    must("CNode", ram_retype(&spare_block, CAP_TYPE_CNODE, &spare));
    must("delete", cap_delete(spare));
    slot_free(spare);
}

err_t arena_invoke(const struct generated *g, uint64_t result[INVOKE_RESULTS]) {
    err_t err = sys_invoke(g->cap, g->operation, g->word, result);
    bool steps = err == ERR_CONTINUE;
    while (err == ERR_CONTINUE) {
        err = sys_invoke(g->cap, g->operation, g->word, result);
    }
    bool ends = g->operation == OP_CAP_DELETE || g->operation == OP_CAP_REVOKE;
    if (steps && ends && (err == ERR_CAP_EMPTY || err == ERR_CAP_ADDRESS)) {
        endings_finish(); /* it took its own slot with it, so that going on found nothing to go on with */
        err = ERR_OK;
    }
    return err;
}
