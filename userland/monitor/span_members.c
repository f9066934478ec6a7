/* Which spans there are at this core, and how members begin and end. */
#include <skerry/fibre.h>
#include <skerry/heap.h>
#include <skerry/log.h>
#include <skerry/string.h>
#include <skerry/time.h>

#include "monitor/agreement.h"
#include "monitor/domains.h"
#include "monitor/machine.h"
#include "monitor/spans.h"
#include "monitor/spawn.h"

#define ENDED 32 /* that are remembered */

static struct span_here *all;
static uint64_t ended[ENDED]; /* homes' domains: an order to start a member may come after its home's end */
static unsigned ended_count;
static struct fibre_queue endings; /* somebody is to end */
static struct fibre_queue removed;

struct span_here *span_find(uint64_t id) {
    struct span_here *here = all;
    while (here != NULL && here->span.id != id) {
        here = here->next;
    }
    return here;
}

struct span_here *span_of_domain(uint32_t domain) {
    struct span_here *here = all;
    while (here != NULL && (here->domain != domain || here->over)) {
        here = here->next;
    }
    return domain != 0 ? here : NULL;
}

static err_t make(uint64_t id, uint32_t domain, struct span_here **here) {
    struct span_here *made = calloc(1, sizeof(*made));
    if (made == NULL) {
        return ERR_NO_MEMORY;
    }
    span_init(&made->span, agreement(), AGREEMENT_SPAN, DOMAIN_CORE(id));
    made->span.id = id;
    made->domain = domain;
    made->next = all;
    all = made;
    *here = made;
    return ERR_OK;
}

err_t span_new(uint32_t domain, struct span_here **here) {
    return domain_lives(domain) ? make(domain, domain, here) : ERR_PEER_DEAD;
}

void span_hold(struct span_here *here) {
    here->users++;
}

static void remove(struct span_here *here) {
    struct span_here **at = &all;
    while (*at != here) {
        at = &(*at)->next;
    }
    *at = here->next;
    if (here->owed.number != 0) {
        agreement_answer(here->owed, ERR_OK);
    }
    free(here);
    fibre_wake_all(&removed);
}

void span_let_go(struct span_here *here) {
    here->users--;
    if (here->users == 0 && here->over) {
        remove(here);
    }
}

/* Nobody on this core has a translation any more. */
static void close(struct span_here *here) {
    here->over = true;
    span_tables_free(&here->tables);
    fibre_wake_all(&here->changed);
}

/* Starting a member */

void span_home_ended(uint64_t id) {
    ended[ended_count++ % ENDED] = id;
}

static bool has_ended(uint64_t id) {
    bool found = false;
    for (unsigned i = 0; i < ENDED; i++) {
        found |= ended[i] == id;
    }
    return found;
}

static err_t spawn_member(struct span_here *here, const char *program, const struct span_start *start) {
    struct spawn_request request = {
        .program = program,
        .text = program,
        .argc = 1,
        .bytes = (uint32_t)strlen(program) + 1,
        .starter = start->domain,
        .entry = start->entry,
        .argument = start->argument,
    };
    uint32_t domain;
    TRY(spawn(&request, &domain));
    here->domain = domain;
    if (here->ending) { /* the home's domain has ended meanwhile */
        fibre_wake_all(&endings);
    }
    return ERR_OK;
}

err_t span_serve_start(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]) {
    struct span_start start = {
        .domain = (uint32_t)request->word[0], .entry = request->word[1], .argument = request->word[2]};
    char program[MONITOR_NAME_BYTES + 1] = {};
    struct span_here *here;
    if (DOMAIN_CORE(start.domain) != request->from || start.entry == 0) {
        return ERR_ARGUMENT;
    }
    if (span_find(start.domain) != NULL) {
        return ERR_BUSY;
    }
    if (has_ended(start.domain)) {
        return ERR_PEER_DEAD;
    }
    memcpy(program, &request->word[3], MONITOR_NAME_BYTES);
    TRY(make(start.domain, 0, &here));
    span_hold(here);
    err_t err = spawn_member(here, program, &start);
    if (err != ERR_OK) {
        here->over = true;
    }
    reply[0] = here->domain;
    span_let_go(here);
    return err;
}

err_t span_start(const struct span_start *start, uint32_t *member) {
    struct span_here *here = span_of_domain(start->domain);
    const struct domain *domain = domain_find(start->domain);
    if (here == NULL || domain == NULL || !here->joined) {
        return ERR_NOT_READY;
    }
    if (here->span.home != this_core()) {
        return ERR_FOREIGN;
    }
    if (start->core == this_core()) {
        return ERR_BUSY;
    }
    agree_add(&here->cores, start->core); /* whatever becomes of the call: it may be there */
    struct peer_call call = {
        .to = start->core, .operation = PEER_SPAN_START, .request = {start->domain, start->entry, start->argument}};
    memcpy(&call.request[3], domain->name, MONITOR_NAME_BYTES);
    err_t err = peer_call(&call);
    *member = (uint32_t)call.reply[0];
    return err;
}

/* The end */

void span_member_ends(struct span_here *here, const struct agree_id *owed) {
    here->ending = true;
    if (owed != NULL) {
        here->owed = *owed;
    }
    fibre_wake_all(&endings);
}

static struct span_here *due(void) {
    struct span_here *here = all;
    while (here != NULL && (!here->ending || here->over || here->domain == 0)) {
        here = here->next;
    }
    return here;
}

static void end_members(void *argument) {
    (void)argument;
    for (;;) {
        struct span_here *here = due();
        if (here == NULL) {
            (void)fibre_wait(&endings, 0);
        } else if (domain_reports(here->domain)) {
            domain_ended(here->domain, MONITOR_END_KILLED, 0);
        } else {
            fibre_sleep_until(time_deadline(1)); /* it is ending of its own accord */
        }
    }
}

err_t span_members_init(void) {
    return fibre_spawn(end_members, NULL, 0);
}

/* At the home, when its domain has ended: everybody lets go, then its memory is its own again. */
static void end_everywhere(void *argument) {
    struct span_here *here = *(struct span_here **)argument;
    uint32_t domain = here->domain;
    struct agree_request request = {
        .client = AGREEMENT_SPAN,
        .phases = 1,
        .topology = AGREE_NUMA,
        .flags = AGREE_ALONE,
        .members = here->cores,
        .deadline = UINT64_MAX,
        .op = {here->span.id, 0, 1},
    };
    agree_add(&request.members, this_core());
    err_t err = agreement_do(&request);
    if (err != ERR_OK) {
        log_line("a span keeps its memory: %s", err_name(err));
        return;
    }
    span_pieces_free(&here->pieces);
    span_let_go(here);
    domain_loans_returned(domain);
}

void spans_end(uint32_t domain) {
    struct span_here *here = span_of_domain(domain);
    if (here == NULL) {
        return;
    }
    span_hold(here);
    close(here);
    if (here->span.home != this_core() || agree_empty(&here->cores)) {
        span_pieces_free(&here->pieces);
        span_let_go(here);
    } else if (fibre_spawn(end_everywhere, &here, sizeof(here)) != ERR_OK) { /* which lets go */
        log_line("a span keeps its memory: other cores have it, and there is none to ask them");
    }
}

void spans_wait_ended(uint32_t domain, uint64_t deadline) {
    while (span_find(domain) != NULL && fibre_wait(&removed, deadline)) {
    }
}

void spans_viewed(const struct agree_set *dead) {
    for (struct span_here *here = all; here != NULL; here = here->next) {
        here->cores = agree_without(&here->cores, dead);
        if (agree_has(dead, here->span.home)) {
            span_viewed(&here->span, dead);
            span_member_ends(here, NULL);
        }
    }
}

bool spans_lending(uint32_t domain) {
    for (struct span_here *here = all; here != NULL; here = here->next) {
        if (here->domain == domain && here->pieces.all != NULL) {
            return true;
        }
    }
    return false;
}
