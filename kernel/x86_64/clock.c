/*
 * The TSC frequency comes from CPUID where the CPU tells [SDM3 19.7.3], else from channel 2 of the 8254, once, on core 0;
 * the APIC timer's always from the TSC. Emulated time is consistent between the three.
 */
#include "x86_64/clock.h"

#include "x86_64/apic.h"
#include "x86_64/insn.h"

#define PIT_HZ 1193182
#define PIT_CHANNEL2 0x42
#define PIT_COMMAND 0x43
#define PIT_GATE 0x61
#define PIT_GATE_ON 0x01
#define PIT_SPEAKER 0x02
#define PIT_OUT 0x20
#define PIT_ONE_SHOT_CHANNEL2 0xb0
#define PIC1_DATA 0x21
#define PIC2_DATA 0xa1
#define CALIBRATION_MS 4
#define CALIBRATION_ROUNDS 2

static uint64_t tsc_khz, apic_khz;

uint64_t clock_now(void) {
    return x86_rdtsc();
}

struct ticks {
    uint64_t tsc, apic;
};

/* TSC and APIC timer ticks in CALIBRATION_MS by the 8254. */
static struct ticks pit_measure(void) {
    uint16_t count = PIT_HZ * CALIBRATION_MS / 1000;
    x86_out8(PIT_GATE, (x86_in8(PIT_GATE) & ~PIT_SPEAKER) | PIT_GATE_ON);
    x86_out8(PIT_COMMAND, PIT_ONE_SHOT_CHANNEL2);
    x86_out8(PIT_CHANNEL2, count & 0xff);
    apic_timer_start(UINT32_MAX);
    uint64_t start = x86_rdtsc();
    x86_out8(PIT_CHANNEL2, count >> 8); /* it counts from here on: what a busy host adds makes the round longer */
    while (!(x86_in8(PIT_GATE) & PIT_OUT)) {
        x86_pause();
    }
    struct ticks ticks = {x86_rdtsc() - start, UINT32_MAX - apic_timer_left()};
    apic_timer_start(0);
    return ticks;
}

/* The shortest of a few rounds: a host that was busy elsewhere only makes a round longer. */
static void calibrate(void) {
    struct ticks best = {UINT64_MAX, UINT64_MAX};
    for (unsigned i = 0; i < CALIBRATION_ROUNDS; i++) {
        struct ticks ticks = pit_measure();
        best.tsc = MIN(best.tsc, ticks.tsc);
        best.apic = MIN(best.apic, ticks.apic);
    }
    tsc_khz = best.tsc / CALIBRATION_MS;
    apic_khz = best.apic / CALIBRATION_MS;
}

/* Leaf 0x15: TSC / crystal ratio and the crystal's frequency, if the CPU tells. */
static uint64_t cpuid_tsc_khz(void) {
    if (x86_cpuid(0, 0).eax < 0x15) {
        return 0;
    }
    struct x86_cpuid leaf = x86_cpuid(0x15, 0);
    return leaf.eax == 0 ? 0 : (uint64_t)leaf.ecx * leaf.ebx / leaf.eax / 1000;
}

void clock_init(uint64_t given_tsc_khz, uint64_t given_apic_khz) {
    tsc_khz = given_tsc_khz;
    apic_khz = given_apic_khz;
    if (tsc_khz == 0) {
        x86_out8(PIC1_DATA, 0xff);
        x86_out8(PIC2_DATA, 0xff);
        calibrate();
        uint64_t told = cpuid_tsc_khz();
        tsc_khz = told != 0 ? told : tsc_khz;
    }
}

uint64_t clock_tsc_khz(void) {
    return tsc_khz;
}

uint64_t clock_apic_khz(void) {
    return apic_khz;
}

void clock_arm(uint64_t deadline) {
    uint64_t now = x86_rdtsc();
    uint64_t delta = deadline > now ? MIN(deadline - now, tsc_khz * 1000) : 0;
    uint64_t ticks = delta * apic_khz / tsc_khz;
    apic_timer_start(MIN(MAX(ticks, 1), UINT32_MAX));
}

void clock_disarm(void) {
    apic_timer_start(0);
}
