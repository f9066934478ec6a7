/* A list; each entry has a RAM capability of its own, which stays here, owned by the other core, while that has the memory. */
#include "monitor/gifts.h"

#include <abi/stubs.h>
#include <skerry/heap.h>
#include <skerry/log.h>
#include <skerry/slots.h>

#include "monitor/leaks.h"
#include "monitor/machine.h"
#include "monitor/survivors.h"

static struct gift *gifts;

static err_t gift_of(const struct ram_block *block, struct gift **out) {
    struct gift *gift = calloc(1, sizeof(*gift));
    if (gift == NULL) {
        return ERR_NO_MEMORY;
    }
    gift->core = this_core();
    gift->block = *block;
    err_t err = ram_retype(&gift->block, CAP_TYPE_RAM, &gift->cap);
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

err_t gift_give(struct gift *gift, coreid_t core) {
    TRY(kernel_give(CAP_KERNEL, gift->cap, core));
    ram_lose(&gift->block);
    gift->core = core;
    leaks_keep(1, 1);
    return ERR_OK;
}

static void forget(struct gift *gift) {
    struct gift **at = &gifts;
    while (*at != gift) {
        at = &(*at)->next;
    }
    *at = gift->next;
    free(gift);
}

void gift_return(struct gift *gift) {
    slot_release(gift->cap);
    ram_free(&gift->block);
    forget(gift);
}

static err_t take_back(struct gift *gift) {
    TRY(kernel_reclaim(CAP_KERNEL, gift->cap));
    slot_release(gift->cap);
    ram_regain(&gift->block);
    forget(gift);
    leaks_keep(-1, -1);
    return ERR_OK;
}

err_t gifts_take_back(coreid_t core) {
    for (struct gift *gift = gifts, *next; gift != NULL; gift = next) {
        next = gift->next;
        if (gift->core == core && survivors_in(gift->block.base, gift->block.size)) {
            gift->kept = true;
            gift->core = this_core();
        } else if (gift->core == core) {
            TRY(take_back(gift));
        }
    }
    return ERR_OK;
}

uint64_t gifts_take_back_kept(void) {
    uint64_t back = 0;
    for (struct gift *gift = gifts, *next; gift != NULL; gift = next) {
        next = gift->next;
        if (gift->kept && !survivors_in(gift->block.base, gift->block.size)) {
            uint64_t size = gift->block.size;
            err_t err = take_back(gift);
            if (err != ERR_OK) {
                log_line("what a dead core had cannot be taken back: %s", err_name(err));
            } else {
                back += size;
            }
        }
    }
    return back;
}

uint64_t gifts_of(coreid_t core) {
    uint64_t size = 0;
    for (const struct gift *gift = gifts; gift != NULL; gift = gift->next) {
        size += gift->core == core ? gift->block.size : 0;
    }
    return size;
}

/* The gift of exactly this chunk. */
static struct gift *gift_find(paddr_t chunk) {
    for (struct gift *gift = gifts; gift != NULL; gift = gift->next) {
        if (gift->block.base == chunk && gift->block.size == CHUNK_SIZE) {
            return gift;
        }
    }
    return NULL;
}

static struct ram_block part(const struct ram_block *block, uint64_t offset, uint64_t size) {
    return (struct ram_block){block->cap, block->offset + offset, block->base + offset, size};
}

err_t gifts_give_run(coreid_t core, uint64_t chunks, paddr_t *base) {
    struct ram_request request = {.size = chunks * CHUNK_SIZE, .align = CHUNK_SIZE, .without = RAM_POOL | RAM_LOW};
    struct ram_block run;
    TRY(ram_alloc(&request, &run));
    for (uint64_t at = 0; at < run.size; at += CHUNK_SIZE) {
        struct ram_block chunk = part(&run, at, CHUNK_SIZE);
        struct gift *gift = NULL;
        err_t err = gift_of(&chunk, &gift);
        if (err == ERR_OK) {
            err = gift_give(gift, core);
            if (err != ERR_OK) {
                slot_release(gift->cap);
                forget(gift);
            }
        }
        if (err != ERR_OK) {
            struct ram_block rest = part(&run, at, run.size - at);
            ram_free(&rest);
            gifts_undo(run.base, at / CHUNK_SIZE);
            return err;
        }
    }
    *base = run.base;
    return ERR_OK;
}

void gifts_undo(paddr_t base, uint64_t chunks) {
    for (uint64_t i = 0; i < chunks; i++) {
        struct gift *gift = gift_find(base + i * CHUNK_SIZE);
        if (gift != NULL && take_back(gift) != ERR_OK) {
            log_line("a chunk of RAM at 0x%lx, given to core %u, cannot be taken back", gift->block.base, gift->core);
        }
    }
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

err_t gifts_receive(paddr_t base, uint64_t chunks) {
    uint64_t fresh = 0; /* chunks before this one that were never ours */
    for (uint64_t i = 0; i < chunks; i++) {
        struct gift *gift = gift_find(base + i * CHUNK_SIZE);
        if (gift == NULL) {
            fresh++;
            continue;
        }
        TRY(fresh != 0 ? adopt(base + (i - fresh) * CHUNK_SIZE, fresh * CHUNK_SIZE) : ERR_OK);
        TRY(take_back(gift));
        fresh = 0;
    }
    return fresh != 0 ? adopt(base + (chunks - fresh) * CHUNK_SIZE, fresh * CHUNK_SIZE) : ERR_OK;
}

static bool has_all(const struct boot_pool *run, coreid_t core) {
    for (uint64_t at = 0; at < run->size; at += CHUNK_SIZE) {
        const struct gift *gift = gift_find(run->base + at);
        if (gift == NULL || gift->core != core) {
            return false;
        }
    }
    return true;
}

err_t gifts_passed(const struct boot_pool *run, coreid_t from, coreid_t to) {
    if (!has_all(run, from)) {
        return ERR_ARGUMENT;
    }
    for (uint64_t at = 0; at < run->size; at += CHUNK_SIZE) {
        struct gift *gift = gift_find(run->base + at);
        TRY(kernel_reclaim(CAP_KERNEL, gift->cap));
        TRY(kernel_give(CAP_KERNEL, gift->cap, to));
        gift->core = to;
    }
    return ERR_OK;
}
