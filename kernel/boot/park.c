/*
 * Makes a park block; the code that runs there is in park.S.
 */
#include "boot/park.h"

#include "boot/assembly.h"
#include "boot/freestanding.h"
#include "x86_64/pte.h"

#define GATE_INTERRUPT 0x8e

struct gate {
    uint16_t offset_low, selector;
    uint8_t ist, type;
    uint16_t offset_middle;
    uint32_t offset_high, reserved;
};

struct [[gnu::packed]] pointer {
    uint16_t limit;
    uint64_t base; /* relative to the block until park_write has added that */
};

/* As park.S has them. */
struct [[gnu::packed]] tables {
    struct gate idt[VECTOR_NMI + 1];
    uint64_t cr3;
    struct pointer gdt_pointer, idt_pointer;
};

bool park_place_ok(paddr_t base) {
    return base % PARK_SIZE == 0 && base >= CHUNK_SIZE && base < BOOTSTRAP_TOP;
}

static void write_tables(uint8_t *page, paddr_t base) {
    struct tables *t = (struct tables *)(page + (park_tables - park_start));
    t->idt[VECTOR_NMI] = (struct gate){
        .offset_low = (uint16_t)base,
        .selector = SELECTOR_CODE64,
        .type = GATE_INTERRUPT,
        .offset_middle = (uint16_t)(base >> 16),
    };
    t->cr3 = base + PARK_LEVEL_4;
    t->gdt_pointer.base += base;
    t->idt_pointer.base += base;
}

static void link_table(uint8_t *block, uint64_t table, unsigned index, uint64_t entry) {
    uint64_t *entries = (uint64_t *)(void *)(block + table);
    entries[index] = entry | PTE_PRESENT;
}

void park_write(void *block, paddr_t base) {
    memset(block, 0, PARK_SIZE);
    memcpy(block, park_start, (size_t)(park_end - park_start));
    write_tables(block, base);
    link_table(block, PARK_LEVEL_4, 0, (base + PARK_LEVEL_3) | PTE_WRITE);
    uint64_t low = pte_index(base, 3) == 0 ? PARK_LEVEL_2 : PARK_LOW_2;
    link_table(block, PARK_LEVEL_3, 0, (base + low) | PTE_WRITE);
    link_table(block, low, 0, PTE_LARGE);
    link_table(block, PARK_LEVEL_3, pte_index(base, 3), (base + PARK_LEVEL_2) | PTE_WRITE);
    link_table(block, PARK_LEVEL_2, pte_index(base, 2), (base + PARK_LEVEL_1) | PTE_WRITE);
    link_table(block, PARK_LEVEL_1, pte_index(base, 1), base);
    link_table(block, PARK_LEVEL_1, pte_index(base, 1) + 1, (base + PARK_MAILBOX) | PTE_WRITE | PTE_NO_EXECUTE);
}

struct layout_output park_entry(paddr_t base) {
    return (struct layout_output){.cr3 = base + PARK_LEVEL_4, .entry = base};
}
