/* How precise is a deadline? Sleeps for times from a microsecond to 50 ms, one after the other, and says how late it woke,
   in TSC ticks: a core's timer is set to the next deadline (there is no tick to round up to), so being late is the way from
   the timer's interrupt to the fibre. Fails when one was early, or later than the bound given (ticks; 0: none). */
#include <skerry/domain.h>
#include <skerry/fibre.h>
#include <skerry/print.h>
#include <skerry/string.h>
#include <skerry/time.h>

#define ROUNDS 20

static const uint64_t times_us[] = {1, 3, 10, 30, 100, 300, 1000, 3000, 10000, 50000};

struct lateness {
    uint64_t least, most, sum;
    unsigned early;
};

static void sleep_once(uint64_t ticks, struct lateness *late) {
    uint64_t deadline = time_now() + ticks;
    fibre_sleep_until(deadline);
    uint64_t now = time_now();
    if (now < deadline) {
        late->early++;
        return;
    }
    uint64_t by = now - deadline;
    late->least = MIN(late->least, by);
    late->most = MAX(late->most, by);
    late->sum += by;
}

static struct lateness sleep_often(uint64_t us) {
    struct lateness late = {.least = UINT64_MAX};
    uint64_t ticks = time_ticks_from_ms(us) / 1000;
    for (unsigned i = 0; i < ROUNDS; i++) {
        sleep_once(ticks, &late);
    }
    printf("%6lu us  late by %lu to %lu ticks, mean %lu%s\n", us, late.least, late.most, late.sum / ROUNDS,
           late.early != 0 ? ", AND EARLY" : "");
    return late;
}

int main(int argc, char **argv) {
    uint64_t bound = 0, most = 0;
    unsigned early = 0;
    if (argc > 2 || (argc == 2 && !string_to_u64(argv[1], &bound))) {
        printf("deadlines [BOUND IN TICKS]\n");
        return 1;
    }
    for (unsigned i = 0; i < ARRAY_SIZE(times_us); i++) {
        struct lateness late = sleep_often(times_us[i]);
        most = MAX(most, late.most);
        early += late.early;
    }
    printf("deadlines: %u sleeps, %u early, at most %lu ticks late\n", (unsigned)(ROUNDS * ARRAY_SIZE(times_us)), early,
           most);
    return early == 0 && (bound == 0 || most <= bound) ? 0 : 1;
}
