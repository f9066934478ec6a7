/* A note's first word: what it says | first index << 8 | row << 24 | number of groups << 32 | source << 40 | protocol << 48; then
   groups in bytes, or distances in two. Each is taken as it comes: groups shape the traffic, they cannot break a protocol. */
#include "monitor/groups.h"

#include <skerry/log.h>
#include <skerry/string.h>

#include "monitor/agreement.h"
#include "monitor/cores.h"
#include "monitor/home.h"
#include "monitor/machine.h"

#define NOTE_BYTES ((AGREE_WORDS - 1) * sizeof(uint64_t))
#define PER_WORD 4 /* distances in a word of an answer */

enum groups_note { NOTE_CHOICE = 1, NOTE_GROUPS, NOTE_APART };

static struct groups current = {.count = 1};
static uint32_t version = 1;

const struct groups *groups_get(void) {
    return &current;
}

uint32_t groups_version(void) {
    return version;
}

/* Telling */

static void tell(unsigned to, enum groups_note what, unsigned row, const void *entries, unsigned size) {
    uint64_t width = what == NOTE_APART ? sizeof(current.apart[0][0]) : 1;
    uint64_t head = what | (uint64_t)row << 24 | (uint64_t)current.count << 32 | (uint64_t)current.source << 40 |
                    (uint64_t)current.protocol << 48;
    for (unsigned at = 0; at < size || at == 0; at += NOTE_BYTES) {
        uint64_t op[AGREE_WORDS] = {head | (uint64_t)(at / width) << 8};
        memcpy(&op[1], (const uint8_t *)entries + at, MIN(size - at, (unsigned)NOTE_BYTES));
        agree_note(agreement(), to, AGREEMENT_KNOWLEDGE, op);
    }
}

static bool same_row(const struct groups *before, unsigned row) {
    return before != NULL &&
           memcmp(before->apart[row], current.apart[row], current.count * sizeof(current.apart[0][0])) == 0;
}

/* As far as they were others before; NULL: all. */
static void tell_all_to(unsigned to, const struct groups *before) {
    bool more = before != NULL && before->count < current.count;
    for (unsigned row = 0; row < current.count; row++) {
        if (more || !same_row(before, row)) {
            tell(to, NOTE_APART, row, current.apart[row], current.count * sizeof(current.apart[0][0]));
        }
    }
    if (before == NULL || memcmp(before->of, current.of, core_count()) != 0) {
        tell(to, NOTE_GROUPS, 0, current.of, core_count());
    }
    tell(to, NOTE_CHOICE, 0, NULL, 0);
}

void groups_use(const struct groups *groups) {
    static struct groups before;
    before = current;
    if (memcmp(&before, groups, sizeof(before)) == 0) {
        return;
    }
    current = *groups;
    version++;
    struct agree_set others = agreement()->live;
    agree_remove(&others, this_core());
    AGREE_FOR_EACH(core, &others) {
        tell_all_to(core, &before);
    }
}

void groups_viewed(const struct agree_set *joined) {
    struct agree_set others = *joined;
    agree_remove(&others, this_core());
    if (!is_home()) {
        return;
    }
    AGREE_FOR_EACH(core, &others) {
        tell_all_to(core, NULL);
    }
}

/* A home that others have made one goes on with what the one before it had said. */
void groups_know(const uint8_t apic[], uint32_t cores) {
    const struct numa_machine *numa = numa_machine();
    if (current.source == MONITOR_TREES_KNOWLEDGE) {
        return;
    }
    current.count = numa->nodes;
    current.protocol = numa->nodes > 1 ? AGREE_NUMA : AGREE_UNICAST;
    for (uint32_t core = 0; core < cores; core++) {
        current.of[core] = numa->node_of_apic[apic[core]];
    }
    for (unsigned a = 0; a < numa->nodes; a++) {
        for (unsigned b = 0; b < numa->nodes; b++) {
            current.apart[a][b] = a == b ? 0 : numa->distance[a][b];
        }
    }
    version++;
}

/* Hearing */

static void learn_groups(const uint64_t op[AGREE_WORDS], unsigned first) {
    const uint8_t *group = (const uint8_t *)&op[1];
    for (unsigned i = 0; i < NOTE_BYTES && first + i < core_count(); i++) {
        current.of[first + i] = group[i] < current.count ? group[i] : GROUPS_NONE;
    }
}

static void learn_apart(const uint64_t op[AGREE_WORDS], unsigned row, unsigned first) {
    uint16_t apart[NOTE_BYTES / sizeof(uint16_t)];
    memcpy(apart, &op[1], sizeof(apart));
    for (unsigned i = 0; i < ARRAY_SIZE(apart) && first + i < current.count; i++) {
        current.apart[row][first + i] = apart[i];
    }
}

static bool learn(const uint64_t op[AGREE_WORDS]) {
    unsigned what = op[0] & 0xff, first = op[0] >> 8 & 0xffff, row = op[0] >> 24 & 0xff;
    unsigned count = op[0] >> 32 & 0xff, source = op[0] >> 40 & 0xff, protocol = op[0] >> 48 & 0xff;
    if (what < NOTE_CHOICE || what > NOTE_APART || count == 0 || count > GROUPS_MAX || row >= count ||
        source > MONITOR_TREES_KNOWLEDGE || protocol >= AGREE_TOPOLOGIES) {
        return false;
    }
    current.count = count;
    current.source = (enum monitor_trees_source)source;
    current.protocol = (enum agree_topology)protocol;
    if (what == NOTE_GROUPS) {
        learn_groups(op, first);
    } else if (what == NOTE_APART) {
        learn_apart(op, row, first);
    }
    version++;
    return true;
}

static void note(void *context, unsigned from, const uint64_t op[AGREE_WORDS]) {
    (void)context;
    if (!learn(op)) {
        log_line("core %u sent nonsense about groups of cores", from);
    }
}

/* Being asked */

/* FNV-1a. [RFC 9923] */
static uint32_t hashed(uint32_t hash, const void *bytes, size_t size) {
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ ((const uint8_t *)bytes)[i]) * 16777619u;
    }
    return hash;
}

static uint32_t hash_of_all(void) {
    uint32_t hash = hashed(2166136261u, current.of, core_count());
    for (unsigned row = 0; row < current.count; row++) {
        hash = hashed(hash, current.apart[row], current.count * sizeof(current.apart[0][0]));
    }
    return hash;
}

static void answer_members(unsigned group, uint64_t words[AGREE_SET_WORDS]) {
    struct agree_set members = {};
    for (unsigned core = 0; core < core_count(); core++) {
        if (current.of[core] == group) {
            agree_add(&members, core);
        }
    }
    memcpy(words, members.word, sizeof(members.word));
}

static void answer_apart(unsigned group, unsigned first, uint64_t words[AGREE_SET_WORDS]) {
    for (unsigned i = 0; i < AGREE_SET_WORDS * PER_WORD && first + i < current.count; i++) {
        words[i / PER_WORD] |= (uint64_t)current.apart[group][first + i] << i % PER_WORD * 16;
    }
}

err_t groups_serve(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]) {
    unsigned what = request->word[0] & 0xff, group = request->word[0] >> 8 & 0xff,
             first = request->word[0] >> 16 & 0xff;
    if (what > MONITOR_TREES_APART || group >= current.count) {
        return ERR_NOT_FOUND;
    }
    memset(reply, 0, GROUPS_WORDS * sizeof(reply[0]));
    reply[0] = current.count | current.source << 8 | current.protocol << 16 | (uint64_t)hash_of_all() << 32;
    if (what == MONITOR_TREES_MEMBERS) {
        answer_members(group, &reply[1]);
    } else {
        answer_apart(group, first, &reply[1]);
    }
    return ERR_OK;
}

err_t groups_of(coreid_t core, uint64_t request, uint64_t words[GROUPS_WORDS]) {
    struct peer_call call = {.to = core, .operation = PEER_TREES, .request = {request}};
    struct peer_message own = {.word = {request}};
    err_t err = core == this_core() ? groups_serve(&own, call.reply) : peer_call(&call);
    memcpy(words, call.reply, GROUPS_WORDS * sizeof(words[0]));
    return err;
}

/* The engine's client */

static err_t prepare(void *context, const struct agree_work *work, uint64_t *holder) {
    (void)context, (void)work, (void)holder;
    return ERR_UNSUPPORTED; /* there are only notes */
}

static err_t finish(void *context, const struct agree_work *work, enum agree_end end) {
    (void)context, (void)work, (void)end;
    return ERR_OK;
}

static const struct agree_client client = {
    .prepare = prepare,
    .finish = finish,
    .done = agreement_done,
    .note = note,
};

void groups_init(void) {
    agreement_register(AGREEMENT_KNOWLEDGE, &client);
}
