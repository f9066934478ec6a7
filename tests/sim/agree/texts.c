/*
 * The replicated journal of texts: the same texts in the same order on every core, whoever dies or returns.
 *
 * Word 0 of an operation is its text's size, word 1 its topic. Every byte of a text is its operation's number, plus one; so is
 * its kind. An operation of a core that has one under way is refused; what a core asks later is to come later.
 */
#include <skerry/journal.h>

#include "protocol.h"

#define JOURNAL_CLIENT 0
#define MEMORY 400

struct op_times {
    uint64_t begin, end, number;
};

struct state {
    struct journal journal;
    _Alignas(8) uint8_t memory[MEMORY];
    struct op_times times[WORLD_OPS];
    uint64_t clock, current;
};

_Static_assert(sizeof(struct state) <= WORLD_STATE);

static struct state *state_of(unsigned core) {
    return (struct state *)world.node[core].state;
}

/* One clock for all cores: the latest time any of them has seen. */
static uint64_t next_time(void) {
    uint64_t now = 0;
    for (unsigned core = 0; core < scenario.cores; core++) {
        now = MAX(now, state_of(core)->clock);
    }
    for (unsigned core = 0; core < scenario.cores; core++) {
        state_of(core)->clock = now + 1;
    }
    return now + 1;
}

static void ended(struct journal *journal) {
    struct state *state = (struct state *)journal; /* its first member */
    struct report *report = &world.report[state->current];
    HOLDS(!report->reported);
    *report = (struct report){1, journal->put.result};
    state->times[state->current].end = next_time();
    state->times[state->current].number = journal->put.number;
}

static void begin(unsigned core) {
    struct state *state = state_of(core);
    journal_init(&state->journal, &(struct journal_config){.agree = &world.node[core].engine,
                                                           .client = JOURNAL_CLIENT,
                                                           .memory = state->memory,
                                                           .size = MEMORY,
                                                           .ended = ended});
}

static void submit(unsigned core, unsigned op) {
    struct state *state = state_of(core);
    const struct world_op *wish = &scenario.op[op];
    uint8_t bytes[JOURNAL_TEXT];
    struct journal_text text = {bytes, (uint16_t)(op + 1), (uint16_t)wish->word[1], (uint16_t)wish->word[0]};
    __builtin_memset(bytes, (int)op + 1, sizeof(bytes));
    if (state->journal.put.active) {
        world.report[op] = (struct report){1, ERR_BUSY};
        return;
    }
    state->current = op;
    state->times[op].begin = next_time();
    uint64_t deadline = world.node[core].engine.now + TICK_STEP * WORLD_DEADLINE(wish);
    err_t error = journal_put(&state->journal, &text, deadline);
    if (error != ERR_OK) {
        world.report[op] = (struct report){1, (uint64_t)error};
    }
}

static err_t prepare(void *context, const struct agree_work *work, uint64_t *holder) {
    return journal_prepare(&state_of(node_of(context))->journal, work, holder);
}

static err_t finish(void *context, const struct agree_work *work, enum agree_end end) {
    return journal_finish(&state_of(node_of(context))->journal, work, end);
}

static void done(void *context, uint64_t cookie, err_t result) {
    (void)cookie;
    journal_done(&state_of(node_of(context))->journal, result);
}

static void note(void *context, unsigned from, const uint64_t op[AGREE_WORDS]) {
    journal_note(&state_of(node_of(context))->journal, from, op);
}

static void viewed(void *context, const struct agree_set *dead, const struct agree_set *joined) {
    (void)joined;
    journal_viewed(&state_of(node_of(context))->journal, dead);
}

static const struct journal_memory *memory_of(unsigned core) {
    return state_of(core)->journal.memory;
}

/* A text that is in the journal is one that was asked for, whole and once. */
static void check_entry(const struct journal_memory *memory, const struct journal_entry *entry) {
    HOLDS(entry->kind >= 1 && entry->kind <= scenario.ops);
    const struct world_op *wish = &scenario.op[(entry->kind - 1) % WORLD_OPS];
    HOLDS(entry->size == wish->word[0] && entry->topic == wish->word[1] && entry->core == wish->core);
    for (unsigned i = 0; i < entry->size; i++) {
        HOLDS(entry->text[i] == entry->kind);
    }
    const struct journal_entry *next = journal_next(memory, entry);
    HOLDS(next == NULL || next->number > entry->number);
    for (; next != NULL; next = journal_next(memory, next)) {
        HOLDS(next->kind != entry->kind);
    }
}

/* Cores whose newest text is the same one have the same texts. */
static void check_pair(const struct journal_memory *a, const struct journal_memory *b) {
    HOLDS(a->newest != b->newest || (a->hash == b->hash && a->used == b->used));
}

static void check_step(void) {
    for (unsigned a = 0; a < scenario.cores; a++) {
        for (unsigned b = 0; b < a; b++) {
            bool both =
                world_is_up(a) && world_is_up(b) && state_of(a)->journal.copy.ready && state_of(b)->journal.copy.ready;
            if (both) {
                check_pair(memory_of(a), memory_of(b));
            }
        }
    }
}

static bool is_known(unsigned op) {
    return world_is_whole((unsigned)scenario.op[op].core) && world.report[op].reported;
}

static const struct journal_entry *find(const struct journal_memory *memory, unsigned op) {
    const struct journal_entry *entry = NULL;
    while ((entry = journal_next(memory, entry)) != NULL && entry->kind != op + 1) {
    }
    return entry;
}

/* What was done is there, or thrown out for a later one of its topic; what was refused is not. */
static void check_op(const struct journal_memory *memory, unsigned op) {
    const struct journal_entry *entry = find(memory, op);
    const struct op_times *times = &state_of((unsigned)scenario.op[op].core)->times[op];
    if (world.report[op].result != ERR_OK) {
        HOLDS(entry == NULL);
        return;
    }
    HOLDS(times->number >= 1 && times->number <= memory->newest);
    HOLDS(entry == NULL || entry->number == times->number);
    HOLDS(entry != NULL || scenario.op[op].word[1] != 0);
    for (unsigned other = 0; other < scenario.ops; other++) {
        const struct op_times *at = &state_of((unsigned)scenario.op[other].core)->times[other];
        if (is_known(other) && world.report[other].result == ERR_OK && times->end < at->begin) {
            HOLDS(times->number < at->number);
        }
    }
}

static void check_end(void) {
    const struct journal_memory *one = NULL;
    for (unsigned core = 0; core < scenario.cores; core++) {
        if (!world_is_up(core) || world.node[core].joined == 0) {
            continue;
        }
        const struct journal_memory *memory = memory_of(core);
        one = one == NULL ? memory : one;
        HOLDS(state_of(core)->journal.copy.ready && state_of(core)->journal.by.number == 0);
        HOLDS(memory->newest == one->newest && memory->hash == one->hash && memory->used == one->used);
        for (const struct journal_entry *entry = NULL; (entry = journal_next(memory, entry)) != NULL;) {
            check_entry(memory, entry);
        }
    }
    for (unsigned op = 0; op < scenario.ops; op++) {
        bool whole = world_is_whole((unsigned)scenario.op[op].core);
        HOLDS(!whole || world.report[op].reported);
        if (whole && one != NULL && is_known(op)) {
            check_op(one, op);
        }
    }
}

static const struct agree_client client = {
    .prepare = prepare,
    .finish = finish,
    .done = done,
    .note = note,
    .view = viewed,
};

const struct protocol protocol_texts = {
    .client = {&client},
    .state = sizeof(struct state),
    .begin = begin,
    .submit = submit,
    .check_step = check_step,
    .check_end = check_end,
};
