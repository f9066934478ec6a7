/* The service. Its functions wait, call, fault and fail in the middle of calls. */
#include <if/probe_client.h>
#include <if/probe_server.h>
#include <skerry/domain.h>
#include <skerry/print.h>
#include <skerry/ram.h>
#include <skerry/region.h>
#include <skerry/slots.h>
#include <skerry/string.h>
#include <skerry/vspace.h>

#include "programs/rpc/rpc.h"

#define CALLS 4096 /* of one client at a time */
#define PAGER_MS 2
#define BIND_MS 1000
#define STARVED_MAX 70000 /* more than there can be */

static uint64_t notes, cancelled, left, ended, in_work;
static struct fibre_queue meeting, nobody;
static uint32_t arrived;
static capaddr_t starved[STARVED_MAX];
static uint32_t starved_count;

err_t probe_serve_add(struct service_call *call, uint64_t a, uint64_t b, uint64_t *sum) {
    (void)call;
    *sum = a + b;
    return ERR_OK;
}

err_t probe_serve_quick(struct service_call *call, uint64_t n, uint64_t *next) {
    (void)call;
    *next = n + 1;
    return ERR_OK;
}

err_t probe_serve_reverse(struct service_call *call, const void *data, size_t size,
                          uint8_t turned[static PROBE_BYTES_MAX], size_t *turned_size) {
    (void)call;
    for (size_t i = 0; i < size; i++) {
        turned[i] = ((const uint8_t *)data)[size - 1 - i];
    }
    *turned_size = size;
    return ERR_OK;
}

err_t probe_serve_turn(struct service_call *call, void *piece, size_t size, uint64_t *sum) {
    uint8_t *bytes = piece;
    (void)call;
    for (size_t i = 0, j = size; i < j; i++) {
        uint8_t one = bytes[i], other = bytes[--j]; /* the same one in the middle */
        bytes[i] = other;
        bytes[j] = one;
        *sum += i == j ? one : one + other;
    }
    return ERR_OK;
}

err_t probe_serve_linger(struct service_call *call, void *piece, size_t size, uint32_t ms) {
    (void)call;
    sleep_ms(ms);
    memset(piece, 1, size);
    return ERR_OK;
}

err_t probe_serve_wait(struct service_call *call, uint64_t ms) {
    in_work++;
    (void)service_wait(call, &nobody, time_deadline(ms));
    in_work--;
    cancelled += call->cancelled;
    return call->cancelled ? ERR_CANCELLED : ERR_OK;
}

err_t probe_serve_meet(struct service_call *call, uint32_t callers, uint32_t *place) {
    (void)call;
    *place = ++arrived;
    if (arrived < callers) {
        (void)fibre_wait(&meeting, 0);
        return ERR_OK;
    }
    arrived = 0;
    fibre_wake_all(&meeting);
    return ERR_OK;
}

err_t probe_serve_nest(struct service_call *call, uint32_t levels, uint32_t *reached) {
    struct binding self;
    uint32_t below = 0;
    if (levels > 0) {
        TRY(probe_bind(&self, BIND_MS));
        err_t err = probe_call_nest(&self, levels - 1, &below);
        binding_unbind(&self);
        TRY(err);
    }
    (void)call;
    *reached = below + 1;
    return ERR_OK;
}

static err_t bring(struct region *region, const struct region_fault *fault) {
    uint64_t word = 1 + fault->offset / PAGE_SIZE;
    fibre_sleep_until(time_deadline(PAGER_MS));
    return region_supply(region, fault->offset, &word, sizeof(word));
}

err_t probe_serve_fault(struct service_call *call, uint32_t pages, uint64_t *sum) {
    static const struct pager slow = {.serve = bring};
    struct region_request request = {
        .size = (uint64_t)pages * PAGE_SIZE, .flags = MAP_READ | MAP_WRITE, .pager = &slow};
    struct region *region;
    (void)call;
    TRY(region_reserve(&request, &region));
    for (uint32_t i = 0; i < pages; i++) {
        *sum += *(volatile uint64_t *)((char *)region_base(region) + (uint64_t)i * PAGE_SIZE);
    }
    region_release(region);
    return ERR_OK;
}

err_t probe_serve_pass(struct service_call *call, capaddr_t given, capaddr_t *returned) {
    (void)call;
    *returned = given;
    return ERR_OK;
}

/* Maps memory, looks at its words or writes them, and lets go of the mapping. */
static err_t with_words(capaddr_t frame, unsigned flags, void (*visit)(uint64_t *word, uint64_t *value),
                        uint64_t *value) {
    struct vspace_request request = {frame, 0, PAGE_SIZE, flags};
    struct vspace_mapping mapping;
    void *at;
    TRY(vspace_map(&request, &at, &mapping));
    visit(at, value);
    return vspace_unmap(&mapping);
}

static void add_up(uint64_t *word, uint64_t *value) {
    uint64_t words = *value;
    *value = 0;
    for (uint64_t i = 0; i < words; i++) {
        *value += word[i];
    }
}

static void count_up(uint64_t *word, uint64_t *value) {
    for (uint64_t i = 0; i < PAGE_SIZE / sizeof(uint64_t); i++) {
        word[i] = *value + i;
    }
}

err_t probe_serve_look(struct service_call *call, capaddr_t given, uint32_t words, const void *text, size_t size,
                       uint64_t *sum) {
    const uint8_t *bytes = text;
    *sum = words;
    err_t err = with_words(given, MAP_READ, add_up, sum);
    for (size_t i = 0; i < size; i++) {
        *sum += bytes[i];
    }
    if (size != 1) { /* one byte: keep it */
        service_give_back(call, given);
    }
    return err;
}

err_t probe_serve_show(struct service_call *call, uint64_t seed, capaddr_t *shown) {
    static capaddr_t frame;
    (void)call;
    if (frame == CAP_NULL) {
        TRY(ram_make(CAP_TYPE_FRAME, PAGE_SIZE, &frame, NULL));
    }
    TRY(with_words(frame, MAP_READ | MAP_WRITE, count_up, &seed));
    return slot_copy(frame, shown);
}

err_t probe_serve_starve(struct service_call *call, bool starve, uint32_t *slots) {
    (void)call;
    while (starve && starved_count < STARVED_MAX && slot_alloc(&starved[starved_count]) == ERR_OK) {
        starved_count++;
    }
    *slots = starved_count;
    while (!starve && starved_count > 0) {
        slot_free(starved[--starved_count]);
    }
    return ERR_OK;
}

err_t probe_serve_tally(struct service_call *call, uint64_t *notes_out, uint64_t *cancelled_out, uint64_t *left_out,
                        uint64_t *ended_out, uint64_t *in_work_out) {
    (void)call;
    *notes_out = notes;
    *cancelled_out = cancelled;
    *left_out = left;
    *ended_out = ended;
    *in_work_out = in_work;
    return ERR_OK;
}

err_t probe_serve_leave(struct service_call *call) {
    (void)call;
    exit(0);
}

void probe_take_note(struct service_call *call, uint64_t n) {
    (void)call, (void)n;
    notes++;
}

static void client_ended(struct service_client *client, err_t why) {
    (void)client;
    *(why == ERR_CANCELLED ? &left : &ended) += 1;
}

int serve(void) {
    static struct service probe = {.interface = &probe_service, .calls = CALLS, .ended = client_ended};
    return service_main(&probe);
}
