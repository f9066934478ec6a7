/* A mark for each chunk, made anew each time. Nothing here waits, so that all of it is of one moment. */
#include "monitor/audit.h"

#include <abi/stubs.h>
#include <skerry/heap.h>
#include <skerry/ram.h>

#include "monitor/agreement.h"
#include "monitor/gifts.h"
#include "monitor/machine.h"
#include "monitor/ownership.h"

_Static_assert(MONITOR_AUDIT_WORDS <= PEER_PAYLOAD - 1, "fit into one reply");

#define ONE_MISSING 1ul
#define ONE_KEPT (1ul << 32)

enum mark {
    MARK_TOUCHED = 1, /* some of it is behind a capability of this core's own */
    MARK_HELD = 2,    /* all of it is */
    MARK_GIVEN = 4,   /* it was, and another core owns it now */
    MARK_BORN = 8     /* of the CPU driver's own: no capability covers all of it */
};

struct marks {
    uint64_t chunks;
    uint8_t *of;
};

static void mark(struct marks *marks, const struct ram_range *range, enum mark whole, enum mark part) {
    uint64_t end = MIN(ALIGN_UP(range->base + range->size, CHUNK_SIZE) / CHUNK_SIZE, marks->chunks);
    for (uint64_t chunk = range->base / CHUNK_SIZE; chunk < end; chunk++) {
        bool all = chunk * CHUNK_SIZE >= range->base && (chunk + 1) * CHUNK_SIZE <= range->base + range->size;
        marks->of[chunk] |= (uint8_t)(all ? whole | part : part);
    }
}

/* What the CPU driver says of a capability for RAM; true: this core owns it. */
static bool is_own(capaddr_t cap, struct ram_range *range) {
    uint64_t meta = 0;
    err_t err = kernel_identify(CAP_KERNEL, cap, &meta, &range->base, &range->size, NULL);
    return err == ERR_OK && (meta & 0xff) == CAP_TYPE_RAM && (meta >> 16 & 0xffff) == this_core();
}

static void mark_held(struct marks *marks) {
    const struct boot_data *boot = boot_data();
    struct ram_range range = {boot->image_base, IMAGE_REGION_SIZE};
    capaddr_t cap;
    mark(marks, &range, MARK_BORN, 0);
    for (uint32_t i = 0; i < MIN(boot->pool_count, (uint32_t)ARRAY_SIZE(boot->pools)); i++) {
        range = (struct ram_range){boot->pools[i].base, boot->pools[i].size};
        mark(marks, &range, MARK_BORN, 0);
    }
    for (unsigned n = 0; ram_source(n, &cap); n++) {
        if (is_own(cap, &range)) {
            mark(marks, &range, MARK_HELD, MARK_TOUCHED);
        }
    }
    for (const struct gift *gift = gifts_next(NULL); gift != NULL; gift = gifts_next(gift)) {
        if (!is_own(gift->cap, &range)) {
            mark(marks, &range, MARK_GIVEN, 0);
        }
    }
}

static bool is_missing(uint8_t marks) {
    return (marks & (MARK_HELD | MARK_BORN)) == 0 || (marks & MARK_GIVEN) != 0;
}

static bool is_kept(uint8_t marks) {
    return (marks & MARK_BORN) != 0 || ((marks & MARK_TOUCHED) != 0 && (marks & MARK_GIVEN) == 0);
}

static void wrong(uint64_t chunk, uint64_t one, uint64_t words[MONITOR_AUDIT_WORDS]) {
    words[MONITOR_AUDIT_WRONG] += one;
    if (words[MONITOR_AUDIT_FIRST] == 0) {
        words[MONITOR_AUDIT_FIRST] = chunk * CHUNK_SIZE;
    }
}

/* What is left of the marks is in no run. */
static void judge(struct marks *marks, const struct owned_run *run, uint64_t words[MONITOR_AUDIT_WORDS]) {
    uint64_t first = run->range.base / CHUNK_SIZE, count = run->range.size / CHUNK_SIZE;
    for (uint64_t chunk = first; chunk < first + count; chunk++) {
        uint8_t had = marks->of[chunk];
        marks->of[chunk] = 0;
        if (run->owner == this_core() && is_missing(had)) {
            wrong(chunk, ONE_MISSING, words);
        } else if (run->owner != this_core() && run->owner != OWNER_COMMON && is_kept(had)) {
            wrong(chunk, ONE_KEPT, words);
        }
    }
}

static void judge_rest(const struct marks *marks, uint64_t words[MONITOR_AUDIT_WORDS]) {
    for (uint64_t chunk = 0; chunk < marks->chunks; chunk++) {
        if ((marks->of[chunk] & (MARK_HELD | MARK_GIVEN)) == MARK_HELD) {
            wrong(chunk, ONE_KEPT, words);
        }
    }
}

static uint64_t mix(uint64_t hash, uint64_t word) {
    hash = (hash ^ word) * 0x9e3779b97f4a7c15ul;
    return hash ^ hash >> 29;
}

static void add(const struct owned_run *run, uint64_t words[MONITOR_AUDIT_WORDS]) {
    uint64_t chunks = run->range.size / CHUNK_SIZE;
    bool nobodys = run->owner == OWNER_COMMON || run->owner == OWNER_KEPT;
    bool dead = !nobodys && !agree_has(&agreement()->live, run->owner);
    words[MONITOR_AUDIT_HASH] = mix(mix(mix(words[MONITOR_AUDIT_HASH], run->range.base), chunks), run->owner);
    words[MONITOR_AUDIT_CHUNKS] += chunks + (run->owner == this_core() ? chunks << 32 : 0);
    words[MONITOR_AUDIT_OTHERS] += nobodys ? chunks : dead ? chunks << 32 : 0;
}

static err_t audit(uint64_t words[MONITOR_AUDIT_WORDS]) {
    struct marks marks = {0};
    struct owned_run run;
    for (uint64_t at = 0; ownership_run(&at, &run);) {
        marks.chunks = (run.range.base + run.range.size) / CHUNK_SIZE;
    }
    marks.of = calloc(marks.chunks, 1);
    if (marks.of == NULL) {
        return ERR_NO_MEMORY;
    }
    mark_held(&marks);
    for (uint64_t at = 0; ownership_run(&at, &run);) {
        add(&run, words);
        judge(&marks, &run, words);
    }
    judge_rest(&marks, words);
    free(marks.of);
    return ERR_OK;
}

err_t audit_of(coreid_t core, enum monitor_audit_practice practice, uint64_t words[MONITOR_AUDIT_WORDS]) {
    if (core != this_core()) {
        struct peer_call call = {.to = core, .operation = PEER_AUDIT, .request = {practice}};
        TRY(peer_call(&call));
        for (unsigned i = 0; i < MONITOR_AUDIT_WORDS; i++) {
            words[i] = call.reply[i];
        }
        return ERR_OK;
    }
    if (!ownership_is_known()) {
        return ERR_NOT_READY;
    }
    TRY(practice == MONITOR_AUDIT_LOOK ? ERR_OK : ownership_err(practice == MONITOR_AUDIT_ERR));
    return audit(words);
}

err_t audit_serve(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]) {
    return audit_of(this_core(), (enum monitor_audit_practice)request->word[0], reply);
}
