/* `ping A B` and `ping all`. Up to PAIRS_ALL cores every pair is measured; past that a sample that the output names. */
#include <skerry/print.h>
#include <skerry/string.h>

#include "shell/shell.h"

#define ROUNDS 10
#define PAIRS_ALL 16

static coreid_t answering[MAX_CORES];
static unsigned answering_count;

static err_t ping(coreid_t a, coreid_t b) {
    uint64_t request[3] = {a, b, ROUNDS}, reply[LRPC_PAYLOAD - 1];
    err_t err = ask(MONITOR_PING, request, 3, reply);
    if (err == ERR_OK) {
        printf("%3u <-> %-3u  min %lu  median %lu  mean %lu  max %lu ticks\n", a, b, reply[0], reply[1], reply[2],
               reply[3]);
    } else {
        printf("%3u <-> %-3u  %s\n", a, b, core_trouble(err));
    }
    return err;
}

/* Who answers now; the others are named and left out. */
static err_t find_answering(void) {
    uint64_t reply[LRPC_PAYLOAD - 1];
    TRY(ask(MONITOR_PROBE_ALL, NULL, 0, reply));
    answering_count = 0;
    for (uint64_t core = 0; core < machine->cores; core++) {
        TRY(ask(MONITOR_CORE, &core, 1, reply));
        if (reply[0] == MONITOR_CORE_ANSWERING) {
            answering[answering_count++] = (coreid_t)core;
        } else if (reply[0] == MONITOR_CORE_SILENT) {
            printf("core %lu does not answer: left out\n", core);
        }
    }
    return ERR_OK;
}

struct tally {
    unsigned pairs, answered;
};

static void count(struct tally *tally, unsigned i, unsigned j) {
    tally->pairs++;
    tally->answered += ping(answering[i], answering[j]) == ERR_OK;
}

static void ping_pairs(struct tally *tally) {
    for (unsigned i = 0; i < answering_count; i++) {
        for (unsigned j = i + 1; j < answering_count; j++) {
            count(tally, i, j);
        }
    }
}

/* A star round the first core and a ring through all. */
static void ping_sample(struct tally *tally) {
    printf("%u cores: a sample of the pairs, the first core with every other and each core with the next\n",
           answering_count);
    for (unsigned i = 1; i < answering_count; i++) {
        count(tally, 0, i);
    }
    for (unsigned i = 1; i + 1 < answering_count; i++) {
        count(tally, i, i + 1);
    }
}

static enum status ping_all(void) {
    struct tally tally = {0};
    err_t err = find_answering();
    if (err != ERR_OK) {
        return complain("%s", err_doc(err));
    }
    if (answering_count < 2) {
        printf("ping all: one core answers, there is nobody to ping\n");
        return STATUS_OK;
    }
    if (answering_count <= PAIRS_ALL) {
        ping_pairs(&tally);
    } else {
        ping_sample(&tally);
    }
    printf("ping all: %u of %u pairs answered, %u rounds each\n", tally.answered, tally.pairs, ROUNDS);
    return tally.answered == tally.pairs ? STATUS_OK : STATUS_FAILED;
}

enum status command_ping(unsigned words_count, char **words) {
    coreid_t a, b;
    if (words_count == 1 || (words_count == 2 && strcmp(words[1], "all") == 0)) {
        return ping_all();
    }
    if (words_count != 3) {
        return complain("ping wants two cores, or `all`: `ping 0 1`");
    }
    if (!parse_core(words[1], &a) || !parse_core(words[2], &b)) {
        return STATUS_FAILED;
    }
    if (a == b) {
        return complain("core %u is one core: ping takes two different ones", a);
    }
    return ping(a, b) == ERR_OK ? STATUS_OK : STATUS_FAILED;
}
