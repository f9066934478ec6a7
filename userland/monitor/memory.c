/* A core that is asked gives at most half of what it can spare, so a hungry neighbour never takes it all; core 0 is the last
   to be asked by those that are not near it, and keeps what starting a core takes.
   Who passes a chunk on tells core 0 before the one who gets it: so, whoever is stopped in between, its memory is found. */
#include "monitor/memory.h"

#include <abi/stubs.h>
#include <skerry/fibre.h>
#include <skerry/heap.h>
#include <skerry/log.h>
#include <skerry/slots.h>

#include "monitor/cores.h"
#include "monitor/ends.h"
#include "monitor/gifts.h"
#include "monitor/machine.h"
#include "monitor/nearest.h"
#include "monitor/shared_objects.h"
#include "monitor/spans.h"

#define HOME 0 /* the core that keeps the record of all RAM */
#define KEEP_CHUNKS 1
#define KEEP_CHUNKS_HOME 4
#define ASK_CHUNKS_MAX 16

/* A domain's further RAM: the first page of a block only names it, for a capability cannot be revoked but with a larger one. */
struct portion {
    struct portion *next;
    uint32_t domain;
    struct ram_block block;
    capaddr_t cap;
};

static struct portion *portions;
static bool asking;
static struct fibre_queue asked;

/* Half of the chunks that can be spared. */
static uint64_t to_spare(void) {
    struct ram_totals ram;
    ram_count(&ram);
    uint64_t chunks = (ram.free - ram.pool_free) / CHUNK_SIZE;
    uint64_t keep = this_core() == HOME ? KEEP_CHUNKS_HOME : KEEP_CHUNKS;
    return chunks > keep ? (chunks - keep + 1) / 2 : 0;
}

/* As many as there are in one run. */
static err_t give(coreid_t to, uint64_t *chunks, paddr_t *base) {
    for (; *chunks > 0; *chunks /= 2) {
        err_t err = gifts_give_run(to, *chunks, base);
        if (err != ERR_NO_MEMORY) {
            return err;
        }
    }
    return ERR_NO_MEMORY;
}

err_t memory_serve(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]) {
    uint64_t chunks = MIN(request->word[0], to_spare());
    paddr_t base;
    TRY(give(request->from, &chunks, &base));
    if (this_core() != HOME) {
        struct peer_call tell = {.to = HOME, .operation = PEER_RAM_PASSED, .request = {base, chunks, request->from}};
        err_t err = peer_call(&tell);
        if (err != ERR_OK) {
            if (err != ERR_TIMEOUT) { /* else it may have been written down */
                gifts_undo(base, chunks);
            }
            return err;
        }
    }
    reply[0] = base;
    reply[1] = chunks;
    return ERR_OK;
}

err_t memory_serve_passed(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]) {
    (void)reply;
    uint64_t chunks = request->word[1], to = request->word[2];
    struct boot_pool run = {.base = request->word[0], .size = chunks * CHUNK_SIZE};
    if (chunks == 0 || chunks > ASK_CHUNKS_MAX || to >= core_count() || to == this_core()) {
        return ERR_ARGUMENT;
    }
    if (core_get((coreid_t)to)->state == MONITOR_CORE_STOPPED) {
        return ERR_PEER_DEAD;
    }
    return gifts_passed(&run, request->from, (coreid_t)to);
}

static err_t ask_one(coreid_t id, void *argument) {
    uint64_t chunks = *(const uint64_t *)argument;
    struct peer_call call = {.to = id, .operation = PEER_RAM, .request = {chunks}};
    TRY(peer_call(&call));
    paddr_t base = call.reply[0];
    uint64_t given = call.reply[1];
    if (given == 0 || given > chunks || base % CHUNK_SIZE != 0) {
        return ERR_FORMAT;
    }
    log_line("core %u gave %lu KiB of RAM", id, given * CHUNK_SIZE / 1024);
    return gifts_receive(base, given);
}

/* At least so many bytes, more where this core is large already. One asks at a time: the others may be satisfied by then. */
static err_t ask(uint64_t bytes) {
    struct ram_totals ram;
    if (asking) {
        while (asking) {
            (void)fibre_wait(&asked, 0);
        }
        return ERR_OK;
    }
    ram_count(&ram);
    uint64_t chunks = MAX((bytes + CHUNK_SIZE - 1) / CHUNK_SIZE, ram.total / CHUNK_SIZE / 4);
    asking = true;
    chunks = MIN(MAX(chunks, 1ul), (uint64_t)ASK_CHUNKS_MAX);
    err_t err = neighbours_try(ask_one, &chunks);
    asking = false;
    fibre_wake_all(&asked);
    return err == ERR_OK ? ERR_OK : ERR_NO_MEMORY;
}

static err_t grow_pool(uint64_t bytes) {
    err_t err = machine_grow_pool(bytes);
    if (err == ERR_NO_MEMORY) {
        TRY(ask(bytes));
        err = machine_grow_pool(bytes);
    }
    return err;
}

err_t memory_alloc(const struct ram_request *request, struct ram_block *block) {
    err_t err = ram_alloc(request, block);
    for (unsigned attempt = 0; err == ERR_NO_MEMORY && attempt < 3; attempt++) {
        TRY((request->properties & RAM_POOL) != 0 ? grow_pool(request->size) : ask(request->size));
        err = ram_alloc(request, block);
    }
    return err;
}

static uint64_t bytes_of(uint32_t domain) {
    uint64_t bytes = 0;
    for (const struct portion *at = portions; at != NULL; at = at->next) {
        bytes += at->domain == domain ? at->block.size : 0;
    }
    return bytes;
}

static err_t cut(struct portion *portion, capaddr_t *cap) {
    capaddr_t slot;
    TRY(ram_retype(&portion->block, CAP_TYPE_RAM, &portion->cap));
    err_t err = slot_alloc(&slot);
    if (err == ERR_OK) {
        uint64_t size = portion->block.size - PAGE_SIZE;
        err = cap_retype(portion->cap, CAP_TYPE_RAM, PAGE_SIZE, size, 1, slot_word(slot));
        if (err != ERR_OK) {
            slot_free(slot);
        }
    }
    if (err != ERR_OK) {
        slot_release(portion->cap);
        return err;
    }
    *cap = slot;
    return ERR_OK;
}

err_t memory_for_domain(const struct memory_wish *wish, capaddr_t *cap) {
    uint64_t size = ALIGN_UP(wish->bytes, PAGE_SIZE) + PAGE_SIZE;
    if (wish->bytes == 0 || wish->bytes > MEMORY_DOMAIN_MAX) {
        return ERR_ARGUMENT;
    }
    if (bytes_of(wish->domain) + size > MEMORY_DOMAIN_MAX) {
        return ERR_NO_MEMORY;
    }
    struct portion *portion = calloc(1, sizeof(*portion));
    if (portion == NULL) {
        return ERR_NO_MEMORY;
    }
    struct ram_request request = {.size = size, .properties = wish->pool ? RAM_POOL : 0};
    portion->domain = wish->domain;
    err_t err = memory_alloc(&request, &portion->block);
    if (err == ERR_OK) {
        err = cut(portion, cap);
        if (err != ERR_OK) {
            ram_free(&portion->block);
        }
    }
    if (err != ERR_OK) {
        free(portion);
        return err;
    }
    portion->next = portions;
    portions = portion;
    return ERR_OK;
}

void memory_end_domain(uint32_t domain) {
    for (struct portion **at = &portions, *portion; (portion = *at) != NULL;) {
        if (portion->domain != domain) {
            at = &portion->next;
            continue;
        }
        err_t err = kernel_revoke(CAP_KERNEL, portion->cap);
        if (err == ERR_OK && (ends_lending(domain) || spans_lending(domain) || shared_lending(domain))) {
            at = &portion->next; /* again when that is back */
            continue;
        }
        if (err != ERR_OK) {
            log_line("%lu KiB of an ended domain's stay in use: %s", portion->block.size / 1024, err_name(err));
            at = &portion->next;
            continue;
        }
        slot_release(portion->cap);
        ram_free(&portion->block);
        *at = portion->next;
        free(portion);
    }
}
