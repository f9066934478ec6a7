/* Everything that a domain may ask of its monitor about a span, asked wrongly; and what must not be possible while a page is mapped. */
#include <if/monitor.h>
#include <skerry/domain.h>
#include <skerry/domain_span.h>
#include <skerry/ram.h>
#include <skerry/slots.h>

#include "programs/hostile/hostile.h"

#define MANY 400

static err_t ask(uint16_t operation, capaddr_t cap, const uint64_t word[6], uint64_t *reply) {
    struct lrpc_call call = {.operation = operation};
    if (cap != CAP_NULL) {
        call.cap = need_slot();
        need("a copy", cap_copy(cap, slot_word(call.cap)));
    }
    for (unsigned i = 0; i < 6; i++) {
        call.request[i] = word[i];
    }
    err_t err = domain_ask(&call);
    if (call.cap != CAP_NULL) {
        slot_release(call.cap);
    }
    *reply = call.reply[1];
    return err;
}

static void must_be_refused(const char *what, uint16_t operation, capaddr_t cap, const uint64_t word[6]) {
    uint64_t reply;
    must_hold(what, ask(operation, cap, word, &reply) != ERR_OK);
}

static uint64_t odd_word(void) {
    static const uint64_t odd[] = {0,    1,    2,          3,          7,          1023,      1024,
                                   1025, 4096, 1ull << 32, 1ull << 52, 1ull << 63, UINT64_MAX};
    return one_in(4) ? random_next() : odd[random_next() % ARRAY_SIZE(odd)];
}

static void without_a_span(capaddr_t frame) {
    static const uint64_t none[6], page[6] = {1, 1, 0, MAP_READ, AGREE_UNICAST, 0};
    must_be_refused("a page is mapped without a span", MONITOR_SPAN_MAP, frame, page);
    must_be_refused("a page is changed without a span", MONITOR_SPAN_CHANGE, CAP_NULL, page);
    must_be_refused("a page is faulted in without a span", MONITOR_SPAN_FAULT, CAP_NULL, page);
    must_be_refused("a member is started without a span", MONITOR_SPAN_START, CAP_NULL, page);
    must_be_refused("a frame is taken for a page table", MONITOR_SPAN, frame, none);
    must_be_refused("nothing is taken for a page table", MONITOR_SPAN, CAP_NULL, none);
}

/* Nothing of this may be mapped, so all changes fail, too. */
static void with_bad_words(capaddr_t frame) {
    static const uint64_t none[6], executable[6] = {1, 1, 0, MAP_WRITE | MAP_EXECUTE, AGREE_UNICAST, 0},
                                   beyond[6] = {1, 2, 0, MAP_READ, AGREE_UNICAST, 0},
                                   last[6] = {1023, 2, 0, MAP_READ, AGREE_UNICAST, 0},
                                   other[6] = {1, 1, 0, MAP_READ, AGREE_TOPOLOGIES, 0};
    must_be_refused("there is a second span", MONITOR_SPAN, CAP_VSPACE, none);
    must_be_refused("a page is writable and executable", MONITOR_SPAN_MAP, frame, executable);
    must_be_refused("more is mapped than the frame has", MONITOR_SPAN_MAP, frame, beyond);
    must_be_refused("more is mapped than the span has", MONITOR_SPAN_MAP, frame, last);
    must_be_refused("what does not exist is used", MONITOR_SPAN_MAP, frame, other);
    for (unsigned i = 0; i < MANY; i++) {
        uint64_t word[6] = {odd_word(), odd_word(), odd_word(), odd_word(), odd_word(), odd_word()};
        must_be_refused("a page that is not mapped is changed", MONITOR_SPAN_CHANGE, CAP_NULL, word);
        must_be_refused("a page that is not mapped is faulted in", MONITOR_SPAN_FAULT, CAP_NULL, word);
    }
}

static void store(uint64_t address) {
    *(volatile uint64_t *)address = 1;
}

static void load(uint64_t address) {
    (void)*(const volatile uint64_t *)address;
}

static void while_mapped(capaddr_t frame, capaddr_t reader) {
    struct vspace_request request = {frame, 0, PAGE_SIZE, MAP_READ | MAP_WRITE};
    struct vspace_request writes = {reader, 0, PAGE_SIZE, MAP_READ | MAP_WRITE};
    void *at, *other;
    must_answer("it is mapped with more rights", domain_span_map(&writes, &other), ERR_CAP_RIGHTS);
    need("a page", domain_span_map(&request, &at));
    store((uint64_t)at);
    must_answer("its memory is revoked", cap_revoke(frame), ERR_SHARED);
    need("protect", domain_span_protect(at, PAGE_SIZE, MAP_READ));
    load((uint64_t)at);
    must_fault("what may be read is written", store, (uint64_t)at, PAGE_FAULT);
    need("protect", domain_span_protect(at, PAGE_SIZE, 0));
    must_fault("what nobody may touch is read", load, (uint64_t)at, PAGE_FAULT);
    need("unmap", domain_span_unmap(at, PAGE_SIZE));
    must_fault("what is gone is read", load, (uint64_t)at, PAGE_FAULT);
    must_answer("its memory is its own again", cap_revoke(frame), ERR_OK);
    must_fault("what lies beside it is read", load, USER_SPAN_BASE, PAGE_FAULT);
}

void case_span(void) {
    capaddr_t frame, reader = need_slot();
    need("a frame", ram_make(CAP_TYPE_FRAME, PAGE_SIZE, &frame, NULL));
    without_a_span(frame);
    need("a span", domain_span_begin());
    need("a capability to read", cap_mint(frame, slot_word(reader), RIGHT_READ | RIGHT_GRANT, 0));
    with_bad_words(frame);
    while_mapped(frame, reader);
}
