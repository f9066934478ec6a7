/* Victims, one after the other. */
#include "programs/hostile/victim.h"

#include <skerry/ram.h>
#include <skerry/slots.h>
#include <skerry/vspace.h>

#define FRAME_WORDS (offsetof(struct dispatcher_frame, user) / sizeof(uint64_t))

extern volatile struct dispatcher_frame *victim_frame;

static capaddr_t frame, cspace;
static struct ram_block block;
static void *frame_at;

static void parts_make(void) {
    struct ram_block unused;
    need("a frame", ram_make(CAP_TYPE_FRAME, PAGE_SIZE, &frame, &unused));
    struct vspace_request request = {frame, 0, PAGE_SIZE, MAP_READ | MAP_WRITE};
    need("a mapping", vspace_map(&request, &frame_at, NULL));
    need("a CNode", ram_make(CAP_TYPE_CNODE, PAGE_SIZE, &cspace, &unused));
    struct ram_request wanted = {.size = DISPATCHER_SIZE, .properties = RAM_POOL};
    need("memory", ram_alloc(&wanted, &block));
    victim_frame = frame_at;
}

static void name_it(capaddr_t dispatcher) {
    static const char name[16] = "victim";
    uint64_t word[2];
    __builtin_memcpy(word, name, sizeof(word));
    need("a name", dispatcher_name(dispatcher, word[0], word[1]));
}

struct victim victim_make(void (*entry)(void)) {
    if (frame == CAP_NULL) {
        parts_make();
    }
    struct victim victim = {.frame = frame_at, .notification = need_slot()};
    need("a dispatcher", ram_retype(&block, CAP_TYPE_DISPATCHER, &victim.dispatcher));
    name_it(victim.dispatcher);
    need("a notification", dispatcher_notification(victim.dispatcher, slot_word(victim.notification), 1));
    for (unsigned i = 0; i < FRAME_WORDS; i++) {
        ((volatile uint64_t *)frame_at)[i] = 0;
    }
    need("set-up", dispatcher_setup(victim.dispatcher, cspace, CAP_VSPACE, frame, (vaddr_t)frame_at));
    victim.frame->entry_run = victim.frame->entry_lrpc = victim.frame->entry_page_fault = victim.frame->entry_trap =
        victim.frame->entry_fault_disabled = (vaddr_t)entry;
    return victim;
}

uint64_t victim_state(const struct victim *victim) {
    uint64_t state = DISPATCHER_STATE_NEW;
    need("its state", dispatcher_info(victim->dispatcher, &state, NULL, NULL, NULL));
    return state;
}

void victim_spoil(const struct victim *victim) {
    for (unsigned i = 0; i < FRAME_WORDS; i++) {
        ((volatile uint64_t *)victim->frame)[i] = one_in(8) ? (uint64_t)victim_spin : odd_address();
    }
}

void victim_end(struct victim *victim) {
    need("stop", dispatcher_stop(victim->dispatcher));
    slot_release(victim->notification);
    slot_release(victim->dispatcher);
}
