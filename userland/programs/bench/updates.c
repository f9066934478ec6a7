/* The suite `updates`, for figure 3: lines that all cores update, in shared memory under a lock, and by messages to the core
   that keeps them. What is measured is one core's update while all others do the same without a break.
   Core 1 is the server, the others are its clients; on a machine of one core the lines are updated in place. */
#include <skerry/domain.h>

#include "programs/bench/bench.h"
#include "programs/bench/far.h"

#define SERVER_CORE 1
#define SERVED 64 /* updates in a sample of the server's */

static struct commons *commons;
static struct far far_ends[FAR_CORES_MAX]; /* from core 1 on */
static uint64_t cores;
static uint64_t lines;

static err_t all_start(uint64_t count) {
    lines = count;
    TRY(commons_map(&commons));
    TRY(far_cores(&cores));
    commons->stop.leave = 0;
    for (uint64_t core = 1; core < cores; core++) {
        TRY(far_open((coreid_t)core, FAR_START, &far_ends[core]));
    }
    return ERR_OK;
}

static err_t all_finish(struct pair *pair) {
    (void)pair;
    commons->stop.leave = 1;
    for (uint64_t core = cores; core-- > 1;) { /* the server last */
        TRY(far_end(&far_ends[core]));
    }
    return ERR_OK;
}

static err_t share_start(uint64_t count) {
    TRY(all_start(count));
    for (uint64_t core = 1; core < cores; core++) {
        far_ask(&far_ends[core], FAR_SHARE, count);
    }
    return ERR_OK;
}

static err_t share1_prepare(struct pair *pair) {
    (void)pair;
    return share_start(1);
}

static err_t share8_prepare(struct pair *pair) {
    (void)pair;
    return share_start(COMMONS_LINES);
}

static err_t share_measure(struct pair *pair, uint64_t *ticks) {
    (void)pair;
    uint64_t begin = stamp_begin();
    commons_update(commons, lines);
    *ticks = stamp_end() - begin;
    cpu_pause(); /* a turn for the others */
    return ERR_OK;
}

static err_t calls_start(uint64_t count) {
    TRY(all_start(count));
    for (uint64_t core = SERVER_CORE + 1; core < cores; core++) {
        far_ask(&far_ends[core], FAR_BIND, SERVER_CORE);
    }
    for (uint64_t core = cores; core-- > 1;) {
        far_ask(&far_ends[core], core == SERVER_CORE ? FAR_POLL : FAR_CALL, core == SERVER_CORE ? 1 : count);
    }
    return ERR_OK;
}

static err_t call1_prepare(struct pair *pair) {
    (void)pair;
    return calls_start(1);
}

static err_t call8_prepare(struct pair *pair) {
    (void)pair;
    return calls_start(COMMONS_LINES);
}

static void update_by_message(void) {
    struct urpc_message answer;
    far_send(&far_ends[SERVER_CORE].urpc, FAR_UPDATE, lines);
    far_receive(&far_ends[SERVER_CORE].urpc, &answer);
}

static err_t call_measure(struct pair *pair, uint64_t *ticks) {
    (void)pair;
    uint64_t begin = stamp_begin();
    if (cores > 1) {
        update_by_message();
    } else {
        lines_update(commons->lines, lines);
    }
    *ticks = stamp_end() - begin;
    cpu_pause();
    return ERR_OK;
}

static err_t served_here(uint64_t *ticks) {
    uint64_t begin = stamp_begin();
    for (unsigned i = 0; i < SERVED; i++) {
        lines_update(commons->lines, lines);
    }
    *ticks = stamp_end() - begin;
    return ERR_OK;
}

/* The server takes its own time, over so many updates; this client is one of those that keep it busy. */
static err_t served_measure(struct pair *pair, uint64_t *ticks) {
    (void)pair;
    struct urpc_message answer = {.type = 0};
    if (cores == 1) {
        return served_here(ticks);
    }
    struct urpc *server = &far_ends[SERVER_CORE].urpc;
    far_send(server, FAR_SERVED, SERVED);
    while (answer.type != FAR_SERVED) {
        far_send(server, FAR_UPDATE, lines);
        far_receive(server, &answer);
        cpu_pause();
    }
    *ticks = answer.word[0];
    far_receive(server, &answer); /* to the last update, which the server's time overtook */
    return ERR_OK;
}

static const struct path paths[] = {
    {"overhead", NULL, suite_overhead, NULL},
    {"shared-1", share1_prepare, share_measure, all_finish},
    {"shared-8", share8_prepare, share_measure, all_finish},
    {"message-1", call1_prepare, call_measure, all_finish},
    {"message-8", call8_prepare, call_measure, all_finish},
    {"server-8-64", call8_prepare, served_measure, all_finish},
};

const struct suite suite_updates = {"updates", paths, ARRAY_SIZE(paths), NULL, NULL};
