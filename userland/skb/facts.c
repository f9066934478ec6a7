/* The engine does not wait, so a fact is told whole between two waits. */
#include "skb/facts.h"

#include <if/monitor.h>
#include <if/pci_client.h>
#include <skerry/domain.h>
#include <skerry/print.h>
#include <skerry/string.h>

#define FIND_MS 2000
#define LINE 96

/* What is told here is right by its making; a full base is all that can refuse it. */
static bool tell(struct datalog *base, const char *line) {
    struct datalog_error error;
    return datalog_tell(base, line, strlen(line), &error);
}

void facts_find_pci(struct datalog *base) {
    static struct binding pci;
    uint32_t location, ids, class_code;
    uint64_t capabilities, owner;
    char line[LINE];
    if (pci_bind(&pci, FIND_MS) != ERR_OK) {
        return;
    }
    for (uint64_t n = 0; pci_call_function(&pci, n, &location, &ids, &class_code, &capabilities, &owner) == ERR_OK;
         n++) {
        snprintf(line, sizeof(line), "pci(%u, %u, %u, %u).", location, ids >> 16, ids & 0xffff, class_code >> 8);
        if (!tell(base, line)) {
            break;
        }
    }
    binding_unbind(&pci);
}

static bool answers(const struct lrpc_binding *monitor, coreid_t core) {
    struct lrpc_call call = {.operation = MONITOR_CORE, .request = {core}};
    return lrpc_call(monitor, &call) == ERR_OK && call.reply[1] == MONITOR_CORE_ANSWERING;
}

static bool measure_pair(struct datalog *base, const struct lrpc_binding *monitor, coreid_t from, coreid_t to,
                         uint32_t rounds) {
    struct lrpc_call call = {.operation = MONITOR_PING, .request = {from, to, rounds}};
    struct datalog_error error;
    uint64_t taken;
    char line[LINE];
    if (lrpc_call(monitor, &call) != ERR_OK) {
        return false;
    }
    snprintf(line, sizeof(line), "cost(%u, %u, _).", from, to);
    (void)datalog_retract(base, line, strlen(line), &taken, &error); /* the first time there is none */
    snprintf(line, sizeof(line), "cost(%u, %u, %lu).", from, to, call.reply[2] / 2);
    return tell(base, line);
}

uint64_t facts_measure(struct datalog *base, coreid_t only, uint32_t rounds) {
    struct lrpc_binding monitor;
    struct lrpc_call about = {.operation = MONITOR_ABOUT};
    uint64_t pairs = 0;
    if (domain_monitor(&monitor) != ERR_OK || lrpc_call(&monitor, &about) != ERR_OK) {
        return 0;
    }
    for (coreid_t from = 0; from < about.reply[2]; from++) {
        for (coreid_t to = 0; to < about.reply[2]; to++) {
            bool wanted = from != to && (only >= MAX_CORES || from == only || to == only);
            if (wanted && answers(&monitor, from) && answers(&monitor, to)) {
                pairs += measure_pair(base, &monitor, from, to, rounds);
            }
        }
    }
    return pairs;
}
