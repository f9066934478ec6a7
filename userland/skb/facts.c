/* Found out here, told to all replicas. */
#include "skb/facts.h"

#include <if/monitor.h>
#include <if/pci_client.h>
#include <skerry/domain.h>
#include <skerry/print.h>
#include <skerry/string.h>

#include "skb/told.h"

#define FIND_MS 2000
#define LINE 96
#define PCI_TEXTS 16

/* One text of the functions from the n-th on; returns the first one that had no room or is not there. */
static uint64_t write_functions(struct binding *pci, uint64_t n, struct journal_text *text, char at[JOURNAL_TEXT]) {
    uint32_t location, ids, class_code;
    uint64_t capabilities, owner;
    char line[LINE];
    while (pci_call_function(pci, n, &location, &ids, &class_code, &capabilities, &owner) == ERR_OK) {
        int size =
            snprintf(line, sizeof(line), "pci(%u, %u, %u, %u).\n", location, ids >> 16, ids & 0xffff, class_code >> 8);
        if (text->size + (unsigned)size > JOURNAL_TEXT) {
            break;
        }
        memcpy(at + text->size, line, (size_t)size);
        text->size = (uint16_t)(text->size + size);
        n++;
    }
    return n;
}

void facts_find_pci(void) {
    static struct binding pci;
    static char bytes[JOURNAL_TEXT];
    struct outcome outcome;
    uint64_t n = 0;
    if (pci_bind(&pci, FIND_MS) != ERR_OK) {
        return;
    }
    for (unsigned i = 0; i < PCI_TEXTS; i++) {
        struct journal_text text = {.at = bytes, .kind = KNOWLEDGE_TELL, .topic = (uint16_t)(KNOWLEDGE_TOPIC_PCI + i)};
        n = write_functions(&pci, n, &text, bytes);
        if (text.size == 0 || told_tell(&text, &outcome) != ERR_OK) {
            break;
        }
    }
    binding_unbind(&pci);
}

static bool answers(coreid_t core) {
    struct lrpc_call call = {.operation = MONITOR_CORE, .request = {core}};
    return domain_ask(&call) == ERR_OK && call.reply[1] == MONITOR_CORE_ANSWERING;
}

/* 0: one of them does not answer. */
static uint32_t measure_pair(coreid_t from, coreid_t to, uint32_t rounds) {
    struct lrpc_call call = {.operation = MONITOR_PING, .request = {from, to, rounds}};
    if (!answers(from) || !answers(to) || domain_ask(&call) != ERR_OK) {
        return 0;
    }
    return (uint32_t)MAX(MIN(call.reply[2] / 2, (uint64_t)UINT32_MAX), 1ul);
}

static err_t measure_from(coreid_t from, coreid_t cores, uint32_t rounds, uint64_t *pairs) {
    struct knowledge_costs costs = {.from = from};
    struct outcome outcome;
    uint64_t measured = 0;
    for (coreid_t to = 0; to < cores; to++) {
        costs.ticks[to] = from != to ? measure_pair(from, to, rounds) : 0;
        measured += costs.ticks[to] != 0;
    }
    struct journal_text text = {
        .at = &costs,
        .kind = KNOWLEDGE_COSTS,
        .topic = (uint16_t)KNOWLEDGE_TOPIC_COSTS(from),
        .size = (uint16_t)(offsetof(struct knowledge_costs, ticks) + cores * sizeof(uint32_t)),
    };
    TRY(told_tell(&text, &outcome));
    *pairs += measured;
    return outcome.fine ? ERR_OK : ERR_NO_MEMORY;
}

err_t facts_measure(uint32_t rounds, uint64_t *pairs) {
    struct lrpc_call about = {.operation = MONITOR_ABOUT}, probe = {.operation = MONITOR_PROBE_ALL};
    *pairs = 0;
    TRY(domain_ask(&about));
    TRY(domain_ask(&probe));
    coreid_t cores = (coreid_t)MIN(about.reply[2], (uint64_t)MAX_CORES);
    for (coreid_t from = 0; from < cores; from++) {
        TRY(measure_from(from, cores, rounds, pairs));
    }
    return ERR_OK;
}
