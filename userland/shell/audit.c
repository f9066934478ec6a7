/* `audit`: does each chunk of RAM have one owner, the one that every core's record names, and does that core have it? A change may
   be under way, so what is not in order is looked at again until it is, or a deadline passes. */
#include <skerry/agree_set.h>
#include <skerry/fibre.h>
#include <skerry/print.h>
#include <skerry/string.h>
#include <skerry/time.h>

#include "shell/shell.h"

#define SETTLE_DEADLINES                                                                                               \
    5 /* of the monitors: in which a core that has died is missed, fenced, and its memory taken back */
#define LOOK_AGAIN_MS 20

struct found {
    struct agree_set live, answered;
    uint64_t words[AGREE_CORES][MONITOR_AUDIT_WORDS];
    uint64_t owned;        /* chunks, in sum */
    unsigned cores, wrong; /* wrong: of them something is to be said */
    const uint64_t *own;   /* this core's words */
};

static uint32_t low(uint64_t word) {
    return (uint32_t)word;
}

static uint32_t high(uint64_t word) {
    return (uint32_t)(word >> 32);
}

static bool agrees(const struct found *found, unsigned core) {
    const uint64_t *words = found->words[core];
    return words[MONITOR_AUDIT_HASH] == found->own[MONITOR_AUDIT_HASH] &&
           low(words[MONITOR_AUDIT_CHUNKS]) == low(found->own[MONITOR_AUDIT_CHUNKS]);
}

static bool is_in_order(const struct found *found, unsigned core) {
    return agree_has(&found->answered, core) && agrees(found, core) && found->words[core][MONITOR_AUDIT_WRONG] == 0;
}

/* What nobody has that lives, or that is everybody's, is in the record, too. */
static uint64_t unaccounted(const struct found *found) {
    uint64_t others = found->own[MONITOR_AUDIT_OTHERS];
    return low(found->own[MONITOR_AUDIT_CHUNKS]) - found->owned - low(others) - high(others);
}

static bool all_in_order(const struct found *found) {
    return found->wrong == 0 && high(found->own[MONITOR_AUDIT_OTHERS]) == 0 && unaccounted(found) == 0;
}

static err_t look(struct found *found) {
    uint64_t core = machine->core, reply[LRPC_PAYLOAD - 1];
    *found = (struct found){.own = found->words[core]};
    TRY(ask(MONITOR_MEMBERS, &core, 1, reply));
    memcpy(found->live.word, &reply[1], sizeof(found->live.word));
    AGREE_FOR_EACH(other, &found->live) {
        uint64_t request[] = {other, MONITOR_AUDIT_LOOK};
        if (ask(MONITOR_AUDIT, request, 2, reply) == ERR_OK) {
            agree_add(&found->answered, other);
            memcpy(found->words[other], reply, sizeof(found->words[other]));
            found->owned += high(found->words[other][MONITOR_AUDIT_CHUNKS]);
        }
    }
    AGREE_FOR_EACH(other, &found->live) {
        found->cores++;
        found->wrong += !is_in_order(found, other);
    }
    return ERR_OK;
}

static void print_core(const struct found *found, unsigned core) {
    const uint64_t *words = found->words[core];
    if (!agree_has(&found->answered, core)) {
        printf("core %u: does not answer\n", core);
        return;
    }
    printf("core %u: %u chunks", core, high(words[MONITOR_AUDIT_CHUNKS]));
    if (is_in_order(found, core)) {
        printf(", all of them there\n");
        return;
    }
    if (!agrees(found, core)) {
        printf(", by a record other than core %u's", machine->core);
    }
    if (low(words[MONITOR_AUDIT_WRONG]) != 0) {
        printf(", %u that it does not have", low(words[MONITOR_AUDIT_WRONG]));
    }
    if (high(words[MONITOR_AUDIT_WRONG]) != 0) {
        printf(", %u that it has and does not own", high(words[MONITOR_AUDIT_WRONG]));
    }
    if (words[MONITOR_AUDIT_WRONG] != 0) {
        printf(", the first at 0x%lx", words[MONITOR_AUDIT_FIRST]);
    }
    printf("\n");
}

static enum status report(const struct found *found) {
    AGREE_FOR_EACH(core, &found->live) {
        print_core(found, core);
    }
    uint32_t chunks = low(found->own[MONITOR_AUDIT_CHUNKS]), dead = high(found->own[MONITOR_AUDIT_OTHERS]);
    if (dead != 0) {
        printf("%u chunks are still those of cores that are gone\n", dead);
    }
    if (all_in_order(found)) {
        printf("audit: %u chunks, each has one owner\n", chunks);
        return STATUS_OK;
    }
    return complain("of %u chunks, the %u live cores have %lu between them and %u are everybody's", chunks,
                    found->cores, found->owned, low(found->own[MONITOR_AUDIT_OTHERS]));
}

/* `audit err N`, `audit mend N` */
static enum status practise(char **words) {
    bool err_wanted = strcmp(words[1], "err") == 0;
    coreid_t core;
    if (!err_wanted && strcmp(words[1], "mend") != 0) {
        return complain("'%s' is neither `err` nor `mend`", words[1]);
    }
    if (!parse_core(words[2], &core)) {
        return STATUS_FAILED;
    }
    uint64_t request[] = {core, err_wanted ? MONITOR_AUDIT_ERR : MONITOR_AUDIT_MEND}, reply[LRPC_PAYLOAD - 1];
    err_t err = ask(MONITOR_AUDIT, request, 2, reply);
    return err == ERR_OK ? STATUS_OK : complain("core %u: %s", core, core_trouble(err));
}

enum status command_audit(unsigned count, char **words) {
    static struct found found;
    if (count == 3) {
        return practise(words);
    }
    if (count != 1) {
        return complain("takes no arguments, or for practice a core: `audit`, `audit err N`, `audit mend N`");
    }
    uint64_t deadline = time_deadline(SETTLE_DEADLINES * machine->deadline_ms);
    for (;;) {
        err_t err = look(&found);
        if (err != ERR_OK) {
            return complain("this core's monitor has no record: %s", err_name(err));
        }
        if (all_in_order(&found) || time_now() >= deadline) {
            return report(&found);
        }
        fibre_sleep_until(time_deadline(LOOK_AGAIN_MS));
    }
}
