/* What the cases share. */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <abi/stubs.h>
#include <skerry/base.h>
#include <skerry/dispatcher.h>

extern const char *case_name;
extern unsigned escapes;
extern uint64_t random_state;

/* What came of an attempt. */
struct fault {
    bool happened;
    unsigned vector;
    uint64_t error, address, rip;
};

typedef void (*act_t)(uint64_t argument);

/* Do it; a fault comes back here, wherever the stack pointer and the other registers have gone. */
struct fault attempt(act_t act, uint64_t argument);

/* The same with a fault handler of the caller's, which may end as attempt_entry does. */
struct fault attempt_with(act_t act, uint64_t argument, void (*handler)(void));

/* Sets of exceptions. */
#define VECTOR(n) (1u << (n))
#define ANY_FAULT 0xffffffffu
#define PROTECTION VECTOR(13)
#define PAGE_FAULT VECTOR(14)
#define REFUSED_INSTRUCTION (VECTOR(6) | VECTOR(13))

/* Count an attempt: it must fault, with one of these exceptions; it must give this answer; this must hold. */
void must_fault(const char *what, act_t act, uint64_t argument, unsigned vectors);
void must_answer(const char *what, err_t err, err_t wanted);
void must_hold(const char *what, bool holds);

/* Say what has been counted; for cases that do not come back. */
void report(void);

/* The same random numbers for the same seed. */
uint64_t random_next(void);
bool one_in(unsigned n);
uint64_t odd_address(void); /* where no domain's memory is, or anywhere */

/* Ends the program with a message if what the case itself needs cannot be had. */
void need(const char *what, err_t err);
capaddr_t need_slot(void);

/* The cases. */
void case_read_kernel(void);
void case_write_kernel(void);
void case_write_code(void);
void case_execute_data(void);
void case_jump(void);
void case_privileged(void);
void case_ports(void);
void case_flags(void);
void case_stacks(void);
void case_syscalls(void);
void case_frames(void);
void case_race(void);
void case_forge(void);
void case_stale(void);
void case_rings(void);
void case_revoke_cspace(void);
void case_revoke_vspace(void);
void case_revoke_frame(void);
void case_delete_all(void);
void case_slots(void);
void case_memory(void);
void case_dispatchers(void);
void case_loop(void);
void case_weight(void);
void case_reserve(void);
void case_signal(void);
void case_timers(void);
void case_fault_storm(void);
void case_fault_in_handler(void);
void case_flood_monitor(void);
void case_flood_serial(void);
void case_bad_caps(void);
void case_span(void);

#endif
