/* See interrupt.h. The first domain programs the chip, then takes the time again and again; the driver, woken, takes it in
   its first instruction. What lies between the last two times is the path, and at most one turn of the loop. */
#include "programs/bench/interrupt.h"

#include <abi/stubs.h>
#include <skerry/driver.h>
#include <skerry/time.h>

#include "programs/bench/pair.h"

#define PIT_FIRST 0x40
#define PIT_CHANNEL0 0x40
#define PIT_COMMAND 0x43
#define PIT_ONE_SHOT_CHANNEL0 0x30 /* interrupt on terminal count, low byte first */
#define PIT_COUNT 8                /* of 838 ns: the loop has begun by then */
#define TURNS_MAX 10000000

static capaddr_t ports;

err_t interrupt_own(unsigned bit) {
    struct driver_request request = {.kind = MONITOR_INTERRUPT_ISA, .which = 0, .bit = bit};
    struct driver_interrupt interrupt;
    return driver_interrupt(&request, &interrupt);
}

err_t interrupt_prepare(struct pair *pair) {
    TRY(pair_interrupt(pair));
    if (ports == CAP_NULL) {
        TRY(driver_ports(PIT_FIRST, &ports));
    }
    return pair_role(pair, ROLE_WAIT);
}

static err_t timer_start(void) {
    TRY(ioport_out(ports, PIT_COMMAND, 1, PIT_ONE_SHOT_CHANNEL0));
    TRY(ioport_out(ports, PIT_CHANNEL0, 1, PIT_COUNT));
    return ioport_out(ports, PIT_CHANNEL0, 1, 0);
}

err_t interrupt_measure(struct pair *pair, uint64_t *ticks) {
    uint64_t last = 0;
    pair->shared->stamp = 0;
    TRY(timer_start());
    for (unsigned i = 0; i < TURNS_MAX; i++) {
        uint64_t now = stamp_begin();
        if (pair->shared->stamp != 0) {
            last = now < pair->shared->stamp ? now : last;
            *ticks = pair->shared->stamp - last;
            if (last == 0) {
                return ERR_TIMEOUT; /* too early: it did not find the loop */
            }
            mark_cancel(); /* the interval that may have begun since */
            return ERR_OK;
        }
        last = now;
        cpu_pause();
    }
    return ERR_TIMEOUT;
}
