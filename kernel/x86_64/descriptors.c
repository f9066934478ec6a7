/*
 * GDT, TSS and IDT of this core. [SDM3 3.4, 6.14, 7.7]
 */
#include "x86_64/descriptors.h"

#include "x86_64/cpu.h"
#include "x86_64/entry.h"

struct [[gnu::packed]] tss {
    uint32_t reserved0;
    uint64_t rsp[3];
    uint64_t reserved1;
    uint64_t ist[7];
    uint64_t reserved2;
    uint16_t reserved3;
    uint16_t io_map;
};
_Static_assert(sizeof(struct tss) == 104, "64-bit TSS");

struct gate {
    uint16_t offset_low, selector;
    uint8_t ist, type;
    uint16_t offset_middle;
    uint32_t offset_high, reserved;
};
_Static_assert(sizeof(struct gate) == 16, "64-bit gate");

struct [[gnu::packed]] table_register {
    uint16_t limit;
    uint64_t base;
};

#define SEGMENT_KERNEL_CODE 0x00af9b000000ffffULL
#define SEGMENT_KERNEL_DATA 0x00cf93000000ffffULL
#define SEGMENT_USER_DATA 0x00cff3000000ffffULL
#define SEGMENT_USER_CODE 0x00affb000000ffffULL
#define GATE_INTERRUPT 0x8e
#define SEGMENT_TSS 0x0000890000000000ULL

struct kernel_stacks kernel_stacks __attribute__((section(".stacks"), aligned(PAGE_SIZE)));

static struct tss tss;
static uint64_t gdt[7];
static struct gate idt[256] __attribute__((aligned(16)));

static void gdt_fill(void) {
    uint64_t base = (uint64_t)&tss;
    gdt[SELECTOR_KERNEL_CODE / 8] = SEGMENT_KERNEL_CODE;
    gdt[SELECTOR_KERNEL_DATA / 8] = SEGMENT_KERNEL_DATA;
    gdt[SELECTOR_USER_DATA / 8] = SEGMENT_USER_DATA;
    gdt[SELECTOR_USER_CODE / 8] = SEGMENT_USER_CODE;
    gdt[SELECTOR_TSS / 8] = SEGMENT_TSS | (sizeof tss - 1) | (base & 0xffffff) << 16 | (base >> 24 & 0xff) << 56;
    gdt[SELECTOR_TSS / 8 + 1] = base >> 32;
}

static void tss_fill(void) {
    tss.rsp[0] = (uint64_t)(user_context() + 1);
    tss.ist[IST_DOUBLE_FAULT - 1] = (uint64_t)kernel_stacks.double_fault + PAGE_SIZE;
    tss.ist[IST_NMI - 1] = (uint64_t)kernel_stacks.nmi + PAGE_SIZE;
    tss.ist[IST_MACHINE_CHECK - 1] = (uint64_t)kernel_stacks.machine_check + PAGE_SIZE;
    tss.io_map = sizeof tss; /* no bitmap: every port access from user space traps */
}

static uint8_t vector_ist(unsigned vector) {
    switch (vector) {
    case EXCEPTION_DOUBLE_FAULT:
        return IST_DOUBLE_FAULT;
    case EXCEPTION_NMI:
        return IST_NMI;
    case EXCEPTION_MACHINE_CHECK:
        return IST_MACHINE_CHECK;
    default:
        return 0;
    }
}

static void idt_fill(void) {
    for (unsigned vector = 0; vector < ARRAY_SIZE(idt); vector++) {
        uint64_t stub = entry_vectors[vector];
        idt[vector] = (struct gate){
            .offset_low = stub & 0xffff,
            .selector = SELECTOR_KERNEL_CODE,
            .ist = vector_ist(vector),
            .type = GATE_INTERRUPT,
            .offset_middle = stub >> 16 & 0xffff,
            .offset_high = stub >> 32,
        };
    }
}

void descriptors_init(void) {
    gdt_fill();
    tss_fill();
    idt_fill();
    struct table_register gdtr = {sizeof gdt - 1, (uint64_t)gdt};
    struct table_register idtr = {sizeof idt - 1, (uint64_t)idt};
    __asm__ volatile("lgdt %0\n\t"
                     "pushq %1\n\t"
                     "leaq 1f(%%rip), %%rax\n\t"
                     "pushq %%rax\n\t"
                     "lretq\n"
                     "1:\n\t"
                     "movl %2, %%eax\n\t"
                     "movl %%eax, %%ss\n\t"
                     "xorl %%eax, %%eax\n\t"
                     "movl %%eax, %%ds\n\t"
                     "movl %%eax, %%es\n\t"
                     "movl %%eax, %%fs\n\t"
                     "movl %%eax, %%gs\n\t"
                     "lldt %%ax\n\t" /* none: after reset it is one at address 0, and that is a domain's */
                     "ltr %w3\n\t"
                     "lidt %4"
                     :
                     : "m"(gdtr), "i"(SELECTOR_KERNEL_CODE), "i"(SELECTOR_KERNEL_DATA), "r"(SELECTOR_TSS), "m"(idtr)
                     : "rax", "memory");
}
