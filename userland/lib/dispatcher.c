/* The C side of the upcalls, and blocking.
   The inbox is a ring with one writer (the LRPC upcall, disabled) and one reader (fibres, enabled). It never overflows:
   when it is nearly full the frame's lrpc_accept goes to 0 and senders are told BUSY; once it has drained, lrpc_accept
   goes back to 1 and a yield lets the CPU driver wake those who wait. */
#include <abi/stubs.h>
#include <skerry/dispatcher.h>
#include <skerry/slots.h>
#include <skerry/string.h>

#define INBOX_SIZE 64
#define INBOX_HIGH 60
#define INBOX_LOW 16
#define ARMED_SLOTS 8

extern const char dispatcher_critical_low[], dispatcher_critical_high[];
void dispatcher_entry_run(void);
void dispatcher_entry_lrpc(void);
void dispatcher_entry_page_fault(void);
void dispatcher_entry_trap(void);
void dispatcher_entry_fault_disabled(void);
void dispatcher_block(uint64_t deadline);
void dispatcher_message_arrived(const struct lrpc_message *message);

/* The counters are written on both sides of an upcall, which the compiler does not see: hence volatile. */
static struct lrpc_message inbox[INBOX_SIZE];
static volatile uint32_t inbox_written;
static volatile uint32_t inbox_read;
static capaddr_t armed[ARMED_SLOTS]; /* the first of these is in the frame's lrpc_slot */
static volatile uint32_t armed_count;

static void compiler_barrier(void) {
    __asm__ volatile("" : : : "memory");
}

void dispatcher_disable(void) {
    dispatcher_frame()->disabled = 1;
    compiler_barrier();
}

void dispatcher_enable(void) {
    compiler_barrier();
    dispatcher_frame()->disabled = 0;
}

void dispatcher_init(void) {
    volatile struct dispatcher_frame *frame = dispatcher_frame();
    frame->entry_run = (vaddr_t)dispatcher_entry_run;
    frame->entry_lrpc = (vaddr_t)dispatcher_entry_lrpc;
    frame->entry_page_fault = (vaddr_t)dispatcher_entry_page_fault;
    frame->entry_trap = (vaddr_t)dispatcher_entry_trap;
    frame->entry_fault_disabled = (vaddr_t)dispatcher_entry_fault_disabled;
    frame->critical_low = (vaddr_t)dispatcher_critical_low;
    frame->critical_high = (vaddr_t)dispatcher_critical_high;
    frame->lrpc_slot = 0;
    frame->lrpc_accept = 1;
}

/* The frame offers the first armed slot. Called disabled. */
static void offer_slot(void) {
    dispatcher_frame()->lrpc_slot = armed_count > 0 ? slot_word(armed[0]) : 0;
}

bool dispatcher_arm_slot(capaddr_t slot) {
    dispatcher_disable();
    bool room = armed_count < ARMED_SLOTS;
    if (room) {
        armed[armed_count++] = slot;
    }
    offer_slot();
    dispatcher_enable();
    return room;
}

bool dispatcher_wants_slot(void) {
    return armed_count < ARMED_SLOTS;
}

static capaddr_t take_armed_slot(void) {
    if (armed_count == 0) {
        return CAP_NULL;
    }
    capaddr_t slot = armed[0];
    armed_count--;
    for (uint32_t i = 0; i < armed_count; i++) {
        armed[i] = armed[i + 1];
    }
    offer_slot();
    return slot;
}

/* From dispatcher_entry_lrpc, disabled; message->slot is still the flag that a capability came. */
void dispatcher_message_arrived(const struct lrpc_message *message) {
    struct lrpc_message *entry = &inbox[inbox_written % INBOX_SIZE];
    memcpy(entry, message, sizeof(*entry));
    entry->slot = message->slot != 0 ? take_armed_slot() : CAP_NULL;
    inbox_written++;
    if (inbox_written - inbox_read >= INBOX_HIGH) {
        dispatcher_frame()->lrpc_accept = 0;
    }
}

static void accept_again(void) {
    volatile struct dispatcher_frame *frame = dispatcher_frame();
    if (frame->lrpc_accept != 0 || inbox_written - inbox_read > INBOX_LOW) {
        return;
    }
    frame->lrpc_accept = 1;
    if (frame->lrpc_waiters != 0) {
        (void)sys_yield(CAP_NULL);
    }
}

bool dispatcher_take_message(struct lrpc_message *message) {
    if (inbox_read == inbox_written) {
        return false;
    }
    compiler_barrier();
    *message = inbox[inbox_read % INBOX_SIZE];
    compiler_barrier();
    inbox_read++;
    accept_again();
    return true;
}

uint64_t dispatcher_take_notifications(void) {
    volatile uint64_t *notify = &dispatcher_frame()->notify;
    return *notify == 0 ? 0 : __atomic_exchange_n(notify, 0, __ATOMIC_ACQUIRE);
}

/* What arrives after the check finds the dispatcher disabled: a notification stays in the notify word and the run
   upcall follows the block at once; a message is refused with BUSY and its sender is woken by the block. */
void dispatcher_wait(uint64_t deadline) {
    dispatcher_disable();
    if (inbox_read != inbox_written || dispatcher_frame()->notify != 0) {
        dispatcher_enable();
    } else {
        dispatcher_block(deadline);
    }
}

void dispatcher_end(void) {
    (void)dispatcher_stop(CAP_DISPATCHER);
    for (;;) {
        cpu_pause();
    }
}
