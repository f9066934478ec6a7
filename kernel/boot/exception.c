/*
 * Exceptions while there is only the loader's IDT. Without one the machine would reset without a word; so it says where,
 * and then resets, because no exit code of the contract stands for a mistake of ours.
 */
#include "boot/exception.h"

#include "boot/report.h"
#include "x86_64/insn.h"

#define VECTORS 32
#define STUB_SIZE 16
#define SELECTOR_CODE 8
#define GATE_INTERRUPT 0x8e00 /* present, ring 0, interrupts stay off */

struct gate {
    uint16_t offset_low, selector, flags, offset_middle;
    uint32_t offset_high, reserved;
};

struct [[gnu::packed]] table_pointer {
    uint16_t limit;
    uint64_t base;
};

extern const uint8_t exception_stubs[VECTORS][STUB_SIZE];

static struct gate idt[VECTORS];

static void load_idt(uint16_t limit) {
    struct table_pointer pointer = {.limit = limit, .base = (uintptr_t)idt};
    __asm__ volatile("lidt %0" : : "m"(pointer));
}

void exception_init(void) {
    for (unsigned i = 0; i < VECTORS; i++) {
        uint64_t stub = (uintptr_t)exception_stubs[i];
        idt[i] = (struct gate){.offset_low = (uint16_t)stub,
                               .selector = SELECTOR_CODE,
                               .flags = GATE_INTERRUPT,
                               .offset_middle = (uint16_t)(stub >> 16),
                               .offset_high = (uint32_t)(stub >> 32)};
    }
    load_idt(sizeof(idt) - 1);
}

void exception_report(const struct exception *e) {
    report_last("exception %lu at 0x%lx, error 0x%lx, cr2 0x%lx, rsp 0x%lx: a fault of ours; please report it",
                e->vector, e->rip, e->error, x86_read_cr2(), e->rsp);
    load_idt(0);
    __builtin_trap();
}
