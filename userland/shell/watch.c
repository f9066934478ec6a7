/* `top` and `chan`: what the cores' domains do with their time, and what their channels carry. */
#include <skerry/channel.h>
#include <skerry/fibre.h>
#include <skerry/heap.h>
#include <skerry/print.h>
#include <skerry/string.h>
#include <skerry/time.h>

#include "shell/shell.h"

#define DOMAINS_MAX 256 /* that are compared; the others are left out, and that is said */
#define INTERVAL_MS 100
#define INTERVAL_MAX_MS 60000
#define SHARE_LEAST 1 /* in a thousand: who had less is not shown */

struct reading {
    uint32_t domain;
    uint64_t at, ticks; /* when it was read; what it had had by then */
    uint64_t name[MONITOR_NAME_WORDS];
};

/* Every domain of every core that answers; returns how many there were, of which the first `room` are kept. */
static unsigned read_all(struct reading *readings, unsigned room) {
    uint64_t reply[LRPC_PAYLOAD - 1];
    unsigned count = 0;
    for (uint64_t core = 0; core < machine->cores; core++) {
        for (uint64_t request[2] = {core, 0}; ask(MONITOR_PS, request, 2, reply) == ERR_OK; request[1]++) {
            if (count++ < room) {
                readings[count - 1] = (struct reading){(uint32_t)reply[0], time_now(), reply[2], {reply[4], reply[5]}};
            }
        }
    }
    return count;
}

static const struct reading *find(const struct reading *readings, unsigned count, uint32_t domain) {
    for (unsigned i = 0; i < count; i++) {
        if (readings[i].domain == domain) {
            return &readings[i];
        }
    }
    return NULL;
}

static void print_share(const struct reading *before, const struct reading *after) {
    uint64_t had = after->ticks - before->ticks, time = after->at - before->at;
    uint64_t share = time == 0 ? 0 : had * 1000 / time;
    char number[16], name[MONITOR_NAME_BYTES + 1] = "";
    if (share < SHARE_LEAST) {
        return;
    }
    snprintf(number, sizeof(number), "%u.%u", DOMAIN_CORE(after->domain), DOMAIN_COUNT(after->domain));
    memcpy(name, after->name, MONITOR_NAME_BYTES);
    printf("%-8s  %-16s  %3lu.%lu %%  %10lu\n", number, name, share / 10, share % 10, time_us_from_ticks(had));
}

static void compare(struct reading *readings, uint64_t ms) {
    unsigned before = MIN(read_all(readings, DOMAINS_MAX), (unsigned)DOMAINS_MAX);
    fibre_sleep_until(time_deadline(ms));
    unsigned found = read_all(readings + before, DOMAINS_MAX), after = MIN(found, (unsigned)DOMAINS_MAX);
    printf("domain    name               share     time us   (of %lu ms; the rest was idle)\n", ms);
    for (unsigned i = 0; i < after; i++) {
        const struct reading *now = &readings[before + i], *then = find(readings, before, now->domain);
        if (then != NULL) {
            print_share(then, now);
        }
    }
    if (found > after) {
        printf("%u more domains are left out\n", found - after);
    }
}

enum status command_top(unsigned count, char **words) {
    uint64_t ms = INTERVAL_MS;
    if (count > 2 || (count == 2 && (!string_to_u64(words[1], &ms) || ms == 0 || ms > INTERVAL_MAX_MS))) {
        return complain("top wants at most a number of milliseconds up to %u: `top 500`", INTERVAL_MAX_MS);
    }
    struct reading *readings = calloc(2 * DOMAINS_MAX, sizeof(*readings));
    if (readings == NULL) {
        return complain("%s", err_doc(ERR_NO_MEMORY));
    }
    compare(readings, ms);
    free(readings);
    return STATUS_OK;
}

static const char *channel_state(uint32_t state) {
    static const char *const states[] = {
        [CHANNEL_CLOSED] = "-", /* its domain polls it on its own */
        [CHANNEL_AWAKE] = "awake",
        [CHANNEL_ASLEEP] = "asleep",
        [CHANNEL_ENDED] = "ended",
        [MONITOR_CHANNEL_OPENING] = "opening",
        [MONITOR_CHANNEL_CLOSING] = "closing",
        [MONITOR_CHANNEL_QUARANTINED] = "kept", /* for a core that does not answer */
        [MONITOR_CHANNEL_SILENT] = "silent",
    };
    return state < ARRAY_SIZE(states) && states[state] != NULL ? states[state] : "?";
}

static void print_end(uint64_t domain) {
    char number[16];
    snprintf(number, sizeof(number), "%u.%u", DOMAIN_CORE(domain), DOMAIN_COUNT(domain));
    printf("%-7s ", number);
}

static void print_channel(const uint64_t reply[]) {
    uint64_t domains = reply[MONITOR_CHANNEL_DOMAINS], state = reply[MONITOR_CHANNEL_STATE];
    uint64_t sent = reply[MONITOR_CHANNEL_SENT], window = reply[MONITOR_CHANNEL_WINDOW];
    uint64_t sleeps = reply[MONITOR_CHANNEL_SLEEPS];
    print_end((uint32_t)domains);
    print_end(domains >> 32);
    printf(" %08lx  %-7s  %6u  %8u  %8lu  %6lu  %6u  %5lu\n", state >> 32, channel_state((uint32_t)state),
           (uint32_t)window, (uint32_t)sent, sent >> 32, window >> 32, (uint32_t)sleeps, sleeps >> 32);
}

enum status command_chan(unsigned count, char **words) {
    uint64_t reply[LRPC_PAYLOAD - 1];
    (void)words;
    if (count != 1) {
        return complain("takes no arguments: `chan`");
    }
    printf("here    there    label     state    window      sent  received  stalls  sleeps  wakes\n");
    for (uint64_t core = 0; core < machine->cores; core++) {
        for (uint64_t request[2] = {core, 0}; ask(MONITOR_CHANNEL, request, 2, reply) == ERR_OK; request[1]++) {
            print_channel(reply);
        }
    }
    return STATUS_OK;
}
