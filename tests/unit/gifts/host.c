/* userland/monitor/gifts.c and neighbours.c on the host, with the record of who owns which memory (land.c), over a model of a CPU
   driver that has chunks, each with an owner, and an allocator that hands them out. The first half of the chunks is this core's to
   begin with, the rest core 0's. Standard input has an order a line: `give CORE N`, `fail CORE N` (the others do not agree),
   `receive CHUNK N`, `passed CHUNK N TO`, `back CORE`, `of CORE`, `hold CHUNK 0|1` (others have some of it), `kept`, each answered
   by the error and a result, then the owner of each chunk for the CPU driver (`.`: never known here, `f`: ours and free), then by
   the record; `near SELF APIC...` by the order. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "monitor/gifts.h"
#include "monitor/leaks.h"
#include "monitor/machine.h"
#include "monitor/neighbours.h"
#include "monitor/ownership.h"
#include "monitor/survivors.h"

#include <skerry/land.h>
#include <skerry/log.h>
#include <skerry/slots.h>
#include <skerry/sync.h>

#define SELF 1
#define CHUNKS 32
#define OWN 16
#define BASE (1024 * CHUNK_SIZE)
#define SLOTS 4096
#define MODEL(holds)                                                                                                   \
    do {                                                                                                               \
        if (!(holds)) {                                                                                                \
            (void)fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #holds);                                          \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

enum { NEVER = -1 };

static int owner[CHUNKS]; /* as this core's CPU driver sees it */
static bool in_use[CHUNKS];
static long allotted; /* bytes behind this monitor's capabilities */
static struct {
    uint64_t base, size;
} slot[SLOTS];
static capaddr_t slots_used;

static bool held[CHUNKS];

/* No leak check here. */
void leaks_keep(int64_t slots, int64_t blocks) {
    (void)slots, (void)blocks;
}

/* Where this_core() looks. */
static void boot_data_map(void) {
    struct boot_data *boot = mmap((void *)USER_BOOT_DATA_VADDR, PAGE_SIZE, PROT_READ | PROT_WRITE,
                                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    MODEL(boot == (struct boot_data *)USER_BOOT_DATA_VADDR);
    boot->core = SELF;
}

static struct land land;
static bool refuses; /* the others do not agree */

static void write_down(const struct ram_range *range, unsigned owner_now) {
    struct land_run run = {.first = range->base / CHUNK_SIZE, .count = range->size / CHUNK_SIZE, .owner = owner_now};
    land_set(&land, &run);
}

err_t ownership_give(const struct ram_range *range, unsigned owner_now) {
    if (refuses) {
        return ERR_TIMEOUT;
    }
    write_down(range, owner_now);
    return ERR_OK;
}

bool ownership_next(unsigned of, paddr_t from, struct ram_range *range) {
    struct land_run run;
    bool any = land_next(&land, of, from / CHUNK_SIZE, &run);
    *range = (struct ram_range){any ? run.first * CHUNK_SIZE : 0, any ? run.count * CHUNK_SIZE : 0};
    return any;
}

static unsigned chunk_of(paddr_t base) {
    MODEL(base >= BASE && base < BASE + CHUNKS * CHUNK_SIZE && base % CHUNK_SIZE == 0);
    return (unsigned)((base - BASE) / CHUNK_SIZE);
}

bool survivors_in(paddr_t base, uint64_t size) {
    MODEL(size == CHUNK_SIZE);
    return held[chunk_of(base)];
}

err_t slot_alloc(capaddr_t *out) {
    for (capaddr_t i = 1; i < SLOTS; i++) {
        if (slot[i].size == 0) {
            slot[i].size = 1;
            slots_used++;
            *out = i;
            return ERR_OK;
        }
    }
    return ERR_NO_MEMORY;
}

void slot_free(capaddr_t at) {
    slot[at].size = 0;
    slots_used--;
}

void slot_release(capaddr_t at) {
    MODEL(slot[at].size > 1);
    slot_free(at);
}

err_t ram_alloc(const struct ram_request *request, struct ram_block *block) {
    unsigned count = (unsigned)(request->size / CHUNK_SIZE);
    for (unsigned first = 0; first + count <= CHUNKS; first++) {
        unsigned i = 0;
        while (i < count && owner[first + i] == SELF && !in_use[first + i]) {
            i++;
        }
        if (i == count) {
            memset(&in_use[first], 1, count);
            *block = (struct ram_block){1, first * CHUNK_SIZE, BASE + first * CHUNK_SIZE, request->size};
            return ERR_OK;
        }
    }
    return ERR_NO_MEMORY;
}

void ram_free(const struct ram_block *block) {
    for (unsigned i = 0; i < block->size / CHUNK_SIZE; i++) {
        unsigned at = chunk_of(block->base) + i;
        MODEL(in_use[at] && owner[at] == SELF);
        in_use[at] = false;
    }
}

void ram_lose(const struct ram_block *block) {
    allotted -= (long)block->size;
}

void ram_regain(const struct ram_block *block) {
    allotted += (long)block->size;
    ram_free(block);
}

err_t ram_retype(const struct ram_block *block, unsigned type, capaddr_t *cap) {
    MODEL(type == CAP_TYPE_RAM && in_use[chunk_of(block->base)]);
    err_t err = slot_alloc(cap);
    if (err == ERR_OK) {
        slot[*cap].base = block->base;
        slot[*cap].size = block->size;
    }
    return err;
}

static unsigned chunk_in(capaddr_t cap) {
    MODEL(slot[cap].size == CHUNK_SIZE);
    return chunk_of(slot[cap].base);
}

/* There is one fibre here. */
void mutex_lock(struct mutex *mutex) {
    (void)mutex;
}

void mutex_unlock(struct mutex *mutex) {
    (void)mutex;
}

/* One core has nobody to copy from. */
void copy_init(struct copy *copy, struct agree *agree, unsigned client) {
    (void)copy, (void)agree, (void)client;
    abort();
}

void copy_send(const struct copy *copy, unsigned to, const uint64_t part[AGREE_WORDS]) {
    (void)copy, (void)to, (void)part;
    abort();
}

bool copy_note(struct copy *copy, unsigned from, const uint64_t op[AGREE_WORDS], copy_sender send) {
    (void)copy, (void)from, (void)op, (void)send;
    abort();
}

void copy_viewed(struct copy *copy, const struct agree_set *dead, copy_sender send) {
    (void)copy, (void)dead, (void)send;
    abort();
}

void agree_seen(struct agree *agree, uint64_t stamp) {
    (void)agree, (void)stamp;
    abort();
}

err_t kernel_give(capaddr_t self, capaddr_t cap, uint64_t core) {
    MODEL(self == CAP_KERNEL);
    MODEL(owner[chunk_in(cap)] == SELF && core != SELF);
    owner[chunk_in(cap)] = (int)core;
    return ERR_OK;
}

err_t kernel_reclaim(capaddr_t self, capaddr_t cap) {
    MODEL(self == CAP_KERNEL);
    MODEL(owner[chunk_in(cap)] != SELF);
    owner[chunk_in(cap)] = SELF;
    return ERR_OK;
}

err_t kernel_adopt(capaddr_t self, paddr_t base, uint64_t size, uint64_t dst) {
    MODEL(self == CAP_KERNEL && dst != 0);
    for (unsigned i = 0; i < size / CHUNK_SIZE; i++) {
        MODEL(owner[chunk_of(base) + i] == NEVER);
        owner[chunk_of(base) + i] = SELF;
    }
    return ERR_OK;
}

void machine_add_ram(capaddr_t cap, paddr_t base, uint64_t size) {
    slot[cap].base = base;
    slot[cap].size = size;
    allotted += (long)size;
}

void log_line(const char *format, ...) {
    (void)format;
    abort(); /* nothing here goes wrong that would be logged */
}

static err_t obey(const char *what, const uint64_t w[4], uint64_t *result) {
    paddr_t base = BASE + w[0] * CHUNK_SIZE;
    struct ram_range run = {base, w[1] * CHUNK_SIZE};
    refuses = strcmp(what, "fail") == 0;
    if (strcmp(what, "give") == 0 || refuses) {
        err_t err = gifts_give_run((coreid_t)w[0], w[1] * CHUNK_SIZE, &run);
        *result = err == ERR_OK ? chunk_of(run.base) : 0;
        return err;
    }
    if (strcmp(what, "receive") == 0) {
        write_down(&run, SELF);
        return gifts_receive(&run);
    }
    if (strcmp(what, "passed") == 0) {
        write_down(&run, (unsigned)w[2]);
    } else if (strcmp(what, "back") == 0) {
        return gifts_take_back((coreid_t)w[0]);
    } else if (strcmp(what, "hold") == 0) {
        held[w[0]] = w[1] != 0;
    } else if (strcmp(what, "kept") == 0) {
        *result = gifts_take_back_kept() / CHUNK_SIZE;
    } else if (strcmp(what, "of") == 0) {
        *result = land_count(&land, (unsigned)w[0]);
    }
    return ERR_OK;
}

static void near(const uint64_t *w, int count) {
    struct neighbour self = {(coreid_t)w[0], (uint32_t)w[0]}, others[8];
    for (int i = 1; i < count; i++) {
        others[i - 1] = (struct neighbour){(coreid_t)w[i], (uint32_t)w[i]};
    }
    neighbours_sort(&self, others, (unsigned)count - 1);
    for (int i = 1; i < count; i++) {
        (void)printf("%u ", others[i - 1].id);
    }
    (void)printf("\n");
}

static void print_state(err_t err, uint64_t result) {
    long owned = 0;
    (void)printf("%u %lu", err, result);
    for (unsigned i = 0; i < CHUNKS; i++) {
        owned += owner[i] == SELF;
        if (owner[i] == NEVER) {
            (void)printf(" .");
        } else if (owner[i] == SELF && !in_use[i]) {
            (void)printf(" f");
        } else {
            (void)printf(" %d", owner[i]);
        }
    }
    for (unsigned i = 0; i < CHUNKS; i++) {
        (void)printf(" %u", land_owner(&land, BASE / CHUNK_SIZE + i));
    }
    (void)printf("\n");
    MODEL(allotted == owned * (long)CHUNK_SIZE);
}

int main(void) {
    char line[128], what[16];
    boot_data_map();
    for (unsigned i = 0; i < CHUNKS; i++) {
        owner[i] = i < OWN ? SELF : NEVER;
    }
    allotted = OWN * (long)CHUNK_SIZE;
    struct ram_range ours = {BASE, OWN * CHUNK_SIZE}, rest = {BASE + OWN * CHUNK_SIZE, (CHUNKS - OWN) * CHUNK_SIZE};
    write_down(&ours, SELF);
    write_down(&rest, 0);
    while (fgets(line, sizeof(line), stdin) != NULL) {
        uint64_t w[8] = {0}, result = 0;
        int count = sscanf(line, "%15s %lu %lu %lu %lu %lu %lu %lu %lu", what, &w[0], &w[1], &w[2], &w[3], &w[4], &w[5],
                           &w[6], &w[7]);
        if (strcmp(what, "near") == 0) {
            near(w, count - 1);
            continue;
        }
        err_t err = obey(what, w, &result);
        print_state(err, result);
    }
    return 0;
}
