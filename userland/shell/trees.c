/* `trees`: the groups of cores that messages to many go by, as this core has them, and whether all go by the same. */
#include <skerry/print.h>
#include <skerry/string.h>

#include "shell/shell.h"

#define PER_WORD 4
#define PER_ANSWER (PER_WORD * AGREE_SET_WORDS)

/* The first word: the same where all goes by the same. */
static err_t ask_group(uint64_t core, enum monitor_trees what, unsigned group, unsigned first,
                       uint64_t reply[LRPC_PAYLOAD - 1]) {
    uint64_t request[] = {core, what | group << 8 | first << 16};
    return ask(MONITOR_TREES, request, ARRAY_SIZE(request), reply);
}

static unsigned groups_in(uint64_t all) {
    return all & 0xff;
}

static void print_choice(uint64_t all) {
    static const char *const protocols[] = {"unicast", "broadcast", "multicast", "numa"};
    unsigned protocol = all >> 16 & 0xff;
    bool known = (all >> 8 & 0xff) == MONITOR_TREES_KNOWLEDGE;
    printf("protocol of shootdowns: %s, says %s\n", protocol < ARRAY_SIZE(protocols) ? protocols[protocol] : "?",
           known ? "the knowledge base" : "the monitor, by the firmware's tables");
}

static err_t print_distances(unsigned group, unsigned groups) {
    uint64_t reply[LRPC_PAYLOAD - 1] = {0};
    for (unsigned to = 0; to < groups; to++) {
        if (to % PER_ANSWER == 0) {
            TRY(ask_group(machine->core, MONITOR_TREES_APART, group, to, reply));
        }
        unsigned place = to % PER_ANSWER;
        printf(" %u", (unsigned)(reply[1 + place / PER_WORD] >> place % PER_WORD * 16 & 0xffff));
    }
    return ERR_OK;
}

/* A number that no core has is no group. */
static err_t print_group(unsigned group, unsigned groups) {
    uint64_t reply[LRPC_PAYLOAD - 1];
    struct agree_set cores;
    TRY(ask_group(machine->core, MONITOR_TREES_MEMBERS, group, 0, reply));
    memcpy(cores.word, &reply[1], sizeof(cores.word));
    if (agree_empty(&cores)) {
        return ERR_OK;
    }
    printf("group %u: cores", group);
    print_cores(&cores);
    if (groups > 1) {
        printf("; distances");
        TRY(print_distances(group, groups));
    }
    printf("\n");
    return ERR_OK;
}

/* All cores that answer, and those that go by the same. */
static enum status compare(uint64_t all) {
    uint64_t reply[LRPC_PAYLOAD - 1];
    struct agree_set live;
    unsigned same = 0, count = 0;
    if (ask_live(&live) != ERR_OK) {
        return complain("this core's monitor takes part in no agreement");
    }
    AGREE_FOR_EACH(core, &live) {
        err_t err = ask_group(core, MONITOR_TREES_MEMBERS, 0, 0, reply);
        if (err != ERR_OK) {
            printf("core %u %s\n", core, core_trouble(err));
        }
        same += err == ERR_OK && reply[0] == all;
        count++;
    }
    printf("%u of %u live cores go by these\n", same, count);
    return same == count ? STATUS_OK : STATUS_FAILED;
}

enum status command_trees(unsigned count, char **words) {
    uint64_t reply[LRPC_PAYLOAD - 1];
    (void)words;
    if (count != 1) {
        return complain("takes no arguments: `trees`");
    }
    err_t err = ask_group(machine->core, MONITOR_TREES_MEMBERS, 0, 0, reply);
    if (err != ERR_OK) {
        return complain("%s", err_doc(err));
    }
    uint64_t all = reply[0];
    print_choice(all);
    for (unsigned group = 0; group < groups_in(all); group++) {
        err = print_group(group, groups_in(all));
        if (err != ERR_OK) {
            return complain("%s", err_doc(err));
        }
    }
    return compare(all);
}
