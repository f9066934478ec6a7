/* A core that is asked gives at most half of what it can spare, so a hungry neighbour never takes it all; the home keeps what
   starting a core takes. What it gives it writes down in the record, and that is how it arrives: whoever dies in between, each
   chunk is somebody's. */
#include "monitor/memory.h"

#include <abi/stubs.h>
#include <skerry/fibre.h>
#include <skerry/heap.h>
#include <skerry/log.h>
#include <skerry/slots.h>
#include <skerry/string.h>

#include "monitor/cores.h"
#include "monitor/ends.h"
#include "monitor/gifts.h"
#include "monitor/home.h"
#include "monitor/machine.h"
#include "monitor/nearest.h"
#include "monitor/shared_objects.h"
#include "monitor/spans.h"

#define KEEP_CHUNKS 1
#define KEEP_CHUNKS_HOME 4
#define ASK_CHUNKS_MAX 16
#define ARRIVED_MAX 16

/* A domain's further RAM: the first page of a block only names it, for a capability cannot be revoked but with a larger one. */
struct portion {
    struct portion *next;
    uint32_t domain;
    struct ram_block block;
    capaddr_t cap;
};

static struct portion *portions;
static struct ram_range arrived[ARRIVED_MAX];
static unsigned arrived_count;
static struct fibre_queue arrival, received;
static bool asking;
static struct fibre_queue asked;

/* Half of the chunks that can be spared. */
static uint64_t to_spare(void) {
    struct ram_totals ram;
    ram_count(&ram);
    uint64_t chunks = (ram.free - ram.pool_free) / CHUNK_SIZE;
    uint64_t keep = is_home() ? KEEP_CHUNKS_HOME : KEEP_CHUNKS;
    return chunks > keep ? (chunks - keep + 1) / 2 : 0;
}

/* As many as there are in one run. */
static err_t give(coreid_t to, uint64_t chunks, struct ram_range *run) {
    for (; chunks > 0; chunks /= 2) {
        err_t err = gifts_give_run(to, chunks * CHUNK_SIZE, run);
        if (err != ERR_NO_MEMORY) {
            return err;
        }
    }
    return ERR_NO_MEMORY;
}

err_t memory_serve(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]) {
    struct ram_range run;
    TRY(give(request->from, MIN(request->word[0], to_spare()), &run));
    reply[0] = run.size / CHUNK_SIZE;
    return ERR_OK;
}

/* What came by the record, in its order; none when somebody died who had promised some. */
static void receive(void *argument) {
    (void)argument;
    for (;;) {
        while (arrived_count == 0) {
            (void)fibre_wait(&arrival, 0);
        }
        struct ram_range range = arrived[0];
        err_t err = gifts_receive(&range);
        if (err != ERR_OK) {
            log_line("%lu KiB of RAM at 0x%lx came, and cannot be had: %s", range.size / 1024, range.base,
                     err_name(err));
        }
        memmove(arrived, arrived + 1, --arrived_count * sizeof(arrived[0]));
        fibre_wake_all(&received);
    }
}

/* The first one is being received. */
static bool prolongs_last(const struct ram_range *range) {
    const struct ram_range *last = &arrived[arrived_count - 1];
    return arrived_count > 1 && last->base + last->size == range->base;
}

void memory_arrived(const struct ram_range *range) {
    if (arrived_count > 0 && prolongs_last(range)) {
        arrived[arrived_count - 1].size += range->size;
        return;
    }
    if (arrived_count == ARRIVED_MAX) {
        log_line("%lu KiB of RAM at 0x%lx came, and are lost: too many at once", range->size / 1024, range->base);
        return;
    }
    arrived[arrived_count++] = *range;
    (void)fibre_wake(&arrival);
}

err_t memory_init(void) {
    return fibre_spawn(receive, NULL, 0);
}

/* It was ours by the record before the other core answered. */
static err_t ask_one(coreid_t id, void *argument) {
    struct peer_call call = {.to = id, .operation = PEER_RAM, .request = {*(const uint64_t *)argument}};
    TRY(peer_call(&call));
    while (arrived_count > 0) {
        (void)fibre_wait(&received, 0);
    }
    log_line("core %u gave %lu KiB of RAM", id, call.reply[0] * CHUNK_SIZE / 1024);
    return ERR_OK;
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
