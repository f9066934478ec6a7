/* See agreement.h. Messages are taken as they arrive, in the link's callback: no fibre, no copy but the line's. The clock runs
   only while something is open; an idle machine is silent. */
#include "monitor/agreement.h"

#include <skerry/fibre.h>
#include <skerry/heap.h>
#include <skerry/log.h>
#include <skerry/time.h>
#include <skerry/trace.h>

#include "monitor/agreement_ports.h"
#include "monitor/bulletins.h"
#include "monitor/cores.h"
#include "monitor/machine.h"
#include "monitor/membership.h"
#include "monitor/peers.h"
#include "monitor/trees.h"

#define CLOCK_MS 1  /* between two looks at what is open */
#define REST_US 100 /* of a transaction that was refused for a conflict */

struct asking {
    struct asking *next;
    struct fibre_queue queue;
    bool ended;
    err_t result;
};

static struct agree engine;
static struct agree_branches branches;
static bool started, ticking;
static struct fibre_queue clock_idle, clock_sleep;
static struct fibre_queue may_try; /* who found the queue full, or this core in no view */
static struct asking *all_asking;

static void send(void *context, unsigned to, const struct agree_message *message) {
    (void)context;
    agreement_port_send(to, message);
}

static void send_each(void *context, const uint16_t to[], unsigned count, const struct agree_message *message) {
    (void)context;
    agreement_port_send_each(to, count, message);
}

static void send_all(void *context, const struct agree_set *to, const struct agree_message *message) {
    (void)context;
    bulletins_send(to, message);
}

static void doubt(void *context, const struct agree_set *members) {
    (void)context;
    membership_doubts(members);
}

_Static_assert((int)AGREE_ASK == TRACE_AGREE_ASK && (int)AGREE_VOTE == TRACE_AGREE_VOTE &&
                   (int)AGREE_DECIDE == TRACE_AGREE_DECIDE && (int)AGREE_ACK == TRACE_AGREE_ACK,
               "the engine's phases are the timeline's");

/* A transaction by its coordinator and the end of its number. */
static void trace(void *context, const struct agree_record *record, enum agree_type phase) {
    (void)context;
    trace_event(TRACE_KIND_AGREE, phase, record->id.core << 16 | (record->id.number & 0xffff), engine.epoch);
}

static struct agree_config config = {.send = send,
                                     .send_each = send_each,
                                     .send_all = send_all,
                                     .branches = &branches,
                                     .doubt = doubt,
                                     .trace = trace,
                                     .tree = trees_get};

struct agree *agreement(void) {
    return &engine;
}

void agreement_register(enum agreement_client number, const struct agree_client *client) {
    config.client[number] = client;
}

/* The clock */

static bool is_idle(void) {
    return agree_quiet(&engine) && membership_next() == UINT64_MAX;
}

static uint64_t next_look(void) {
    uint64_t next = MIN(agree_next_tick(&engine), membership_next());
    return MIN(MAX(next, time_now()), time_deadline(CLOCK_MS));
}

static void watch(void *argument) {
    (void)argument;
    for (;;) {
        while (is_idle()) {
            ticking = false;
            (void)fibre_wait(&clock_idle, 0);
        }
        (void)fibre_wait(&clock_sleep, next_look());
        agree_tick(&engine, time_now());
        membership_turn();
        fibre_wake_all(&may_try);
    }
}

void agreement_hurry(void) {
    if (!ticking) {
        ticking = true;
        (void)fibre_wake(&clock_idle);
    }
}

/* Of a note its client knows, and hurries the clock itself; but membership's, which leaves that to us. */
static bool is_clocks(const struct agree_message *message) {
    return message->type == AGREE_NOTE ? message->client == AGREEMENT_MEMBERS : agree_goes_on(&engine, message);
}

static void take(unsigned from, const struct agree_message *message) {
    engine.now = time_now();
    err_t err = agree_receive(&engine, from, message);
    if (err == ERR_FORMAT) {
        log_line("core %u sent nonsense about an agreement (type %u): dropped", from, message->type);
    } else if (is_clocks(message)) {
        agreement_hurry();
    }
}

void agreement_take(unsigned from, const struct urpc_message *line) {
    if (started) {
        agreement_port_take(from, line);
    }
}

/* Requests */

void agreement_done(void *context, uint64_t cookie, err_t result) {
    (void)context;
    for (struct asking *asking = all_asking; asking != NULL; asking = asking->next) {
        if ((uint64_t)(uintptr_t)asking == cookie) {
            asking->result = result;
            asking->ended = true;
            (void)fibre_wake(&asking->queue);
        }
    }
    fibre_wake_all(&may_try);
}

void agreement_answer(struct agree_id id, err_t result) {
    engine.now = time_now();
    agree_answer(&engine, id, result);
    agreement_hurry();
}

static void forget(const struct asking *asking) {
    struct asking **at = &all_asking;
    while (*at != asking) {
        at = &(*at)->next;
    }
    *at = asking->next;
}

static err_t submit_when_possible(const struct agree_request *request) {
    for (;;) {
        engine.now = time_now();
        err_t err = started ? agree_submit(&engine, request) : ERR_NOT_READY;
        if (err != ERR_BUSY && err != ERR_NOT_READY) {
            return err;
        }
        if (time_now() >= request->deadline || !fibre_wait(&may_try, request->deadline)) {
            return ERR_TIMEOUT;
        }
    }
}

err_t agreement_do(struct agree_request *request) {
    struct asking asking = {.next = all_asking};
    all_asking = &asking;
    request->cookie = (uint64_t)(uintptr_t)&asking;
    err_t err = submit_when_possible(request);
    if (err == ERR_OK && !asking.ended) {
        agreement_hurry();
    }
    while (err == ERR_OK && !asking.ended) { /* done() always comes */
        (void)fibre_wait(&asking.queue, 0);
    }
    err = err == ERR_OK ? asking.result : err;
    forget(&asking);
    return err;
}

/* Start */

err_t agreement_start(unsigned cores, uint32_t epoch, const struct agree_set *live) {
    struct agree_record *records = calloc((size_t)cores * AGREE_WINDOW, sizeof(*records));
    if (records == NULL) {
        return ERR_NO_MEMORY;
    }
    TRY(agreement_ports_init(cores, take));
    TRY(bulletins_start(take));
    config.self = this_core();
    config.cores = config.coordinators = cores;
    config.epoch = epoch;
    config.live = *live;
    config.patience = time_ticks_from_ms(peer_deadline_ms());
    config.rest = time_ticks_from_ns(REST_US * 1000);
    agree_init(&engine, &config, records);
    started = true;
    return fibre_spawn(watch, NULL, 0);
}
