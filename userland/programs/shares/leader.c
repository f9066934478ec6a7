/* Shares memory with the workers, has all of them change it at once, and compares what each has then. */
#include "programs/shares/shares.h"

#include <abi/stubs.h>
#include <skerry/channel.h>
#include <skerry/domain.h>
#include <skerry/event.h>
#include <skerry/print.h>
#include <skerry/ram.h>
#include <skerry/slots.h>
#include <skerry/time.h>

#define WORKERS 8
#define BIND_MS 5000
#define ANSWER_MS 120000
#define STORMS_AFTER 3

struct worker {
    struct channel channel; /* first */
    struct bind_channel *bound;
    struct event answered, given;
    uint64_t word[STATUS_WORDS];
};

/* The leader's own words come last. */
static struct worker worker[WORKERS];
static unsigned workers;
static uint64_t words[WORKERS + 1][STATUS_WORDS];
static uint64_t races;

static void expect(const char *what, err_t err, err_t wanted) {
    if (err != wanted) {
        die("%s: %s, not %s", what, err_name(err), err_name(wanted));
    }
}

static void hold(const char *what, bool holds) {
    if (!holds) {
        for (unsigned i = 0; i <= workers; i++) {
            printf("%u: has %lu, pages 0x%lx, owner %lu, revoked %lu, bad %lu\n", i, words[i][STATUS_HAS],
                   words[i][STATUS_PAGES], words[i][STATUS_OWNER], words[i][STATUS_REVOKED], words[i][STATUS_BAD]);
        }
        die("%s", what);
    }
}

static void take(struct channel *channel, const struct urpc_message *message) {
    struct worker *from = (struct worker *)channel;
    __builtin_memcpy(from->word, message->word, sizeof(from->word));
    event_raise(&from->answered);
}

static void received(struct bind_channel *channel, uint64_t word, capaddr_t cap) {
    struct worker *from = channel->context;
    (void)word;
    share.cap = cap;
    event_raise(&from->given);
}

static void ended(struct bind_channel *channel, err_t why) {
    struct worker *from = channel->context;
    (void)why;
    channel_close(&from->channel);
    from->bound = NULL;
    event_raise(&from->answered);
}

static void bind(const char *name) {
    struct worker *to = &worker[workers++];
    struct bind_request request = {.name = name, .deadline_ms = BIND_MS};
    struct bind_result result;
    expect(name, bind_to(&request, &result), ERR_OK);
    expect("a worker of another core", result.kind == BIND_CHANNEL ? ERR_OK : ERR_ARGUMENT, ERR_OK);
    struct channel_request open = {
        .frame = result.channel->memory,
        .size = result.channel->size,
        .side = result.channel->side,
        .wake = result.channel->wake,
        .patience = CHANNEL_PATIENCE,
        .receive = take,
    };
    expect("its channel", channel_open(&to->channel, &open), ERR_OK);
    to->bound = result.channel;
    to->bound->context = to;
    to->bound->received = received;
    to->bound->ended = ended;
}

static void tell(struct worker *to, enum command command, uint64_t first, uint64_t second) {
    struct urpc_message message = {.word = {command, first, second}, .type = 1, .words = 3};
    to->word[0] = 0;
    if (to->bound != NULL) {
        (void)channel_send(&to->channel, &message, time_deadline(ANSWER_MS));
    }
}

/* The answer to this command, unless the worker is gone. */
static void hear(struct worker *from, enum command command, uint64_t heard[STATUS_WORDS]) {
    while (from->bound != NULL && from->word[0] != command) {
        if (!event_wait(&from->answered, time_deadline(ANSWER_MS))) {
            die("worker %lu does not answer", (uint64_t)(from - worker));
        }
    }
    __builtin_memcpy(heard, from->word, sizeof(from->word));
}

/* All at once: the workers, and the leader meanwhile. */
static void all(enum command command, uint64_t seed, uint64_t flags) {
    uint64_t *own = words[workers];
    for (unsigned i = 0; i < workers; i++) {
        tell(&worker[i], command, seed + i * 0x9e3779b97f4a7c15ul, flags);
    }
    if (command == COMMAND_STORM) {
        share_storm(seed + workers * 0x9e3779b97f4a7c15ul, flags);
    } else if (command == COMMAND_STATUS) {
        share_status(own);
    } else if (command == COMMAND_RACE) {
        own[1] = share_race();
    } else if (command == COMMAND_CLEAN) {
        share_clean();
    } else if (command == COMMAND_DROP) {
        share_drop();
    }
    for (unsigned i = 0; i < workers; i++) {
        hear(&worker[i], command, words[i]);
    }
}

static unsigned workers_left(void) {
    unsigned left = 0;
    for (unsigned i = 0; i < workers; i++) {
        left += worker[i].bound != NULL;
    }
    return left;
}

/* What one has of the memory nobody else has, all know the same owner, and after a revoke one alone has the capability. */
static void check(void) {
    uint64_t pages = 0, having = 0, revoked = 0, owner = SHARED_CAP_NOBODY;
    for (unsigned i = 0; i <= workers; i++) {
        const uint64_t *of = words[i];
        if (i < workers && worker[i].bound == NULL) {
            continue; /* it has died, and all that it had with it */
        }
        hold("somebody found something wrong", of[STATUS_BAD] == 0);
        hold("two have made something of one page", (pages & of[STATUS_PAGES]) == 0);
        hold("something is left of what was revoked", of[STATUS_HAS] || of[STATUS_PAGES] == 0);
        hold("there are two owners", !of[STATUS_HAS] || owner == SHARED_CAP_NOBODY || owner == of[STATUS_OWNER]);
        owner = of[STATUS_HAS] ? of[STATUS_OWNER] : owner;
        pages |= of[STATUS_PAGES];
        having += of[STATUS_HAS];
        revoked += of[STATUS_REVOKED];
    }
    hold("two have revoked it", revoked <= 1);
    hold("after a revoke several have it, or without one not all", having == (revoked != 0 ? 1 : workers_left() + 1));
    for (unsigned i = 0; i <= workers && workers_left() == workers; i++) {
        hold("who has not revoked it has it", revoked == 0 || words[i][STATUS_HAS] == words[i][STATUS_REVOKED]);
    }
}

/* Whoever has it gives it to the leader, and that to all. */
static void give_all(void) {
    for (unsigned i = 0; i < workers && share.cap == CAP_NULL; i++) {
        if (words[i][STATUS_HAS]) {
            tell(&worker[i], COMMAND_SEND, 0, 0);
            hear(&worker[i], COMMAND_SEND, words[i]);
            expect("getting it back", (err_t)words[i][1], ERR_OK);
            (void)event_wait(&worker[i].given, time_deadline(ANSWER_MS));
            words[i][STATUS_HAS] = true;
        }
    }
    for (unsigned i = 0; i < workers; i++) {
        if (worker[i].bound != NULL && !words[i][STATUS_HAS]) {
            expect("sending it", shared_cap_send(worker[i].bound, 0, share.cap), ERR_OK);
        }
    }
}

/* All retype the same part: one has it, the others find it busy. */
static void race(void) {
    unsigned won = 0, busy = 0;
    all(COMMAND_RACE, 0, 0);
    for (unsigned i = 0; i <= workers; i++) {
        bool there = i == workers || worker[i].bound != NULL;
        won += there && words[i][1] == ERR_OK;
        busy += there && words[i][1] == ERR_RETYPE_BUSY;
    }
    hold("not exactly one has won", won == 1 && busy == workers_left());
    races++;
    all(COMMAND_CLEAN, 0, 0);
}

static void begin(unsigned type, int names, char **name) {
    for (int i = 0; i < names && workers < WORKERS; i++) {
        bind(name[i]);
    }
    struct ram_block block;
    struct ram_request request = {.size = PAGES * PAGE_SIZE};
    expect("memory", ram_alloc(&request, &block), ERR_OK);
    expect("a capability", ram_retype(&block, type, &share.cap), ERR_OK);
}

static void print_counts(const char *type) {
    uint64_t sum[4] = {0};
    for (unsigned i = 0; i <= workers; i++) {
        for (unsigned n = 0; n < ARRAY_SIZE(sum); n++) {
            sum[n] += words[i][STATUS_COUNTS] >> 16 * n & 0xffff;
        }
    }
    printf("%s: %lu retypes, %lu found busy, %lu revokes, %lu moves, %lu races won by one\n", type, sum[0], sum[1],
           sum[2], sum[3], races);
}

static void rounds_of(unsigned type, uint64_t seed, uint64_t rounds) {
    uint64_t frame = type == CAP_TYPE_FRAME ? STORM_FRAME : 0;
    for (uint64_t i = 0; i < rounds; i++) {
        give_all();
        all(COMMAND_CLEAN, 0, 0);
        race();
        all(COMMAND_STORM, seed + 2 * i, frame);
        all(COMMAND_STATUS, 0, 0);
        check();
        all(COMMAND_STORM, seed + 2 * i + 1, frame | STORM_REVOKES);
        all(COMMAND_STATUS, 0, 0);
        check();
    }
}

int share_lead(uint64_t seed, uint64_t rounds, int names, char **name) {
    static const unsigned types[] = {CAP_TYPE_RAM, CAP_TYPE_FRAME};
    for (unsigned i = 0; i < ARRAY_SIZE(types); i++) {
        bool frame = types[i] == CAP_TYPE_FRAME;
        begin(types[i], frame ? 0 : names, name);
        rounds_of(types[i], seed + i * rounds * 2, rounds);
        print_counts(frame ? "frame" : "RAM");
        all(COMMAND_DROP, 0, 0);
        for (unsigned n = 0; n < workers; n++) {
            words[n][STATUS_HAS] = 0;
        }
    }
    return 0;
}

/* Until a worker's core dies in the middle of one, and some more. */
int share_storms(uint64_t seed, int names, char **name) {
    uint64_t storms = 0, after = 0;
    begin(CAP_TYPE_RAM, names, name);
    give_all();
    printf("storms begin\n");
    for (; after < STORMS_AFTER; storms++) {
        after += workers_left() < workers;
        all(COMMAND_CLEAN, 0, 0);
        all(COMMAND_STORM, seed + storms, 0);
        all(COMMAND_STATUS, 0, 0);
        check();
    }
    all(COMMAND_CLEAN, 0, 0);
    race();
    printf("%lu storms, then %u of %u workers are left\n", storms, workers_left(), workers);
    share_drop();
    return 0;
}

int share_keep_rules(char *name) {
    bind(name);
    int status = share_rules(worker[0].bound);
    all(COMMAND_STATUS, 0, 0);
    hold("the worker still has it", words[0][STATUS_HAS] == 0);
    return status;
}

/* The owner is moved to a core that dies then; or the leader's own core dies, where the memory comes from. */
int share_lose(uint64_t core, bool home_dies, int names, char **name) {
    begin(CAP_TYPE_RAM, names, name);
    give_all();
    expect("moving it", shared_cap_move(share.cap, (unsigned)core), ERR_OK);
    for (unsigned i = 0; i < workers; i++) {
        tell(&worker[i], COMMAND_WATCH, home_dies, 0);
    }
    printf("core %lu owns it\n", core);
    share_watch(home_dies);
    while (workers_left() == workers) {
        fibre_sleep_until(time_deadline(1));
    }
    for (unsigned i = 0; i < workers; i++) {
        hear(&worker[i], COMMAND_WATCH, words[i]);
    }
    race();
    printf("%u of %u workers are left, and one of all wins\n", workers_left(), workers);
    expect("revoking it", shared_cap_revoke(share.cap), ERR_OK);
    share_drop();
    return 0;
}
