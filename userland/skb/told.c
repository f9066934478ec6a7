/* The reader's side of the journal's memory: the steps (1) to (3) are journal.h's. The monitor that writes it shares this core, so
   it has stopped in the middle of something only where this domain has taken its time slice. */
#include "skb/told.h"

#include <if/monitor.h>
#include <skerry/domain.h>
#include <skerry/fibre.h>
#include <skerry/lrpc.h>
#include <skerry/print.h>
#include <skerry/string.h>
#include <skerry/sync.h>
#include <skerry/time.h>

#define TELL_MS 60000 /* for all cores to agree; they may be finding one of them dead */
#define LINE 96

_Static_assert(sizeof(struct knowledge_costs) <= JOURNAL_TEXT, "one text each core");

static struct datalog *base;
static const struct journal_memory *journal;
static uint64_t room;
static struct knowledge_desk *desk;
static struct mutex telling; /* the desk has room for one text */
static struct outcome own;   /* of the newest text that this core told */

static struct journal_entry next;
static uint8_t next_text[JOURNAL_TEXT];

/* Reading */

static uint64_t load(const uint64_t *word) {
    return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}

/* The first entry that `wanted` wants. What it points to may move at any time; sizes are looked at once. */
static bool find(bool (*wanted)(const struct journal_entry *entry, uint64_t what), uint64_t what) {
    uint64_t end = MIN(load(&journal->used), room);
    for (uint64_t at = 0; at + sizeof(next) <= end;) {
        memcpy(&next, journal->entries + at, sizeof(next));
        uint64_t size = MIN((uint64_t)next.size, (uint64_t)JOURNAL_TEXT);
        if (at + sizeof(next) + size > end) {
            return false;
        }
        if (wanted(&next, what)) {
            memcpy(next_text, journal->entries + at + sizeof(next), size);
            next.size = (uint16_t)size;
            return true;
        }
        at = ALIGN_UP(at + sizeof(next) + size, 8ul);
    }
    return false;
}

static bool find_settled(bool (*wanted)(const struct journal_entry *entry, uint64_t what), uint64_t what) {
    for (;;) {
        uint64_t moves = load(&journal->moves); /* (1) */
        bool found = moves % 2 == 0 && find(wanted, what);
        if (moves % 2 == 0 && load(&journal->moves) == moves) { /* (3) */
            return found;
        }
        fibre_sleep_until(time_deadline(1));
    }
}

static bool is_newer(const struct journal_entry *entry, uint64_t than) {
    return entry->number > than;
}

static bool has_topic(const struct journal_entry *entry, uint64_t topic) {
    return entry->topic == topic;
}

bool told_has(unsigned topic) {
    return find_settled(has_topic, topic);
}

/* Taking in */

/* What is told here is right by its making; a full base is all that can refuse it. */
static void take_costs(const struct knowledge_costs *costs, unsigned size, struct outcome *outcome) {
    char line[LINE];
    uint64_t taken;
    for (unsigned to = 0; offsetof(struct knowledge_costs, ticks) + (to + 1) * sizeof(uint32_t) <= size; to++) {
        int length = snprintf(line, sizeof(line), "cost(%u, %u, _).", costs->from, to);
        (void)datalog_retract(base, line, (size_t)length, &taken, &outcome->refusal); /* the first time there is none */
        if (costs->ticks[to] != 0) {
            length = snprintf(line, sizeof(line), "cost(%u, %u, %u).", costs->from, to, costs->ticks[to]);
            outcome->fine = datalog_tell(base, line, (size_t)length, &outcome->refusal) && outcome->fine;
        }
    }
}

static void take_live(const struct agree_set *live, struct outcome *outcome) {
    static const char all[] = "live(_).";
    char line[LINE];
    (void)datalog_retract(base, all, sizeof(all) - 1, &outcome->taken, &outcome->refusal);
    AGREE_FOR_EACH(core, live) {
        int length = snprintf(line, sizeof(line), "live(%u).", core);
        outcome->fine = datalog_tell(base, line, (size_t)length, &outcome->refusal) && outcome->fine;
    }
}

static void take_in(void) {
    struct outcome outcome = {.fine = true};
    struct knowledge_costs costs;
    struct agree_set live = {};
    const char *text = (const char *)next_text;
    switch (next.kind) {
    case KNOWLEDGE_TELL:
        outcome.fine = datalog_tell(base, text, next.size, &outcome.refusal);
        break;
    case KNOWLEDGE_RETRACT:
        outcome.fine = datalog_retract(base, text, next.size, &outcome.taken, &outcome.refusal);
        break;
    case KNOWLEDGE_COSTS:
        memcpy(&costs, next_text, MIN((size_t)next.size, sizeof(costs)));
        take_costs(&costs, next.size, &outcome);
        break;
    case KNOWLEDGE_LIVE:
        memcpy(&live, next_text, MIN((size_t)next.size, sizeof(live)));
        take_live(&live, &outcome);
        break;
    default:
        break;
    }
    if (next.core == domain_args()->core) {
        own = outcome;
    }
}

/* Between finding and taking in nobody else runs. */
void told_catch_up(void) {
    while (find_settled(is_newer, desk->applied)) {
        desk->applied = next.number;
        take_in();
    }
}

/* Telling */

static err_t ask_monitor(const struct journal_text *text) {
    struct lrpc_call call = {.operation = MONITOR_TELL, .deadline_ms = 2ul * TELL_MS};
    call.request[0] = text->kind;
    call.request[1] = text->topic;
    call.request[2] = text->size;
    call.request[3] = TELL_MS;
    return domain_ask(&call);
}

err_t told_tell(const struct journal_text *text, struct outcome *outcome) {
    if (text->size > sizeof(desk->text)) {
        return ERR_ARGUMENT;
    }
    mutex_lock(&telling);
    memcpy(desk->text, text->at, text->size);
    err_t err = ask_monitor(text);
    if (err == ERR_OK) {
        told_catch_up();
        *outcome = own; /* perhaps somebody who asks has taken it in before us */
    }
    mutex_unlock(&telling);
    return err;
}

void told_begin(struct datalog *in, const struct journal_memory *memory, uint64_t size, struct knowledge_desk *shared) {
    base = in;
    journal = memory;
    room = size - sizeof(*memory);
    desk = shared;
    desk->applied = 0;
}
