/* Flags, stack pointers and registers at system calls, faults and interrupts. */
#include "programs/hostile/hostile.h"

#define FLAG_TF (1ull << 8)
#define FLAG_IF (1ull << 9)
#define FLAG_DF (1ull << 10)
#define FLAG_IOPL (3ull << 12)
#define FLAG_NT (1ull << 14)
#define FLAG_AC (1ull << 18)
#define DEBUG_EXCEPTION VECTOR(1)
#define OWN_LOW (USER_STACK_TOP - 16 * PAGE_SIZE)
#define OWN_HIGH (USER_STATIC_BASE + (1ull << 20))

uint64_t attack_flags(uint64_t flags);
uint64_t random_syscall(uint64_t number, uint64_t random);
void stack_fault(uint64_t rsp);
void stack_null(uint64_t rsp);
void stack_yield(uint64_t rsp);
void stack_invoke(uint64_t rsp);
void stack_lrpc(uint64_t rsp);
void stack_push(uint64_t rsp);
void stack_interrupt(uint64_t rsp);
void stack_breakpoint(uint64_t rsp);

static uint64_t flags_after;

static void set_flags(uint64_t flags) {
    flags_after = attack_flags(flags);
}

static void clear_interrupts(uint64_t unused) {
    (void)unused;
    __asm__ volatile("pushfq; andq $~0x200, (%%rsp); popfq; pushfq; popq %0" : "=r"(flags_after));
}

void case_flags(void) {
    static const uint64_t harmless[] = {FLAG_DF,   FLAG_NT,    FLAG_AC,    FLAG_DF | FLAG_NT | FLAG_AC,
                                        FLAG_IOPL, 1ull << 16, 1ull << 19, 1ull << 20,
                                        1ull << 21};
    for (unsigned i = 0; i < ARRAY_SIZE(harmless); i++) {
        struct fault fault = attempt(set_flags, harmless[i]);
        must_hold("a flag leads to a fault", !fault.happened);
        must_hold("interrupts are off", (flags_after & FLAG_IF) != 0);
        must_hold("ports are allowed", (flags_after & FLAG_IOPL) == 0);
    }
    must_fault("single step", set_flags, FLAG_TF, DEBUG_EXCEPTION);
    must_fault("single step and all others", set_flags, UINT64_MAX >> 42, DEBUG_EXCEPTION);
    (void)attempt(clear_interrupts, 0);
    must_hold("interrupts can be switched off", (flags_after & FLAG_IF) != 0);
    uint64_t now;
    __asm__ volatile("pushfq; popq %0" : "=r"(now));
    must_hold("a flag outlives the upcall", (now & (FLAG_TF | FLAG_DF | FLAG_NT | FLAG_AC)) == 0);
}

void case_stacks(void) {
    static const act_t quick[] = {stack_fault, stack_null, stack_yield,     stack_invoke,
                                  stack_lrpc,  stack_push, stack_breakpoint};
    static const uint64_t bad[] = {0,
                                   1,
                                   8,
                                   0xfff,
                                   USER_TOP,
                                   USER_TOP - 8,
                                   0x00007ffffffffff8,
                                   1ull << 47,
                                   1ull << 63,
                                   0xffff7ffffffffff8,
                                   KERNEL_WINDOW + 0x2000,
                                   KERNEL_DIRECT_MAP,
                                   UINT64_MAX,
                                   UINT64_MAX - 7,
                                   USER_STATIC_BASE - PAGE_SIZE,
                                   USER_STACK_TOP - 17 * PAGE_SIZE};
    for (unsigned i = 0; i < 400; i++) {
        uint64_t rsp = i < ARRAY_SIZE(bad) ? bad[i] : odd_address();
        if (rsp >= OWN_LOW && rsp < OWN_HIGH) {
            continue; /* its own stack or frame: no attack on anybody else */
        }
        for (unsigned j = 0; j < ARRAY_SIZE(quick); j++) {
            must_fault("a bad stack", quick[j], rsp, ANY_FAULT);
        }
        if (i < ARRAY_SIZE(bad)) {
            must_fault("a bad stack at an interrupt", stack_interrupt, rsp, ANY_FAULT);
        }
    }
    report();
    stack_push(0);
}

void case_syscalls(void) {
    for (unsigned i = 0; i < 20000; i++) {
        uint64_t number = one_in(2) ? SYS_COUNT + random_next() % 64 : random_next() | 1ull << (8 + random_next() % 56);
        uint64_t answer = random_syscall(number, random_next());
        must_hold("a system call that there is not does something", (err_t)answer == ERR_SYSCALL);
        must_hold("registers are kept", answer >> 32 == 1);
    }
    for (unsigned i = 0; i < 20000; i++) {
        uint64_t answer = random_syscall(SYS_INVOKE, random_next() | 0xff);
        must_hold("a capability address of 64 bits leads to something", (err_t)answer == ERR_CAP_ADDRESS);
        must_hold("registers are kept", answer >> 32 == 1);
        answer = random_syscall(SYS_LRPC, random_next() | 0xff);
        must_hold("a message to nobody arrives", (err_t)answer == ERR_CAP_ADDRESS);
        must_hold("registers are kept", answer >> 32 == 1);
    }
}
