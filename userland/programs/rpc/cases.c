/* What a client can meet with. Each case leaves the server as it found it. */
#include <abi/stubs.h>
#include <skerry/print.h>
#include <skerry/ram.h>
#include <skerry/slots.h>
#include <skerry/string.h>
#include <skerry/sync.h>
#include <skerry/vspace.h>

#include "programs/rpc/rpc.h"

#define SOON_MS 20
#define LONG_MS 60000
#define CROWD 2000
#define MIXED 24

struct tally {
    uint64_t notes, cancelled, left, ended, in_work;
};

static err_t tally(struct binding *probe, struct tally *t) {
    return probe_call_tally(probe, &t->notes, &t->cancelled, &t->left, &t->ended, &t->in_work);
}

static err_t numbers(struct binding *probe) {
    uint64_t sum;
    for (uint64_t i = 0; i < 100; i++) {
        TRY(probe_call_add(probe, i, i << 40, &sum));
        expect("the sum", sum == i + (i << 40));
    }
    return ERR_OK;
}

static void fill(uint8_t *data, size_t size) {
    for (size_t i = 0; i < size; i++) {
        data[i] = (uint8_t)(i * 31 + size);
    }
}

static err_t reverse(struct binding *probe, size_t size) {
    uint8_t *data = malloc(PROBE_BYTES_MAX), *turned = malloc(PROBE_BYTES_MAX);
    size_t turned_size = 0;
    fill(data, size);
    err_t err = probe_call_reverse(probe, data, size, turned, &turned_size);
    expect("the size", err != ERR_OK || turned_size == size);
    for (size_t i = 0; i < turned_size; i++) {
        if (turned[i] != data[size - 1 - i]) {
            expect("the bytes", false);
            break;
        }
    }
    free(data);
    free(turned);
    return err;
}

/* Around the sizes at which a message needs one piece more. */
static err_t lengths(struct binding *probe) {
    for (size_t size = 0; size < 200; size++) {
        TRY(reverse(probe, size));
    }
    TRY(reverse(probe, 4096));
    TRY(reverse(probe, PROBE_BYTES_MAX));
    expect("more than the interface allows", reverse(probe, PROBE_BYTES_MAX + 1) == ERR_ARGUMENT);
    return ERR_OK;
}

struct job {
    struct binding *probe;
    err_t (*run)(struct binding *probe, size_t n);
    size_t n;
    struct semaphore *done;
    unsigned *failed;
};

static void work(void *argument) {
    const struct job *job = argument;
    *job->failed += job->run(job->probe, job->n) != ERR_OK;
    semaphore_post(job->done);
}

/* That many fibres at once; how many failed. */
static unsigned crowd(struct binding *probe, unsigned count, err_t (*run)(struct binding *, size_t), size_t n) {
    struct semaphore done = {0};
    unsigned failed = 0, started = 0;
    for (; started < count; started++) {
        struct job job = {probe, run, n != 0 ? n : started, &done, &failed};
        if (fibre_spawn(work, &job, sizeof(job)) != ERR_OK) {
            break;
        }
    }
    for (unsigned i = 0; i < started; i++) {
        (void)semaphore_wait(&done, 0);
    }
    return failed + count - started;
}

/* Long ones at once: their pieces are mixed. */
static err_t mixed(struct binding *probe) {
    expect("every mixed answer", crowd(probe, MIXED, reverse, 3000) == 0);
    return ERR_OK;
}

static err_t meet(struct binding *probe, size_t callers) {
    uint32_t place;
    return probe_call_meet_until(probe, time_deadline(LONG_MS), (uint32_t)callers, &place);
}

/* Nobody is answered before all are in work. */
static err_t thousands(struct binding *probe) {
    unsigned failed = crowd(probe, CROWD, meet, CROWD);
    printf("%u calls in flight at once, %u failed\n", CROWD, failed);
    expect("every call of the crowd", failed == 0);
    return ERR_OK;
}

static err_t timeout(struct binding *probe) {
    struct tally before, after;
    TRY(tally(probe, &before));
    expect("a deadline", probe_call_wait_until(probe, time_deadline(SOON_MS), LONG_MS) == ERR_TIMEOUT);
    do {
        TRY(tally(probe, &after));
    } while (after.in_work != 0);
    expect("the server learns that nobody waits", after.cancelled == before.cancelled + 1);
    return ERR_OK;
}

static err_t wait_long(struct binding *probe, size_t n) {
    (void)n;
    return probe_call_wait(probe, LONG_MS) == ERR_CANCELLED ? ERR_OK : ERR_FORMAT;
}

static void cancel_soon(void *argument) {
    fibre_sleep_until(time_deadline(SOON_MS));
    binding_cancel(*(struct binding **)argument);
}

static err_t cancel(struct binding *probe) {
    struct tally before, after;
    TRY(tally(probe, &before));
    TRY(fibre_spawn(cancel_soon, &probe, sizeof(struct binding *)));
    expect("all calls are cancelled", crowd(probe, 10, wait_long, 1) == 0);
    do {
        TRY(tally(probe, &after));
    } while (after.in_work != 0);
    expect("the server learns of each", after.cancelled == before.cancelled + 10);
    return ERR_OK;
}

static err_t unbind(struct binding *probe) {
    struct binding second = {0};
    struct tally before, after;
    uint64_t sum;
    TRY(tally(probe, &before));
    TRY(probe_bind(&second, 1000));
    TRY(probe_call_add(&second, 1, 2, &sum));
    binding_unbind(&second);
    expect("no call after the end", probe_call_add(&second, 1, 2, &sum) == ERR_CANCELLED);
    uint64_t until = time_deadline(LONG_MS);
    do {
        TRY(tally(probe, &after));
    } while (after.left == before.left && time_now() < until);
    expect("the server learns that a client left", after.left == before.left + 1);
    expect("the first binding still serves", probe_call_add(probe, 1, 2, &sum) == ERR_OK && sum == 3);
    return ERR_OK;
}

static err_t notes(struct binding *probe) {
    struct tally before, after;
    TRY(tally(probe, &before));
    for (uint64_t i = 0; i < 200; i++) {
        TRY(probe_send_note(probe, i));
    }
    uint64_t until = time_deadline(LONG_MS);
    do {
        TRY(tally(probe, &after));
    } while (after.notes < before.notes + 200 && time_now() < until);
    expect("every message", after.notes == before.notes + 200);
    return ERR_OK;
}

static err_t nesting(struct binding *probe) {
    uint32_t reached;
    uint64_t sum;
    TRY(probe_call_nest(probe, 8, &reached));
    expect("calls inside calls", reached == 9);
    TRY(probe_call_fault(probe, 8, &sum));
    expect("page faults inside a call", sum == 36);
    return ERR_OK;
}

/* Goes there and comes back the same. */
static err_t pass(struct binding *probe) {
    capaddr_t given, returned;
    struct ram_block block;
    TRY(ram_make(CAP_TYPE_FRAME, PAGE_SIZE, &given, &block));
    err_t err = probe_call_pass(probe, given, &returned);
    if (err != ERR_OK) {
        slot_release(given);
    } else {
        slot_release(returned);
    }
    ram_free(&block);
    return err;
}

static err_t pass_one(struct binding *probe, size_t n) {
    (void)n;
    return pass(probe);
}

#define LOOKS 20 /* more than one channel carries */

/* A copy goes along: what succeeds takes it, what fails leaves it. */
static err_t look(struct binding *probe, capaddr_t frame, size_t text_size, uint64_t *sum) {
    static const char text[200];
    capaddr_t copy;
    TRY(slot_copy(frame, &copy));
    err_t err = probe_call_look(probe, copy, 2, text, text_size, sum);
    if (err != ERR_OK) {
        expect("a capability that was not taken is still there", cap_delete(copy) == ERR_OK);
        slot_free(copy);
    }
    return err;
}

static err_t borrow(struct binding *probe) {
    struct vspace_mapping mapping;
    capaddr_t shown;
    uint64_t *word;
    TRY(probe_call_show(probe, 1000, &shown));
    struct vspace_request request = {shown, 0, PAGE_SIZE, MAP_READ};
    TRY(vspace_map(&request, (void **)&word, &mapping));
    expect("what the server has written", word[0] == 1000 && word[511] == 1511);
    TRY(vspace_unmap(&mapping));
    binding_give_back(probe, shown);
    return ERR_OK;
}

/* Over a channel memory is lent. One capability in a line, one in several; one that comes back; then as many as a channel
   carries, and one too many. */
static err_t capabilities_across(struct binding *probe) {
    uint64_t *word, sum = 0;
    capaddr_t frame;
    unsigned taken = 0;
    TRY(ram_make(CAP_TYPE_FRAME, PAGE_SIZE, &frame, NULL));
    struct vspace_request request = {frame, 0, PAGE_SIZE, MAP_READ | MAP_WRITE};
    TRY(vspace_map(&request, (void **)&word, NULL));
    word[0] = 40;
    word[1] = 2;
    TRY(look(probe, frame, 0, &sum));
    expect("the memory that went along", sum == 42);
    word[1] = 3;
    TRY(look(probe, frame, 200, &sum));
    expect("with a long message", sum == 43);
    TRY(borrow(probe));
    expect("what was lent is not lent back", pass(probe) == ERR_FOREIGN);
    expect("only memory goes to another core", look(probe, CAP_DISPATCHER, 0, &sum) == ERR_CAP_TYPE);
    err_t err = ERR_OK;
    for (unsigned i = 0; i < 3 * LOOKS && err == ERR_OK; i++) {
        err = look(probe, frame, 0, &sum);
    }
    expect("what goes back makes room for more", err == ERR_OK && borrow(probe) == ERR_OK);
    expect("memory that is back can be revoked", cap_revoke(frame) == ERR_OK);
    while (taken < LOOKS && (err = look(probe, frame, 1, &sum)) == ERR_OK) {
        taken++;
    }
    expect("a channel carries so many and no more", err == ERR_NO_MEMORY && taken > 8);
    expect("memory that is lent cannot", cap_revoke(frame) == ERR_SHARED);
    expect("the channel lives on", probe_call_add(probe, 2, 2, &sum) == ERR_OK && sum == 4);
    return ERR_OK;
}

static err_t capabilities(struct binding *probe) {
    if (probe->kind == BINDING_URPC) {
        return capabilities_across(probe);
    }
    uint32_t slots = 0;
    uint64_t sum;
    TRY(pass(probe));
    TRY(probe_call_starve(probe, true, &slots));
    expect("capabilities while slots are short, more than are kept for them", crowd(probe, 20, pass_one, 1) == 0);
    expect("other calls while slots are short", probe_call_add(probe, 2, 2, &sum) == ERR_OK && sum == 4);
    TRY(probe_call_starve(probe, false, &slots));
    printf("the server had taken %u slots, which was all\n", slots);
    return pass(probe);
}

static void told(struct binding *binding, err_t why) {
    expect("why it ended", why == ERR_PEER_DEAD);
    semaphore_post(binding->context);
}

static err_t death(struct binding *probe) {
    struct semaphore heard = {0};
    uint64_t sum;
    probe->context = &heard;
    probe->ended = told;
    expect("a call whose server ends", probe_call_leave(probe) == ERR_PEER_DEAD);
    expect("a call afterwards", probe_call_add(probe, 1, 2, &sum) == ERR_PEER_DEAD);
    expect("the event", semaphore_wait(&heard, time_deadline(LONG_MS)));
    return ERR_OK;
}

/* Another client has ended in the middle of a call. */
static err_t survivor(struct binding *probe) {
    struct tally seen;
    uint64_t until = time_deadline(LONG_MS);
    do {
        TRY(tally(probe, &seen));
    } while ((seen.ended == 0 || seen.in_work != 0) && time_now() < until);
    expect("the server learns that a client has ended", seen.ended == 1 && seen.cancelled == 1);
    return ERR_OK;
}

static err_t wait_for_end(struct binding *probe) {
    printf("rpc: waiting\n");
    return probe_call_wait(probe, LONG_MS);
}

const struct rpc_case rpc_cases[] = {
    {"numbers", numbers},   {"lengths", lengths},   {"mixed", mixed},     {"thousands", thousands},
    {"timeout", timeout},   {"cancel", cancel},     {"unbind", unbind},   {"notes", notes},
    {"nesting", nesting},   {"caps", capabilities}, {"hostile", hostile}, {"survivor", survivor},
    {"wait", wait_for_end}, {"death", death},       {"bulk", bulk},       {"rebind", rebind},
    {"rob", rob},
};
const unsigned rpc_case_count = ARRAY_SIZE(rpc_cases);
