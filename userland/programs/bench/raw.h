/* Both ends of a message without a library's inbox and fibres: raw.S. */
#ifndef BENCH_RAW_H
#define BENCH_RAW_H

#include <skerry/base.h>

struct raw_words {
    uint64_t word[LRPC_WORDS];
};

/* Sends the first 4, or all 10, of `words` and waits for as many, which take their place. Whoever calls has put the
   matching entry below into its dispatcher frame. BUSY, PEER_DEAD and the like; TIMEOUT: no answer came, which an interrupt
   at the wrong moment can do. */
[[nodiscard]] err_t raw_call4(capaddr_t endpoint, struct raw_words *words);
[[nodiscard]] err_t raw_call10(capaddr_t endpoint, struct raw_words *words);

/* Upcall entries, never called. The caller's, for the answers: */
void raw_entry_reply4(void);
void raw_entry_reply10(void);

/* The peer's: to answer with the time in word 0, or with the message itself; and to leave the time of a run upcall. */
void raw_entry_stamp(void);
void raw_entry_answer(void);
void raw_entry_run_stamp(void);
extern capaddr_t raw_answer_to;
extern volatile uint64_t *raw_stamp_place;

/* Reads a byte that is not mapped. */
void raw_touch(const volatile void *at);
extern const char raw_touch_end[];

/* Page-fault upcall: calls fault_handle() on a stack of its own and goes on where the trap area says. */
void raw_entry_page_fault(void);
void fault_handle(volatile struct dispatcher_frame *frame);

#endif
