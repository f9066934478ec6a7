/* The table of domains. */
#include "monitor/domains.h"

#include <abi/stubs.h>
#include <skerry/event.h>
#include <skerry/log.h>
#include <skerry/lrpc.h>
#include <skerry/slots.h>
#include <skerry/string.h>
#include <skerry/time.h>

#include "monitor/bind.h"
#include "monitor/console.h"
#include "monitor/cores.h"
#include "monitor/devices.h"
#include "monitor/ends.h"
#include "monitor/machine.h"
#include "monitor/memory.h"
#include "monitor/names.h"
#include "monitor/provisions.h"
#include "monitor/shared_ends.h"
#include "monitor/shared_objects.h"
#include "monitor/spans.h"
#include "monitor/supervision.h"
#include "monitor/wakes.h"

#define DOMAINS_MAX 64
#define DOMAINS_OF_A_START 0x200
#define NUMBER_SERIES 0x40
#define COUNT_MAX 0xffff
#define LAST_WORDS_MS 5 /* a message that a domain sent before it stopped has been read by then */

static struct domain domains[DOMAINS_MAX];
static uint32_t last_count;
static struct fibre_queue endings;
static bool leaving; /* this core is about to be stopped */

static struct domain *find(uint32_t number) {
    for (unsigned i = 0; i < DOMAINS_MAX; i++) {
        if (domains[i].number == number && number != 0) {
            return &domains[i];
        }
    }
    return NULL;
}

static struct domain *entry_free(void) {
    struct domain *oldest = NULL;
    for (unsigned i = 0; i < DOMAINS_MAX; i++) {
        struct domain *domain = &domains[i];
        if (domain->number == 0) {
            return domain;
        }
        bool returned = domain->end != MONITOR_END_RUNNING && domain->ram == CAP_NULL;
        if (returned && (oldest == NULL || domain->number < oldest->number)) {
            oldest = domain;
        }
    }
    return oldest;
}

/* The next number that no entry has: not 0, and not the one of MONITOR_BADGE. */
static uint32_t number_next(void) {
    uint32_t number;
    do {
        last_count = last_count % (COUNT_MAX - 1) + 1;
        number = this_core() << 16 | last_count;
    } while (find(number) != NULL);
    return number;
}

err_t domain_new(const char *name, struct domain **domain) {
    struct domain *entry = entry_free();
    if (leaving) {
        return ERR_PEER_DEAD;
    }
    if (entry == NULL) {
        return ERR_NO_MEMORY;
    }
    *entry = (struct domain){.number = number_next()};
    memcpy(entry->name, name, strnlen(name, sizeof(entry->name)));
    *domain = entry;
    return ERR_OK;
}

/* What it was made of can be used again. */
static void give_back(struct domain *domain) {
    slot_release(domain->ram);
    if (domain->block.size > 0) {
        ram_free(&domain->block);
    }
    domain->ram = CAP_NULL;
}

/* Do other cores have some of its memory? */
static bool lending(uint32_t number) {
    return ends_lending(number) || spans_lending(number) || shared_lending(number);
}

/* Revoking the memory ends every object made of it. Where a part is lent to another core, it stays until that is back. */
static void reclaim(struct domain *domain) {
    trace_release(&domain->trace);
    if (domain->dispatcher != CAP_NULL) {
        slot_release(domain->dispatcher);
    }
    memory_end_domain(domain->number);
    if (domain->ram == CAP_NULL) {
        return;
    }
    err_t err = kernel_revoke(CAP_KERNEL, domain->ram);
    domain->dispatcher = CAP_NULL;
    if (err != ERR_OK && err != ERR_CAP_EMPTY) { /* empty: who gave it has taken it back */
        log_line("domain %u keeps its memory: %s", DOMAIN_COUNT(domain->number), err_name(err));
        return;
    }
    if (!lending(domain->number)) {
        give_back(domain);
    }
}

void domain_loans_returned(uint32_t number) {
    struct domain *domain = find(number);
    if (domain != NULL && domain->end != MONITOR_END_RUNNING && domain->ram != CAP_NULL && !lending(number)) {
        memory_end_domain(number);
        give_back(domain);
    }
}

void domain_discard(struct domain *domain) {
    reclaim(domain);
    domain->number = 0;
}

const struct domain *domain_find(uint32_t number) {
    return find(number);
}

bool domain_reports(uint32_t number) {
    struct domain *domain = find(number);
    if (domain == NULL || domain->reporting) {
        return false;
    }
    domain->reporting = true;
    return true;
}

static bool stopped_unseen(const struct domain *domain) {
    uint64_t state = DISPATCHER_STATE_STOPPED;
    if (domain->number == 0 || domain->end != MONITOR_END_RUNNING || domain->reporting ||
        domain->dispatcher == CAP_NULL) {
        return false;
    }
    err_t err = dispatcher_info(domain->dispatcher, &state, NULL, NULL, NULL);
    return err == ERR_CAP_EMPTY || (err == ERR_OK && state == DISPATCHER_STATE_STOPPED);
}

static void end_unseen(struct domain *domain) {
    domain->reporting = true;
    console_line("domain %u.%u (%.16s): stopped without a word; core %u's log may say why", DOMAIN_CORE(domain->number),
                 DOMAIN_COUNT(domain->number), domain->name, this_core());
    domain_ended(domain->number, MONITOR_END_FAULT, 0);
}

static void watch(void *argument) {
    (void)argument;
    for (;;) {
        (void)notification_wait(NOTIFY_STOPPED, 0);
        fibre_sleep_until(time_deadline(LAST_WORDS_MS));
        for (unsigned i = 0; i < DOMAINS_MAX; i++) {
            if (stopped_unseen(&domains[i])) {
                end_unseen(&domains[i]);
            }
        }
    }
}

/* Who waits for a domain of this core from before it was stopped must not find another one of the same number. */
static uint32_t first_count(void) {
    return boot_data()->starts % NUMBER_SERIES * DOMAINS_OF_A_START;
}

err_t domains_watch(void) {
    last_count = first_count();
    return fibre_spawn(watch, NULL, 0);
}

/* Those that the monitor itself started should run for ever: nobody waits for them who would tell. */
static void log_end(const struct domain *domain) {
    if (domain->starter == 0) {
        log_line("%.16s has ended: %s %ld", domain->name,
                 domain->end == MONITOR_END_EXIT ? "status" : "by fault or kill", (int64_t)domain->status);
    }
}

void domain_ended(uint32_t number, enum monitor_end end, uint64_t status) {
    struct domain *domain = find(number);
    if (domain == NULL || domain->end != MONITOR_END_RUNNING) {
        return;
    }
    (void)dispatcher_stop(domain->dispatcher);
    domain->end = end;
    domain->status = status;
    log_end(domain);
    names_drop(number);
    binds_end(number);
    spans_end(number);
    provisions_end(number);
    supervision_ended(number, end);
    devices_end(number);
    wakes_end(number);
    lrpc_forget(number);
    reclaim(domain);
    shared_end_domain(number);
    shared_ends_look();
    fibre_wake_all(&endings);
}

unsigned domains_leave(void) {
    unsigned ended = 0;
    leaving = true;
    for (unsigned i = 0; i < DOMAINS_MAX; i++) {
        if (domain_lives(domains[i].number) && domain_reports(domains[i].number)) {
            uint32_t moved = supervision_leave(domains[i].number);
            domain_ended(domains[i].number, MONITOR_END_CORE, moved);
            ended++;
        }
    }
    return ended;
}

unsigned domains_running(void) {
    unsigned count = 0;
    for (unsigned i = 0; i < DOMAINS_MAX; i++) {
        count += domains[i].number != 0 && domains[i].end == MONITOR_END_RUNNING;
    }
    return count;
}

unsigned domains_own(void) {
    unsigned count = 0;
    for (unsigned i = 0; i < DOMAINS_MAX; i++) {
        count += domains[i].number != 0 && domains[i].end == MONITOR_END_RUNNING && domains[i].starter == 0;
    }
    return count;
}

err_t domain_kill(const struct domain_kill *kill) {
    struct domain *domain = find(kill->number);
    if (domain == NULL || domain->end != MONITOR_END_RUNNING) {
        return ERR_NOT_FOUND;
    }
    if (!kill->operator && (domain->starter != kill->asker || kill->asker == 0)) {
        return ERR_CAP_RIGHTS;
    }
    domain->reporting = true;
    domain_ended(kill->number, MONITOR_END_KILLED, 0);
    spans_wait_ended(kill->number, time_deadline(peer_deadline_ms() / 2));
    return ERR_OK;
}

bool domain_lives(uint32_t number) {
    const struct domain *domain = find(number);
    return number == MONITOR_BADGE(this_core()) || (domain != NULL && domain->end == MONITOR_END_RUNNING);
}

err_t domain_wait(const struct domain_wait *wait, enum monitor_end *end, uint64_t *status) {
    while (domain_lives(wait->number) && domain_lives(wait->asker)) {
        if (!fibre_wait(&endings, wait->deadline)) {
            break;
        }
    }
    const struct domain *domain = find(wait->number);
    if (domain == NULL) {
        return ERR_NOT_FOUND;
    }
    *end = domain->end;
    *status = domain->status;
    return ERR_OK;
}

static err_t read_line(capaddr_t dispatcher, uint32_t number, const char *name, struct domain_line *line) {
    *line = (struct domain_line){.number = number};
    memcpy(line->name, name, strnlen(name, sizeof(line->name)));
    return dispatcher_info(dispatcher, &line->state, &line->ticks, &line->upcalls, NULL);
}

err_t domain_line(uint64_t n, struct domain_line *line) {
    if (n == 0) {
        return read_line(CAP_DISPATCHER, this_core() << 16, "monitor", line);
    }
    for (unsigned i = 0; i < DOMAINS_MAX; i++) {
        const struct domain *domain = &domains[i];
        if (domain->number != 0 && domain->end == MONITOR_END_RUNNING && --n == 0) {
            return read_line(domain->dispatcher, domain->number, domain->name, line);
        }
    }
    return ERR_NOT_FOUND;
}
