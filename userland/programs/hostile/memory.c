/* Loads, stores and jumps to where this domain has nothing. */
#include <skerry/domain.h>
#include <skerry/vspace.h>

#include "programs/hostile/hostile.h"

#define POOL_GUESS 0x400000 /* core 0's pool begins near there */

static const uint64_t foreign[] = {
    KERNEL_WINDOW,
    KERNEL_WINDOW + 0x1ff000,
    KERNEL_DEVICE_WINDOW,
    KERNEL_DEVICE_WINDOW + PAGE_SIZE,
    KERNEL_DIRECT_MAP,
    KERNEL_DIRECT_MAP + POOL_GUESS,
    KERNEL_DIRECT_MAP + 2 * POOL_GUESS,
    UINT64_MAX - 7,
    USER_TOP,
    0x00007ffffffffff8,
    0x0000800000000000,
    0xffff7ffffffffff8,
    0,
};

static void load(uint64_t address) {
    (void)*(const volatile uint64_t *)address;
}

static void store(uint64_t address) {
    *(volatile uint64_t *)address = 0x6b6f6f6c66726565;
}

static void jump(uint64_t address) {
    ((void (*)(void))address)();
}

/* Non-canonical addresses are no page faults, and with %rbp or %rsp no protection faults. */
static void try_all(const char *what, act_t act) {
    for (unsigned i = 0; i < ARRAY_SIZE(foreign); i++) {
        must_fault(what, act, foreign[i], PAGE_FAULT | PROTECTION);
    }
    for (unsigned i = 0; i < 200; i++) {
        must_fault(what, act, KERNEL_DIRECT_MAP + random_next() % (1ull << 32) / 8 * 8, PAGE_FAULT);
        must_fault(what, act, KERNEL_WINDOW + random_next() % 0x400000 / 8 * 8, PAGE_FAULT);
    }
}

void case_read_kernel(void) {
    try_all("load", load);
    report();
    load(KERNEL_WINDOW);
}

void case_write_kernel(void) {
    try_all("store", store);
    report();
    store(KERNEL_WINDOW);
}

void case_write_code(void) {
    static const uint64_t constant = 1;
    must_fault("store to code", store, (uint64_t)case_write_code & ~7ull, PAGE_FAULT);
    must_fault("store to constants", store, (uint64_t)&constant, PAGE_FAULT);
    must_fault("store to arguments", store, USER_ARGUMENTS_VADDR, PAGE_FAULT);
    must_fault("store below the stack", store, USER_STACK_TOP - 17 * PAGE_SIZE, PAGE_FAULT);
    report();
    store((uint64_t)case_write_code & ~7ull);
}

#define RETURN_INSTRUCTION ((char)0xc3)

void case_execute_data(void) {
    static char data[8] = {RETURN_INSTRUCTION};
    static char bss[8];
    volatile char stack[8] = {RETURN_INSTRUCTION};
    void *heap;
    need("memory", vspace_pages(PAGE_SIZE, &heap));
    bss[0] = *(char *)heap = RETURN_INSTRUCTION;
    dispatcher_frame()->user[0] = (unsigned char)RETURN_INSTRUCTION;
    must_fault("execute data", jump, (uint64_t)data, PAGE_FAULT);
    must_fault("execute zeroed data", jump, (uint64_t)bss, PAGE_FAULT);
    must_fault("execute the stack", jump, (uint64_t)stack, PAGE_FAULT);
    must_fault("execute the heap", jump, (uint64_t)heap, PAGE_FAULT);
    must_fault("execute the dispatcher frame", jump, (uint64_t)dispatcher_frame()->user, PAGE_FAULT);
    must_fault("execute the arguments", jump, USER_ARGUMENTS_VADDR, PAGE_FAULT);
    report();
    jump((uint64_t)data);
}

void case_jump(void) {
    try_all("jump", jump);
    for (unsigned i = 0; i < 64; i++) {
        must_fault("jump to an odd address", jump, USER_TOP - 64 + i, ANY_FAULT);
    }
    report();
    jump(0x0000800000000000);
}
