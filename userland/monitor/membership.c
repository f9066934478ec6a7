/* See membership.h. */
#include "monitor/membership.h"

#include <skerry/fibre.h>
#include <skerry/log.h>
#include <skerry/membership.h>
#include <skerry/string.h>
#include <skerry/time.h>

#include "monitor/advice.h"
#include "monitor/agreement.h"
#include "monitor/agreement_ports.h"
#include "monitor/cores.h"
#include "monitor/directory.h"
#include "monitor/gone.h"
#include "monitor/groups.h"
#include "monitor/home.h"
#include "monitor/introduce.h"
#include "monitor/keys.h"
#include "monitor/machine.h"
#include "monitor/ownership.h"
#include "monitor/shared_caps.h"
#include "monitor/stopping.h"
#include "monitor/supervision.h"
#include "monitor/told.h"

#define PATIENCE 5   /* times a peer's deadline, for a view to be agreed */
#define LOOK_MS 1000 /* between two looks at the neighbour, or as long as a peer has to answer */

static struct membership membership;
static struct membership_config config;
static struct agree_set greeted; /* ... and not yet asked in */
static bool open;
static struct fibre_queue changed;

static err_t prepare(void *context, const struct agree_work *work, uint64_t *holder) {
    (void)context, (void)holder;
    return membership_prepare(&membership, work);
}

static err_t finish(void *context, const struct agree_work *work, enum agree_end end) {
    (void)context;
    return membership_finish(&membership, work, end);
}

static void done(void *context, uint64_t cookie, err_t result) {
    (void)context, (void)cookie;
    membership_done(&membership, result);
    fibre_wake_all(&changed);
}

static void note(void *context, unsigned from, const uint64_t op[AGREE_WORDS]) {
    (void)context;
    membership_note(&membership, from, op);
}

/* Nothing that was on its way to a core's last life may reach the next one. */
static void view(void *context, const struct agree_set *dead, const struct agree_set *joined) {
    (void)context;
    AGREE_FOR_EACH(core, dead) {
        agreement_port_end(core);
    }
    AGREE_FOR_EACH(core, &agreement()->live) {
        core_get((coreid_t)core)->greeted = true;
    }
    home_viewed(&agreement()->live);
    gone_viewed(dead, &agreement()->live);
    groups_viewed(joined);
    advice_look();
    stopping_owners_changed();
    membership_viewed(&membership);
    fibre_wake_all(&changed);
}

static void recovered(void *context) {
    (void)context;
    membership_recovered(&membership);
}

static const struct agree_client client = {
    .prepare = prepare,
    .finish = finish,
    .done = done,
    .note = note,
    .view = view,
    .recovered = recovered,
};

static void fence(void *context, unsigned core) {
    (void)context;
    stopping_suspected((coreid_t)core);
}

/* In which a core that lives answers a probe. */
static uint64_t patience_ms(void) {
    return peer_deadline_ms() * (is_emulated() ? 1 + core_count() / CROWD : 1);
}

/* In a ring: the next live one after this. */
static unsigned neighbour(void) {
    struct agree_set others = agreement()->live, after = others;
    agree_remove(&others, this_core());
    for (unsigned core = 0; core <= this_core(); core++) {
        agree_remove(&after, core);
    }
    return agree_lowest(agree_empty(&after) ? &others : &after);
}

/* Who dies while nobody waits for it is missed by its neighbour. */
static void look_after_neighbour(void *argument) {
    (void)argument;
    for (;;) {
        fibre_sleep_until(time_deadline(MAX(LOOK_MS, patience_ms())));
        unsigned core = neighbour();
        bool crowd = crowd_turn_ms() != 0; /* all at once they would be long at it */
        if (core != AGREE_NOBODY && (crowd || introduce((coreid_t)core) == ERR_OK)) {
            membership_suspect((coreid_t)core);
        }
    }
}

err_t membership_begin(unsigned cores, uint32_t epoch, bool alone) {
    struct agree_set live = {};
    open = !alone; /* boot is over */
    if (alone) {
        agree_add(&live, this_core());
    }
    config = (struct membership_config){
        .client = AGREEMENT_MEMBERS,
        .patience = time_ticks_from_ms(patience_ms()),
        .fence = fence,
    };
    membership_init(&membership, &config, agreement());
    agreement_register(AGREEMENT_MEMBERS, &client);
    TRY(agreement_start(cores, epoch, &live));
    ownership_begin();
    keys_begin();
    shared_caps_begin();
    TRY(directory_begin());
    TRY(told_begin());
    TRY(supervision_begin());
    return machine_option("counted") ? ERR_OK : fibre_spawn(look_after_neighbour, NULL, 0);
}

void membership_greeted(coreid_t core) {
    agree_add(&greeted, core);
    if (open) {
        membership_open();
    }
}

void membership_open(void) {
    struct agree_set in = greeted;
    open = true;
    greeted = (struct agree_set){};
    membership_join(&membership, &in);
    agreement_hurry();
}

static bool is_live(coreid_t core) {
    return agree_has(&agreement()->live, core);
}

static err_t await(coreid_t core, bool in) {
    uint64_t deadline = time_deadline(PATIENCE * peer_deadline_ms());
    while (is_live(core) != in || membership.proposing) {
        if (!fibre_wait(&changed, deadline)) {
            return ERR_TIMEOUT;
        }
    }
    return ERR_OK;
}

void membership_await_settled(void) {
    while (membership.proposing && fibre_wait(&changed, time_deadline(PATIENCE * peer_deadline_ms()))) {
    }
}

err_t membership_await_in(coreid_t core) {
    return await(core, true);
}

/* It falls to the lowest of the others to propose the view. */
void membership_core_fenced(coreid_t core) {
    struct agree_set others = agree_without(&agreement()->live, &membership.suspected);
    if (!is_live(core) || agree_has(&membership.fenced, core)) {
        return;
    }
    agree_remove(&others, core);
    unsigned leader = agree_lowest(&others);
    if (leader != this_core()) {
        struct peer_call call = {.to = (coreid_t)leader, .operation = PEER_FENCED, .request = {core}};
        err_t err = peer_call(&call);
        if (err != ERR_OK) {
            log_line("core %u is fenced, but core %u does not hear of it: %s", core, leader, err_name(err));
        }
        return;
    }
    agreement()->now = time_now();
    membership_fenced(&membership, core);
    agreement_hurry();
}

err_t membership_serve_fenced(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]) {
    (void)reply;
    if (request->word[0] >= core_count() || request->word[0] == this_core()) {
        return ERR_ARGUMENT;
    }
    membership_core_fenced((coreid_t)request->word[0]);
    return ERR_OK;
}

/* One that is just being let in is waited for first: only who is in can be left out. */
err_t membership_await_out(coreid_t core) {
    if (membership.proposing && !is_live(core)) {
        TRY(await(core, true));
    }
    membership_core_fenced(core);
    return await(core, false);
}

err_t membership_serve(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]) {
    const struct agree *agree = agreement();
    (void)request;
    reply[0] = agree->epoch | agree->counters.committed << 32;
    memcpy(&reply[1], agree->live.word, sizeof(agree->live.word));
    return ERR_OK;
}

err_t membership_of(coreid_t core, uint64_t words[MEMBERSHIP_WORDS]) {
    struct peer_call call = {.to = core, .operation = PEER_MEMBERS};
    err_t err = core == this_core() ? membership_serve(NULL, call.reply) : peer_call(&call);
    memcpy(words, call.reply, MEMBERSHIP_WORDS * sizeof(words[0]));
    return err;
}

void membership_suspect(coreid_t core) {
    struct agree_set one = {};
    if (membership.agree == NULL) {
        return;
    }
    agree_add(&one, core);
    agreement()->now = time_now();
    membership_doubt(&membership, &one);
    agreement_hurry();
}

void membership_doubts(const struct agree_set *cores) {
    membership_doubt(&membership, cores);
}

void membership_turn(void) {
    membership_tick(&membership);
}

uint64_t membership_next(void) {
    return membership_next_tick(&membership);
}
