/* See land.h. A copy's parts: the kind, how many, and so many things of that kind, packed. */
#include <skerry/land.h>

enum { PART_RUNS = COPY_PART, PART_SETTLED, PART_CORES, PART_DEVICE, PART_TRAMPOLINE };

#define RUNS_A_PART 2
#define RUN_WORDS 2 /* packed, stamp */
#define SETTLED_A_PART 4
#define CORES_A_PART 4
#define FIRST_BITS 32
#define COUNT_BITS 20

_Static_assert(offsetof(struct land, copy) == 0, "so that a copy's sender finds the record");

void land_init(struct land *land, struct agree *agree, unsigned client) {
    *land = (struct land){};
    copy_init(&land->copy, agree, client);
}

void land_add_device(struct land *land, uint64_t base, uint64_t size) {
    if (land->devices < LAND_DEVICES) {
        land->device[land->devices++] = (struct land_device){base, size};
    }
}

/* Runs */

static uint64_t end_of(const struct land_run *run) {
    return run->first + run->count;
}

/* The first run that ends behind this chunk. */
static uint64_t place_of(const struct land *land, uint64_t chunk) {
    uint64_t low = 0, high = land->runs;
    while (low < high) {
        uint64_t middle = (low + high) / 2;
        if (end_of(&land->run[middle]) > chunk) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

static void insert(struct land *land, uint64_t at, struct land_run run) {
    if (run.count == 0) {
        return;
    }
    if (land->runs == LAND_RUNS) {
        land->lost++;
        return;
    }
    for (uint64_t i = land->runs++; i > at; i--) {
        land->run[i] = land->run[i - 1];
    }
    land->run[at] = run;
}

static void erase(struct land *land, uint64_t at) {
    land->runs--;
    for (uint64_t i = at; i < land->runs; i++) {
        land->run[i] = land->run[i + 1];
    }
}

/* Nobody has [first, end) afterwards. */
static void clear(struct land *land, uint64_t first, uint64_t end) {
    for (uint64_t at = place_of(land, first); at < land->runs && land->run[at].first < end;
         at = place_of(land, first)) {
        struct land_run old = land->run[at];
        erase(land, at);
        insert(land, at,
               (struct land_run){MAX(old.first, end), end_of(&old) - MIN(end_of(&old), end), old.owner, old.stamp});
        insert(land, at, (struct land_run){old.first, first - MIN(old.first, first), old.owner, old.stamp});
    }
}

static void join(struct land *land, uint64_t at) {
    struct land_run *low = &land->run[at], *high = low + 1;
    if (at + 1 < land->runs && end_of(low) == high->first && low->owner == high->owner && low->stamp == high->stamp) {
        low->count += high->count;
        erase(land, at + 1);
    }
}

static bool is_run(const struct land_run *run) {
    return run->first < 1UL << FIRST_BITS && run->count > 0 && run->count < 1UL << COUNT_BITS &&
           run->owner <= LAND_KEPT;
}

static void put(struct land *land, const struct land_run *run) {
    clear(land, run->first, end_of(run));
    uint64_t at = place_of(land, run->first);
    insert(land, at, *run);
    join(land, at);
    if (at > 0) {
        join(land, at - 1);
    }
}

/* The part of a run that begins at its first chunk and is somebody's, or nobody's, by one change so far. */
static struct land_run known_part(const struct land *land, const struct land_run *run) {
    uint64_t at = place_of(land, run->first), end = end_of(run);
    struct land_run part = {run->first, run->count, LAND_NOBODY, 0};
    if (at < land->runs && land->run[at].first <= run->first) {
        part.owner = land->run[at].owner;
        part.stamp = land->run[at].stamp;
        part.count = MIN(end, end_of(&land->run[at])) - run->first;
    } else if (at < land->runs) {
        part.count = MIN(end, land->run[at].first) - run->first;
    }
    return part;
}

/* Where it is news. `by`: whose change it is. */
static void change(struct land *land, struct land_run run, unsigned by) {
    unsigned self = land->copy.agree->config->self;
    while (is_run(&run)) {
        struct land_run old = known_part(land, &run), part = {run.first, old.count, run.owner, run.stamp};
        if (old.owner == LAND_NOBODY || old.stamp < run.stamp) {
            put(land, &part);
            if (part.owner == self && old.owner != self && by != self && land->arrived != NULL) {
                land->arrived(land, &part);
            }
        }
        run.first += part.count;
        run.count -= part.count;
    }
}

void land_set(struct land *land, const struct land_run *run) {
    if (is_run(run)) {
        put(land, run);
    }
}

unsigned land_owner(const struct land *land, uint64_t chunk) {
    uint64_t at = place_of(land, chunk);
    bool known = at < land->runs && land->run[at].first <= chunk;
    return known ? (unsigned)land->run[at].owner : LAND_NOBODY;
}

bool land_next(const struct land *land, unsigned owner, uint64_t chunk, struct land_run *run) {
    uint64_t at = place_of(land, chunk);
    while (at < land->runs && land->run[at].owner != owner) {
        at++;
    }
    if (at == land->runs) {
        return false;
    }
    uint64_t first = MAX(land->run[at].first, chunk), end = end_of(&land->run[at]);
    while (++at < land->runs && land->run[at].first == end && land->run[at].owner == owner) {
        end = end_of(&land->run[at]);
    }
    *run = (struct land_run){.first = first, .count = end - first, .owner = owner};
    return true;
}

uint64_t land_count(const struct land *land, unsigned owner) {
    uint64_t count = 0;
    for (uint64_t i = 0; i < land->runs; i++) {
        count += land->run[i].owner == owner ? land->run[i].count : 0;
    }
    return count;
}

/* Changes */

void land_request(const struct land *land, enum land_change what, const uint64_t word[3],
                  struct agree_request *request) {
    *request = (struct agree_request){
        .client = (uint16_t)land->copy.client,
        .phases = 1,
        .topology = AGREE_NUMA,
        .flags = AGREE_EVERYONE,
        .op = {what, word[0], word[1], word[2]},
    };
}

static struct land_core core_in(const uint64_t op[]) {
    return (struct land_core){op[2], (uint32_t)op[3], (uint32_t)(op[3] >> 32)};
}

void land_finish(struct land *land, const struct agree_work *work, enum agree_end end) {
    for (unsigned i = 0; end == AGREE_COMMIT && i < work->count; i++) {
        const uint64_t *op = work->op[i];
        if (op[0] == LAND_RAM) {
            change(land, (struct land_run){op[1], op[2], op[3], work->stamp}, work->id.core);
        } else if (op[0] == LAND_CORE && op[1] < AGREE_CORES) {
            land->core[op[1]] = core_in(op);
        } else if (op[0] == LAND_TRAMPOLINE) {
            land->trampoline = op[1];
        }
    }
}

/* A newcomer's copy */

static uint64_t pack(const struct land_run *run) {
    return run->first | run->count << FIRST_BITS | run->owner << (FIRST_BITS + COUNT_BITS);
}

static struct land_run unpack(uint64_t word, uint64_t stamp) {
    return (struct land_run){word & ((1UL << FIRST_BITS) - 1), word >> FIRST_BITS & ((1UL << COUNT_BITS) - 1),
                             word >> (FIRST_BITS + COUNT_BITS), stamp};
}

/* A core, its APIC id, how often it was started, and its park block, which lies below 4 GiB: whole units of 32 KiB. */
#define PARK_UNIT_BITS 15
static uint64_t pack_core(uint64_t core, const struct land_core *known) {
    return core | (uint64_t)(known->apic & 0xff) << 8 | (uint64_t)(known->starts & 0xffffff) << 16 |
           known->park >> PARK_UNIT_BITS << 40;
}

static void take_core(struct land *land, uint64_t word) {
    struct land_core *known = &land->core[(word & 0xff) % AGREE_CORES];
    if (known->park == 0) {
        *known = (struct land_core){word >> 40 << PARK_UNIT_BITS, word >> 16 & 0xffffff, word >> 8 & 0xff};
    }
}

/* A part that is filled word by word, and sent when it is full, or at the end. */
struct filling {
    struct copy *copy;
    unsigned to, most;
    uint64_t part[AGREE_WORDS]; /* kind, words, words */
};

static void send_filled(struct filling *filling) {
    if (filling->part[1] != 0) {
        copy_send(filling->copy, filling->to, filling->part);
        filling->part[1] = 0;
    }
}

static void fill(struct filling *filling, uint64_t word) {
    filling->part[2 + filling->part[1]++] = word;
    if (filling->part[1] == filling->most) {
        send_filled(filling);
    }
}

static void send_runs(const struct land *land, struct copy *copy, unsigned to) {
    struct filling settled = {copy, to, SETTLED_A_PART, {PART_SETTLED}};
    struct filling stamped = {copy, to, RUNS_A_PART * RUN_WORDS, {PART_RUNS}};
    for (uint64_t i = 0; i < land->runs; i++) {
        const struct land_run *run = &land->run[i];
        if (run->stamp == 0) {
            fill(&settled, pack(run));
        } else {
            fill(&stamped, pack(run));
            fill(&stamped, run->stamp);
        }
    }
    send_filled(&settled);
    send_filled(&stamped);
}

static void send_copy(struct copy *copy, unsigned to) {
    const struct land *land = (const struct land *)copy;
    struct filling cores = {copy, to, CORES_A_PART, {PART_CORES}};
    send_runs(land, copy, to);
    for (uint64_t core = 0; core < copy->agree->config->cores; core++) {
        if (land->core[core].park != 0) {
            fill(&cores, pack_core(core, &land->core[core]));
        }
    }
    send_filled(&cores);
    copy_send(copy, to, (uint64_t[AGREE_WORDS]){PART_TRAMPOLINE, land->trampoline});
    for (uint64_t i = 0; i < land->devices; i++) {
        copy_send(copy, to, (uint64_t[AGREE_WORDS]){PART_DEVICE, land->device[i].base, land->device[i].size});
    }
}

static void take_runs(struct land *land, unsigned from, const uint64_t op[AGREE_WORDS]) {
    for (uint64_t i = 0; i + 1 < MIN(op[1], (uint64_t)RUNS_A_PART * RUN_WORDS); i += RUN_WORDS) {
        const uint64_t *word = &op[2 + i];
        agree_seen(land->copy.agree, word[1]);
        change(land, unpack(word[0], word[1]), from);
    }
}

static void take_settled(struct land *land, unsigned from, const uint64_t op[AGREE_WORDS]) {
    for (uint64_t i = 0; i < MIN(op[1], (uint64_t)SETTLED_A_PART); i++) {
        change(land, unpack(op[2 + i], 0), from);
    }
}

static void take_cores(struct land *land, const uint64_t op[AGREE_WORDS]) {
    for (uint64_t i = 0; i < MIN(op[1], (uint64_t)CORES_A_PART); i++) {
        take_core(land, op[2 + i]);
    }
}

void land_note(struct land *land, unsigned from, const uint64_t op[AGREE_WORDS]) {
    if (!copy_note(&land->copy, from, op, send_copy)) {
        return;
    }
    if (op[0] == PART_RUNS) {
        take_runs(land, from, op);
    } else if (op[0] == PART_SETTLED) {
        take_settled(land, from, op);
    } else if (op[0] == PART_CORES) {
        take_cores(land, op);
    } else if (op[0] == PART_TRAMPOLINE && land->trampoline == 0) {
        land->trampoline = op[1];
    } else if (op[0] == PART_DEVICE) {
        land_add_device(land, op[1], op[2]);
    }
}

/* Who is let in finds nothing in flight (agree_pause), so all others have the same: that is older than whatever comes. */
static void settle(struct land *land) {
    uint64_t kept = 0;
    for (uint64_t i = 0; i < land->runs; i++) {
        struct land_run run = land->run[i], *before = kept > 0 ? &land->run[kept - 1] : NULL;
        run.stamp = 0;
        if (before != NULL && end_of(before) == run.first && before->owner == run.owner) {
            before->count += run.count;
        } else {
            land->run[kept++] = run;
        }
    }
    land->runs = kept;
}

void land_viewed(struct land *land, const struct agree_set *dead, const struct agree_set *joined) {
    if (land->copy.ready && !agree_empty(joined)) {
        settle(land);
    }
    copy_viewed(&land->copy, dead, send_copy);
}
