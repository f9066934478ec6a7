/* A list; each entry has a RAM capability of its own, which stays here, owned by another core, while that has the memory. */
#include "monitor/gifts.h"

#include <abi/stubs.h>
#include <skerry/heap.h>
#include <skerry/log.h>
#include <skerry/slots.h>
#include <skerry/sync.h>

#include "monitor/leaks.h"
#include "monitor/machine.h"
#include "monitor/ownership.h"
#include "monitor/survivors.h"

static struct gift *gifts;

const struct gift *gifts_next(const struct gift *gift) {
    return gift == NULL ? gifts : gift->next;
}

static err_t gift_of(const struct ram_block *block, struct gift **out) {
    struct gift *gift = calloc(1, sizeof(*gift));
    if (gift == NULL) {
        return ERR_NO_MEMORY;
    }
    gift->block = *block;
    err_t err = ram_retype(&gift->block, CAP_TYPE_RAM, &gift->cap);
    if (err == ERR_RETYPE_RANGE) {
        gift->cap = block->cap;
        gift->whole = true;
        err = ERR_OK;
    }
    if (err != ERR_OK) {
        free(gift);
        return err;
    }
    gift->next = gifts;
    gifts = gift;
    *out = gift;
    return ERR_OK;
}

err_t gift_take(uint64_t size, struct gift **gift) {
    struct ram_request request = {.size = size, .align = CHUNK_SIZE, .properties = RAM_BELOW4G, .without = RAM_POOL};
    struct ram_block block;
    TRY(ram_alloc(&request, &block));
    err_t err = gift_of(&block, gift);
    if (err != ERR_OK) {
        ram_free(&block);
    }
    return err;
}

static err_t give(struct gift *gift, coreid_t core) {
    TRY(kernel_give(CAP_KERNEL, gift->cap, core));
    ram_lose(&gift->block);
    leaks_keep(gift->whole ? 0 : 1, 1);
    return ERR_OK;
}

static void forget(struct gift *gift) {
    struct gift **at = &gifts;
    if (!gift->whole) {
        slot_release(gift->cap);
    }
    while (*at != gift) {
        at = &(*at)->next;
    }
    *at = gift->next;
    free(gift);
}

void gift_return(struct gift *gift) {
    struct ram_block block = gift->block;
    forget(gift);
    ram_free(&block);
}

static err_t take_back(struct gift *gift) {
    TRY(kernel_reclaim(CAP_KERNEL, gift->cap));
    struct ram_block block = gift->block;
    leaks_keep(gift->whole ? 0 : -1, -1);
    forget(gift);
    ram_regain(&block);
    return ERR_OK;
}

err_t gift_give(struct gift *gift, coreid_t core) {
    struct ram_range range = {gift->block.base, gift->block.size};
    TRY(give(gift, core));
    err_t err = ownership_give(&range, core);
    if (err != ERR_OK && take_back(gift) != ERR_OK) {
        log_line("RAM at 0x%lx, which was to be core %u's, is lost", range.base, core);
    }
    return err;
}

/* The gift that begins with this chunk. */
static struct gift *gift_find(paddr_t chunk) {
    for (struct gift *gift = gifts; gift != NULL; gift = gift->next) {
        if (gift->block.base == chunk) {
            return gift;
        }
    }
    return NULL;
}

static struct ram_block part(const struct ram_block *block, uint64_t offset, uint64_t size) {
    return (struct ram_block){block->cap, block->offset + offset, block->base + offset, size};
}

/* Undoes a run's gifts up to this address. */
static void undo(const struct ram_range *run, paddr_t end) {
    for (paddr_t at = run->base; at < end; at += CHUNK_SIZE) {
        struct gift *gift = gift_find(at);
        if (gift != NULL && take_back(gift) != ERR_OK) {
            log_line("a chunk of RAM at 0x%lx, which was given away, cannot be taken back", at);
        }
    }
}

static err_t give_chunk(const struct ram_block *chunk, coreid_t core) {
    struct gift *gift;
    TRY(gift_of(chunk, &gift));
    err_t err = give(gift, core);
    if (err != ERR_OK) {
        forget(gift);
    }
    return err;
}

err_t gifts_give_run(coreid_t core, uint64_t size, struct ram_range *given) {
    struct ram_request request = {.size = size, .align = CHUNK_SIZE, .without = RAM_POOL | RAM_LOW};
    struct ram_block run;
    TRY(ram_alloc(&request, &run));
    struct ram_range range = {run.base, run.size};
    for (uint64_t at = 0; at < run.size; at += CHUNK_SIZE) {
        struct ram_block chunk = part(&run, at, CHUNK_SIZE);
        err_t err = give_chunk(&chunk, core);
        if (err != ERR_OK) {
            struct ram_block rest = part(&run, at, run.size - at);
            ram_free(&rest);
            undo(&range, run.base + at);
            return err;
        }
    }
    err_t err = ownership_give(&range, core);
    if (err != ERR_OK) {
        undo(&range, range.base + range.size);
        return err;
    }
    *given = range;
    return ERR_OK;
}

static err_t adopt(paddr_t base, uint64_t size) {
    capaddr_t slot;
    TRY(slot_alloc(&slot));
    err_t err = kernel_adopt(CAP_KERNEL, base, size, slot_word(slot));
    if (err != ERR_OK) {
        slot_free(slot);
        return err;
    }
    machine_add_ram(slot, base, size);
    leaks_keep(1, 0);
    return ERR_OK;
}

err_t gifts_receive(const struct ram_range *range) {
    paddr_t end = range->base + range->size, fresh = range->base; /* never ours from there on */
    for (paddr_t at = range->base; at < end;) {
        struct gift *gift = gift_find(at);
        if (gift == NULL) {
            at += CHUNK_SIZE;
            continue;
        }
        if (gift->block.size > end - at) {
            return ERR_ARGUMENT;
        }
        TRY(fresh < at ? adopt(fresh, at - fresh) : ERR_OK);
        at = fresh = at + gift->block.size;
        TRY(take_back(gift));
    }
    return fresh < end ? adopt(fresh, end - fresh) : ERR_OK;
}

/* The record first: whoever is home next begins where this one ends. */
static err_t inherit(const struct ram_range *range) {
    TRY(ownership_give(range, this_core()));
    return gifts_receive(range);
}

/* A gift that is larger than a chunk comes back whole. */
static struct ram_range unit_at(paddr_t at) {
    const struct gift *gift = gift_find(at);
    return (struct ram_range){at, gift != NULL ? gift->block.size : CHUNK_SIZE};
}

static bool is_held(paddr_t at) {
    struct ram_range unit = unit_at(at);
    return survivors_in(unit.base, unit.size);
}

/* The part from its beginning on that others hold, or do not: all of one kind. */
static struct ram_range part_of_a_kind(const struct ram_range *run, bool *held) {
    struct ram_range part = {run->base, 0};
    *held = is_held(run->base);
    while (part.size < run->size && is_held(part.base + part.size) == *held) {
        part.size += unit_at(part.base + part.size).size;
    }
    return part;
}

err_t gifts_take_back(coreid_t core) {
    struct ram_range run;
    while (ownership_next(core, 0, &run)) {
        bool held;
        struct ram_range part = part_of_a_kind(&run, &held);
        err_t err = held ? ownership_give(&part, OWNER_KEPT) : inherit(&part);
        if (err != ERR_OK) {
            log_line("%lu KiB at 0x%lx of core %u's cannot be taken over: %s", part.size / 1024, part.base, core,
                     err_name(err));
            return err;
        }
    }
    return ERR_OK;
}

uint64_t gifts_take_back_kept(void) {
    static struct mutex lock;
    struct ram_range run = {0}, part;
    uint64_t back = 0;
    mutex_lock(&lock);
    for (paddr_t at = 0; ownership_next(OWNER_KEPT, at, &run); at = part.base + part.size) {
        bool held;
        part = part_of_a_kind(&run, &held);
        err_t err = held ? ERR_OK : inherit(&part);
        if (err != ERR_OK) {
            log_line("what a dead core had cannot be taken back: %s", err_name(err));
        } else if (!held) {
            back += part.size;
        }
    }
    mutex_unlock(&lock);
    return back;
}

void gifts_take_back_run(const struct ram_range *run) {
    err_t err = inherit(run);
    if (err != ERR_OK) {
        log_line("%lu KiB at 0x%lx stay with a core that was not started: %s", run->size / 1024, run->base,
                 err_name(err));
    }
}
