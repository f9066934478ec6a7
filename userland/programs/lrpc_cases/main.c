/* Generated cases of LRPC, one line each, so that the CPU driver's two paths can be held against each other: the same seed on
   the machine `fast-lrpc` and on `slow-lrpc` must print the same lines.

   lrpc_cases [SEED [COUNT]]

   The receiver is a second dispatcher of this domain, without a library. Before each case it is put into a state; then a
   message with random words is sent to a random endpoint address, with or without a capability, and everything that
   either side can see is printed. */
#include <skerry/dispatcher.h>
#include <skerry/domain.h>
#include <skerry/print.h>
#include <skerry/ram.h>
#include <skerry/slots.h>
#include <skerry/string.h>
#include <skerry/vspace.h>

#define CASES_MAX 1000

/* As entry.S has it. Sent: endpoint, capability, ten words; seen by the sender: rbx..r15, then rax and how far rsp is off.
   Received: badge, capability flag, ten words, the frame's disabled word, rsp. */
struct registers_seen {
    uint64_t rdi, rsi;
    uint64_t word[LRPC_WORDS];
    uint64_t rax, rsp;
};

enum case_mode { MODE_BLOCK, MODE_DEADLINE, MODE_YIELD_DISABLED, MODE_YIELD_ENABLED, MODE_COUNT };

void case_send(struct registers_seen *registers);
void case_entry_run(void);
void case_entry_lrpc(void);
void case_entry_fault(void);

extern struct registers_seen case_received;
extern volatile uint32_t case_messages, case_faults, case_mode, case_use_fpu;
extern volatile struct dispatcher_frame *case_frame;
extern volatile uint64_t case_frame_seen;

struct registers_seen case_received;
volatile uint32_t case_messages, case_faults, case_mode, case_use_fpu;
volatile struct dispatcher_frame *case_frame;
volatile uint64_t case_frame_seen;

static capaddr_t receiver, endpoint, badged, readonly, wake, spare, stopped;
static uint64_t random_state;

static uint64_t random_next(void) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

static bool one_in(unsigned n) {
    return random_next() % n == 0;
}

static void must(const char *what, err_t err) {
    if (err != ERR_OK) {
        die("%s: %s", what, err_name(err));
    }
}

static capaddr_t slot_new(void) {
    capaddr_t slot;
    must("slot", slot_alloc(&slot));
    return slot;
}

static void receiver_make(void) {
    capaddr_t frame;
    void *at;
    struct ram_block block;
    must("frame", ram_make(CAP_TYPE_FRAME, PAGE_SIZE, &frame, &block));
    struct vspace_request request = {frame, 0, PAGE_SIZE, MAP_READ | MAP_WRITE};
    must("map", vspace_map(&request, &at, NULL));
    case_frame = at;
    must("dispatcher", ram_make(CAP_TYPE_DISPATCHER, DISPATCHER_SIZE, &receiver, &block));
    must("setup", dispatcher_setup(receiver, CAP_ROOT_CNODE, CAP_VSPACE, frame, (vaddr_t)at));
    case_frame->entry_run = (vaddr_t)case_entry_run;
    case_frame->entry_lrpc = (vaddr_t)case_entry_lrpc;
    case_frame->entry_page_fault = (vaddr_t)case_entry_fault;
    case_frame->entry_trap = (vaddr_t)case_entry_fault;
    case_frame->entry_fault_disabled = (vaddr_t)case_entry_fault;
    must("stopped", ram_make(CAP_TYPE_DISPATCHER, DISPATCHER_SIZE, &stopped, &block));
}

static void capabilities_make(void) {
    endpoint = slot_new();
    badged = slot_new();
    readonly = slot_new();
    wake = slot_new();
    spare = slot_new();
    capaddr_t dead = slot_new();
    must("endpoint", dispatcher_endpoint(receiver, slot_word(endpoint)));
    must("badge", cap_mint(endpoint, slot_word(badged), RIGHT_ALL, 0x1234567));
    must("read-only", cap_mint(endpoint, slot_word(readonly), RIGHT_READ, 0));
    must("wake", dispatcher_notification(receiver, slot_word(wake), 5));
    must("dead endpoint", dispatcher_endpoint(stopped, slot_word(dead)));
    stopped = dead;
}

/* What the receiver does from now on when it runs; it has done it once when this returns. */
static void receiver_put(enum case_mode mode) {
    case_mode = mode;
    must("wake", notification_signal(wake));
    for (unsigned i = 0; i < 4; i++) {
        must("yield", sys_yield(receiver));
    }
}

static uint64_t endpoint_choose(void) {
    const uint64_t odd[] = {CAP_NULL,
                            CAP_RAM,
                            CAP_DISPATCHER,
                            readonly,
                            stopped,
                            CAPADDR_ROOT,
                            CAPADDR_ROOT | 63,
                            0x7fffffff,
                            1ull << 32 | endpoint,
                            ~0ull,
                            CAPADDR_ROOT | 0x7fffffff};
    if (one_in(4)) {
        return odd[random_next() % (sizeof(odd) / sizeof(odd[0]))];
    }
    return one_in(2) ? endpoint : badged;
}

static uint64_t cap_choose(void) {
    const uint64_t some[] = {wake, readonly, CAP_FREE + 31, ~0ull, CAP_RAM};
    return one_in(3) ? some[random_next() % (sizeof(some) / sizeof(some[0]))] : CAP_NULL;
}

static void frame_choose(void) {
    case_frame->lrpc_accept = one_in(6) ? 0 : 1;
    case_frame->entry_lrpc = (vaddr_t)case_entry_lrpc;
    if (one_in(12)) {
        case_frame->entry_lrpc = one_in(2) ? 0 : USER_TOP + (random_next() % 2) * 0x100000000000ull;
    }
    case_frame->lrpc_slot = one_in(4) ? random_next() : slot_word(spare);
}

/* A capability that was moved goes back, so that the next case finds it. */
static bool cap_return(uint64_t cap) {
    if (cap_move(spare, slot_word((capaddr_t)cap)) == ERR_OK) {
        return true;
    }
    return false;
}

/* What came of a case. All are printed at the end, so that no traffic of printing takes turns with the cases. */
struct outcome {
    struct registers_seen sent, received;
    err_t err;
    uint32_t messages, faults;
    bool words, kept, frame, moved;
};

static struct outcome outcomes[CASES_MAX];

static void case_run(struct outcome *out) {
    struct registers_seen sent, seen;
    enum case_mode mode = (enum case_mode)(random_next() % MODE_COUNT);
    receiver_put(one_in(2) ? MODE_BLOCK : mode);
    case_mode = MODE_BLOCK;
    frame_choose();
    sent.rdi = endpoint_choose();
    sent.rsi = cap_choose();
    for (unsigned i = 0; i < LRPC_WORDS; i++) {
        sent.word[i] = random_next();
    }
    memset(&case_received, 0, sizeof(case_received));
    case_frame_seen = 0;
    uint32_t messages = case_messages, faults = case_faults;
    seen = sent;
    case_send(&seen);
    for (unsigned i = 0; i < 4; i++) {
        must("yield", sys_yield(receiver));
    }
    *out = (struct outcome){
        .sent = sent,
        .received = case_received,
        .err = (err_t)seen.rax,
        .messages = case_messages - messages,
        .faults = case_faults - faults,
        .words = memcmp(case_received.word, sent.word, sizeof(sent.word)) == 0,
        .kept = memcmp(&seen.word[4], &sent.word[4], 6 * sizeof(sent.word[0])) == 0 && seen.rsp == 0,
        .frame = case_frame_seen == (uint64_t)case_frame,
        .moved = cap_return(sent.rsi),
    };
}

static void outcome_print(unsigned number, const struct outcome *o) {
    printf("case %u to %lx with %lx: %s, %u messages, %u faults, badge %lx, cap %lu, words %u, kept %u, frame %u, "
           "disabled %lu, rsp %lx, moved %u\n",
           number, o->sent.rdi, o->sent.rsi, err_name(o->err), o->messages, o->faults, o->received.rdi, o->received.rsi,
           o->words, o->kept, o->frame, o->received.rax, o->received.rsp, o->moved);
}

static uint64_t number_of(const char *text, uint64_t otherwise) {
    uint64_t value = 0;
    for (; text != NULL && *text >= '0' && *text <= '9'; text++) {
        value = value * 10 + (uint64_t)(*text - '0');
    }
    return value != 0 ? value : otherwise;
}

int main(int argc, char **argv) {
    random_state = number_of(argc > 1 ? argv[1] : NULL, 1);
    uint64_t count = number_of(argc > 2 ? argv[2] : NULL, 200);
    receiver_make();
    capabilities_make();
    must("run", dispatcher_run(receiver));
    count = MIN(count, (uint64_t)CASES_MAX);
    for (unsigned i = 0; i < count; i++) {
        case_use_fpu = one_in(8);
        case_run(&outcomes[i]);
    }
    for (unsigned i = 0; i < count; i++) {
        outcome_print(i, &outcomes[i]);
    }
    printf("%lu cases\n", count);
    return 0;
}
