/* Three questions, whose answers are lines of text (if/skb.toml): tabs between the values, the first line has the names. */
#include "monitor/advice.h"

#include <if/monitor.h>
#include <if/skb_client.h>
#include <skerry/fibre.h>
#include <skerry/held.h>
#include <skerry/log.h>
#include <skerry/slots.h>
#include <skerry/string.h>
#include <skerry/time.h>

#include "monitor/agreement.h"
#include "monitor/cores.h"
#include "monitor/groups.h"
#include "monitor/home.h"
#include "monitor/living.h"
#include "monitor/machine.h"
#include "monitor/membership.h"
#include "monitor/names.h"
#include "monitor/skb.h"

#define COLUMNS 3
#define ANSWER_MAX 24  /* bytes of a value that means something here */
#define REST_MS 10     /* between two looks: who tells much at once is asked about once */
#define ATTEMPTS 3     /* then the next change is waited for */
#define PATIENCE 5     /* times a peer's deadline, for the replica to come, and for each answer */
#define AWAIT_MS 10000 /* of others who wait for a look */

struct line {
    char value[COLUMNS][ANSWER_MAX];
    unsigned columns;
};

/* An answer as it is read: what takes its lines, and the one that is coming. */
struct reading {
    bool (*take)(struct groups *groups, const struct line *line);
    struct groups *groups;
    struct line line;
    unsigned at, lines; /* at: in the line's last value */
    bool sense;
};

static struct binding skb;
static uint64_t wanted, seen; /* looks */
static bool trouble_told;
static struct fibre_queue looks, looked;

/* What the lines say */

static bool number(const char *digits, uint64_t limit, uint64_t *value) {
    *value = 0;
    for (const char *at = digits; *at != '\0'; at++) {
        if (*at < '0' || *at > '9') {
            return false;
        }
        *value = MIN(*value * 10 + (uint64_t)(*at - '0'), (uint64_t)UINT32_MAX);
    }
    return digits[0] != '\0' && *value < limit;
}

static bool take_member(struct groups *groups, const struct line *line) {
    uint64_t core, group;
    if (line->columns != 2 || !number(line->value[0], core_count(), &core) ||
        !number(line->value[1], GROUPS_MAX, &group) || groups->of[core] != GROUPS_NONE) {
        return false;
    }
    groups->of[core] = (uint8_t)group;
    groups->count = MAX(groups->count, (unsigned)group + 1);
    return true;
}

/* What is farther than there are numbers for is as far as can be. */
static bool take_apart(struct groups *groups, const struct line *line) {
    uint64_t from, to, apart;
    if (line->columns != 3 || !number(line->value[0], groups->count, &from) ||
        !number(line->value[1], groups->count, &to) || !number(line->value[2], UINT64_MAX, &apart) || from == to ||
        groups->apart[from][to] != 0) {
        return false;
    }
    groups->apart[from][to] = (uint16_t)MIN(apart, (uint64_t)UINT16_MAX);
    return true;
}

static bool take_protocol(struct groups *groups, const struct line *line) {
    static const char *const names[AGREE_TOPOLOGIES] = {
        [AGREE_UNICAST] = "unicast",
        [AGREE_BROADCAST] = "broadcast",
        [AGREE_MULTICAST] = "multicast",
        [AGREE_NUMA] = "numa",
    };
    if (line->columns != 1 || groups->protocol != AGREE_TOPOLOGIES) {
        return false; /* there are two */
    }
    for (unsigned topology = 0; topology < ARRAY_SIZE(names); topology++) {
        if (strcmp(line->value[0], names[topology]) == 0) {
            groups->protocol = (enum agree_topology)topology;
            return true;
        }
    }
    return false;
}

/* Reading */

static void end_line(struct reading *reading) {
    reading->line.columns++;
    if (reading->lines++ > 0 && !reading->take(reading->groups, &reading->line)) {
        reading->sense = false;
    }
    reading->line = (struct line){};
}

static void take_byte(struct reading *reading, char byte) {
    struct line *line = &reading->line;
    if (byte == '\n') {
        end_line(reading);
    } else if (byte == '\t') {
        reading->sense &= ++line->columns < COLUMNS;
    } else if (reading->at + 1 < ANSWER_MAX && line->columns < COLUMNS) {
        line->value[line->columns][reading->at++] = byte;
        return;
    } else {
        reading->sense = false;
    }
    reading->at = 0;
}

static uint64_t deadline(void) {
    return time_deadline(PATIENCE * peer_deadline_ms());
}

/* FORMAT: it makes no sense. */
static err_t ask(const char *question, struct reading *reading) {
    static uint8_t piece[SKB_PIECE_MAX];
    uint64_t rows, size;
    size_t got;
    TRY(skb_call_ask_until(&skb, deadline(), question, &rows, &size));
    reading->sense = true;
    for (uint64_t offset = 0; offset < size; offset += got) {
        TRY(skb_call_read_until(&skb, deadline(), offset, piece, &got));
        for (size_t i = 0; i < got; i++) {
            take_byte(reading, (char)piece[i]);
        }
    }
    return reading->sense ? ERR_OK : ERR_FORMAT;
}

static err_t ask_all(struct groups *groups) {
    memset(groups, 0, sizeof(*groups));
    memset(groups->of, GROUPS_NONE, sizeof(groups->of));
    groups->source = MONITOR_TREES_KNOWLEDGE;
    groups->protocol = AGREE_TOPOLOGIES;
    TRY(ask("tree_group(C, G)", &(struct reading){.take = take_member, .groups = groups}));
    TRY(ask("group_apart(G, H, D)", &(struct reading){.take = take_apart, .groups = groups}));
    TRY(ask("protocol(shootdown, P)", &(struct reading){.take = take_protocol, .groups = groups}));
    return groups->count > 0 && groups->protocol != AGREE_TOPOLOGIES ? ERR_OK : ERR_FORMAT;
}

/* Looking */

/* Of a replica that has ended only the slot is left. */
static void leave(void) {
    if (skb.kind == BINDING_NONE) {
        return;
    }
    if (skb.why == ERR_OK) {
        binding_unbind(&skb);
    } else {
        slot_release(skb.lrpc.endpoint);
    }
    skb = (struct binding){};
    held_for_good(-1, 0);
}

/* A replica that has ended is started anew by this. */
static err_t meet(void) {
    struct name name = {{0}};
    capaddr_t endpoint;
    if (skb.kind != BINDING_NONE) {
        return ERR_OK;
    }
    memcpy(name.word, SKB_SERVICE, strlen(SKB_SERVICE));
    skb_wanted(&name);
    TRY(names_find(&name, MONITOR_BADGE(this_core()), deadline(), &endpoint));
    err_t err = binding_open_endpoint(&skb, &skb_interface, endpoint);
    if (err != ERR_OK) {
        skb = (struct binding){};
        slot_release(endpoint);
        return err;
    }
    held_for_good(1, 0);
    return ERR_OK;
}

static err_t look(uint64_t *look) {
    static struct groups groups;
    membership_await_settled();
    TRY(living_tell());
    *look = wanted;
    TRY(meet());
    TRY(ask_all(&groups));
    groups_use(&groups);
    return ERR_OK;
}

static void say_trouble(err_t err) {
    if (!trouble_told) {
        log_line("the knowledge base says nothing of use about groups of cores: %s: %s", err_name(err),
                 groups_get()->source == MONITOR_TREES_KNOWLEDGE ? "they stay as they were"
                                                                 : "they are the firmware's nodes");
    }
    trouble_told = true;
}

/* Nonsense stays nonsense until somebody tells something else. */
static void look_until_seen(void) {
    uint64_t now = wanted;
    for (unsigned attempt = 0; attempt < ATTEMPTS; attempt++) {
        err_t err = look(&now);
        if (err == ERR_OK) {
            trouble_told = false;
            break;
        }
        say_trouble(err);
        if (err == ERR_FORMAT || err == ERR_ARGUMENT) {
            break;
        }
        leave();
        fibre_sleep_until(time_deadline(peer_deadline_ms()));
    }
    seen = now;
    fibre_wake_all(&looked);
}

static void advise(void *argument) {
    (void)argument;
    for (;;) {
        while (!is_home() || !home_is_settled() || seen == wanted) {
            (void)fibre_wait(&looks, 0);
        }
        look_until_seen();
        fibre_sleep_until(time_deadline(REST_MS));
    }
}

void advice_look(void) {
    if (is_home()) {
        wanted++;
        (void)fibre_wake(&looks);
    }
}

void advice_await(void) {
    uint64_t until = wanted, end = time_deadline(AWAIT_MS);
    while (is_home() && seen < until && fibre_wait(&looked, end)) {
    }
}

err_t advice_begin(void) {
    wanted++;
    return fibre_spawn(advise, NULL, 0);
}
