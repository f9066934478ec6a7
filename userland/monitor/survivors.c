/* See survivors.h. */
#include "monitor/survivors.h"

#include <skerry/heap.h>
#include <skerry/log.h>

#include "monitor/gifts.h"
#include "monitor/home.h"
#include "monitor/machine.h"

struct survivor {
    struct survivor *next;
    struct memory memory;
    bool said; /* since it was asked for last */
};

static struct survivor *survivors;
static bool heard_all; /* every holder has spoken since this is the home */

bool survivors_in(paddr_t base, uint64_t size) {
    const struct survivor *at = survivors;
    while (at != NULL && (at->memory.base >= base + size || base >= at->memory.base + at->memory.size)) {
        at = at->next;
    }
    return at != NULL;
}

static err_t keep(const struct memory *memory) {
    struct survivor *survivor = survivors;
    while (survivor != NULL && survivor->memory.base != memory->base) {
        survivor = survivor->next;
    }
    if (survivor == NULL) {
        survivor = calloc(1, sizeof(*survivor));
        if (survivor == NULL) {
            return ERR_NO_MEMORY;
        }
        *survivor = (struct survivor){.next = survivors, .memory = *memory};
        survivors = survivor;
    }
    survivor->said = true;
    return ERR_OK;
}

static void take_back(void) {
    if (!heard_all && !machine_booted_here()) {
        return;
    }
    uint64_t back = gifts_take_back_kept();
    if (back != 0) {
        log_line("%lu KiB of a dead core are held no more", back / 1024);
    }
}

static void drop_unsaid(void) {
    for (struct survivor **at = &survivors, *survivor; (survivor = *at) != NULL;) {
        if (survivor->said) {
            at = &survivor->next;
        } else {
            *at = survivor->next;
            free(survivor);
        }
    }
    take_back();
}

static void let_go(const struct memory *memory) {
    for (struct survivor **at = &survivors, *survivor; (survivor = *at) != NULL; at = &survivor->next) {
        if (survivor->memory.base == memory->base) {
            *at = survivor->next;
            free(survivor);
            break;
        }
    }
    take_back();
}

void survivors_ask(void) {
    for (struct survivor *survivor = survivors; survivor != NULL; survivor = survivor->next) {
        survivor->said = false;
    }
}

void survivors_asked(void) {
    heard_all = true;
    drop_unsaid();
}

static err_t tell(const struct memory *memory, bool stays) {
    struct peer_call call = {.to = home(), .operation = PEER_SURVIVES, .request = {memory->base, memory->size, stays}};
    return peer_call(&call);
}

void survivor_stays(const struct memory *memory) {
    err_t err = is_home() ? keep(memory) : tell(memory, true);
    if (err != ERR_OK) {
        log_line("core %u does not know that 0x%lx is in use: %s", home(), memory->base, err_name(err));
    }
}

void survivor_gone(const struct memory *memory) {
    if (is_home()) {
        let_go(memory);
        return;
    }
    err_t err = tell(memory, false);
    if (err != ERR_OK) {
        log_line("core %u does not know that 0x%lx is free: %s", home(), memory->base, err_name(err));
    }
}

err_t survivors_serve(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]) {
    struct memory memory = {request->word[0], request->word[1]};
    (void)reply;
    if (!is_home()) {
        return ERR_UNSUPPORTED;
    }
    if (request->word[2] != 0) {
        return keep(&memory);
    }
    let_go(&memory);
    return ERR_OK;
}
