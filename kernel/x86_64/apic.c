/*
 * Local APIC in xAPIC mode, mapped at the first page of the device window.
 */
#include "x86_64/apic.h"

#include "x86_64/insn.h"

enum apic_register {
    APIC_ID = 0x20,
    APIC_TASK_PRIORITY = 0x80,
    APIC_EOI = 0xb0,
    APIC_SPURIOUS = 0xf0,
    APIC_IN_SERVICE = 0x100,
    APIC_REQUESTED = 0x200,
    APIC_ICR_LOW = 0x300,
    APIC_ICR_HIGH = 0x310,
    APIC_LVT_TIMER = 0x320,
    APIC_LVT_LINT0 = 0x350,
    APIC_LVT_LINT1 = 0x360,
    APIC_LVT_ERROR = 0x370,
    APIC_TIMER_INITIAL = 0x380,
    APIC_TIMER_CURRENT = 0x390,
    APIC_TIMER_DIVIDE = 0x3e0,
};

#define APIC_SOFTWARE_ENABLE 0x100
#define APIC_MASKED 0x10000
#define APIC_BITMAP_STEP 0x10
#define VECTORS 256
#define APIC_DIVIDE_BY_1 0xb
#define ICR_INIT 0x4500
#define ICR_STARTUP 0x4600
#define ICR_NMI 0x4400
#define ICR_FIXED 0x4000
#define ICR_PENDING 0x1000
#define APIC_BASE_ENABLE (1ULL << 11)

static volatile uint32_t *apic_register(unsigned reg) {
    return (volatile uint32_t *)(KERNEL_DEVICE_WINDOW + reg);
}

static void apic_write(enum apic_register reg, uint32_t value) {
    *apic_register(reg) = value;
}

paddr_t apic_base(void) {
    return x86_rdmsr(MSR_APIC_BASE) & 0xffffff000ULL;
}

/* Masked while it is off, enabled, then unmasked: that is refused before. [SDM3 11.4.7.2] A request of the old interrupt
 * controller that firmware left at LINT0 is withdrawn by the writes after its mask. */
void apic_init(void) {
    x86_wrmsr(MSR_APIC_BASE, x86_rdmsr(MSR_APIC_BASE) | APIC_BASE_ENABLE);
    apic_write(APIC_TIMER_INITIAL, 0);
    apic_write(APIC_LVT_LINT0, APIC_MASKED);
    apic_write(APIC_LVT_LINT1, APIC_MASKED);
    apic_write(APIC_LVT_ERROR, APIC_MASKED);
    apic_write(APIC_SPURIOUS, APIC_SOFTWARE_ENABLE | VECTOR_SPURIOUS);
    apic_write(APIC_TASK_PRIORITY, 0);
    apic_write(APIC_TIMER_DIVIDE, APIC_DIVIDE_BY_1);
    apic_write(APIC_LVT_TIMER, VECTOR_TIMER);
}

/* Is any of the 256 bits set? They lie in eight registers. */
static bool bitmap_any(enum apic_register bitmap) {
    uint32_t bits = 0;
    for (unsigned offset = 0; offset < 8 * APIC_BITMAP_STEP; offset += APIC_BITMAP_STEP) {
        bits |= *apic_register(bitmap + offset);
    }
    return bits != 0;
}

bool apic_left_pending(void) {
    for (unsigned i = 0; i < VECTORS && bitmap_any(APIC_IN_SERVICE); i++) {
        apic_end();
    }
    return bitmap_any(APIC_REQUESTED);
}

uint32_t apic_id(void) {
    return *apic_register(APIC_ID) >> 24;
}

void apic_end(void) {
    apic_write(APIC_EOI, 0);
}

void apic_timer_start(uint32_t ticks) {
    apic_write(APIC_TIMER_INITIAL, ticks);
}

uint32_t apic_timer_left(void) {
    return *apic_register(APIC_TIMER_CURRENT);
}

static void icr_send(uint32_t apic, uint32_t command) {
    while (*apic_register(APIC_ICR_LOW) & ICR_PENDING) {
        x86_pause();
    }
    apic_write(APIC_ICR_HIGH, apic << 24);
    apic_write(APIC_ICR_LOW, command);
}

void apic_send(uint32_t apic, uint8_t vector) {
    icr_send(apic, ICR_FIXED | vector);
}

void apic_send_init(uint32_t apic) {
    icr_send(apic, ICR_INIT);
}

void apic_send_startup(uint32_t apic, uint8_t page) {
    icr_send(apic, ICR_STARTUP | page);
}

void apic_send_nmi(uint32_t apic) {
    icr_send(apic, ICR_NMI);
}
