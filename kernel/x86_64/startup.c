/*
 * The universal start-up algorithm. [SDM3 9.4.4] Its delays, 10 ms after INIT and 200 us before a second SIPI, are for
 * real hardware; a hypervisor needs neither and an emulated busy wait would cost seconds.
 */
#include "x86_64/startup.h"

#include "x86_64/apic.h"
#include "x86_64/clock.h"
#include "x86_64/insn.h"

static bool hypervisor(void) {
    return x86_cpuid(1, 0).ecx >> 31 & 1;
}

static void wait_us(uint64_t us) {
    uint64_t end = clock_now() + us * clock_tsc_khz() / 1000;
    while (clock_now() < end) {
        x86_pause();
    }
}

void startup_core(uint32_t apic, paddr_t trampoline) {
    uint8_t page = (uint8_t)(trampoline / PAGE_SIZE);
    apic_send_init(apic);
    if (hypervisor()) {
        apic_send_startup(apic, page);
        return;
    }
    wait_us(10000);
    apic_send_startup(apic, page);
    wait_us(200);
    apic_send_startup(apic, page);
}

void startup_interrupt(uint32_t apic, uint8_t vector) {
    apic_send(apic, vector);
}

void startup_nmi(uint32_t apic) {
    apic_send_nmi(apic);
}

uint32_t startup_own_apic(void) {
    return apic_id();
}
