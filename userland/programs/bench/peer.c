/* The second domain: serves the set-up, then plays the roles of pair.h. In a role its main fibre is blocked, and whatever
   the raw entries are in the middle of is given up when the dispatcher is entered at `run`. */
#include <abi/stubs.h>
#include <skerry/domain.h>
#include <skerry/fibre.h>
#include <skerry/slots.h>
#include <skerry/vspace.h>

#include "programs/bench/bench.h"
#include "programs/bench/interrupt.h"
#include "programs/bench/pair.h"
#include "programs/bench/raw.h"

static struct shared *shared;
static capaddr_t first_dispatcher;
static enum peer_role wanted;
static bool over;
static struct fibre_queue main_waits;

static err_t share(capaddr_t frame) {
    struct vspace_request request = {frame, 0, PAGE_SIZE, MAP_READ | MAP_WRITE};
    void *at;
    TRY(vspace_map(&request, &at, NULL));
    shared = at;
    raw_stamp_place = &shared->stamp;
    return ERR_OK;
}

static err_t own_notification(capaddr_t *cap) {
    TRY(slot_alloc(cap));
    return dispatcher_notification(CAP_DISPATCHER, slot_word(*cap), PEER_NOTIFY_BIT);
}

static err_t act(const struct lrpc_request *request, capaddr_t *give) {
    switch (request->operation) {
    case PEER_SHARE:
        return share(request->cap);
    case PEER_REPLY_TO:
        raw_answer_to = request->cap;
        return lrpc_endpoint(0, RIGHT_WRITE | RIGHT_GRANT, give);
    case PEER_DISPATCHER:
        first_dispatcher = request->cap;
        return slot_copy(CAP_DISPATCHER, give);
    case PEER_NOTIFICATION:
        return own_notification(give);
    case PEER_INTERRUPT:
        return interrupt_own(PEER_NOTIFY_BIT);
    case PEER_ROLE:
        wanted = (enum peer_role)request->payload[0];
        return ERR_OK;
    case PEER_END:
        over = true;
        return ERR_OK;
    default:
        return ERR_UNSUPPORTED;
    }
}

static void serve(const struct lrpc_request *request) {
    struct lrpc_answer answer = {.cap = CAP_NULL};
    answer.error = act(request, &answer.cap);
    lrpc_reply(request, &answer);
    (void)fibre_wake(&main_waits);
}

/* Blocked, but for what the entries do, until the first domain wants the role to end. */
static void wait_until_left(void) {
    while (shared->leave == 0) {
        dispatcher_wait(0);
        (void)dispatcher_take_notifications();
    }
}

static void yield_until_left(void) {
    while (shared->leave == 0) {
        if (sys_yield(first_dispatcher) != ERR_OK) {
            die("no dispatcher to yield to");
        }
        shared->stamp = stamp_end();
    }
}

static void play(enum peer_role role) {
    volatile struct dispatcher_frame *frame = dispatcher_frame();
    vaddr_t entry_run = frame->entry_run, entry_lrpc = frame->entry_lrpc;
    if (role == ROLE_STAMP || role == ROLE_ANSWER) {
        frame->entry_lrpc = (vaddr_t)(role == ROLE_STAMP ? raw_entry_stamp : raw_entry_answer);
    } else if (role == ROLE_WAIT) {
        frame->entry_run = (vaddr_t)raw_entry_run_stamp;
    }
    if (role == ROLE_YIELD) {
        shared->role = role;
        yield_until_left();
    } else {
        frame->disabled = 1; /* until it is blocked, a message would find the entry in the middle of this */
        shared->role = role;
        wait_until_left();
    }
    frame->entry_run = entry_run;
    frame->entry_lrpc = entry_lrpc;
    (void)dispatcher_take_notifications();
    shared->role = ROLE_NONE;
}

void peer_main(void) {
    lrpc_serve(serve);
    err_t err = domain_export(PEER_SERVICE);
    if (err != ERR_OK) {
        die("%s", err_doc(err));
    }
    while (!over) {
        enum peer_role role = wanted;
        wanted = ROLE_NONE;
        if (role != ROLE_NONE) {
            play(role);
        } else {
            (void)fibre_wait(&main_waits, 0);
        }
    }
}
