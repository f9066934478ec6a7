/* The agreement's client, and what members ask for. Translations go in and out in the link's callback; who has to wait for
   one does so in its request's fibre. */
#include "monitor/spans.h"

#include <skerry/fibre.h>
#include <skerry/heap.h>
#include <skerry/log.h>
#include <skerry/region.h>
#include <skerry/slots.h>
#include <skerry/time.h>

#include "monitor/agreement.h"
#include "monitor/cores.h"
#include "monitor/domains.h"
#include "monitor/machine.h"
#include "monitor/membership.h"

#define CHANGE_DEADLINES 10 /* times a peer's deadline, for a change that another core asked for */
#define FEW_PAGES 4         /* changed without asking for memory */

_Static_assert(SPAN_PAGES == MONITOR_SPAN_PAGES, "the interface says how many pages there are");

enum { WORD_END = 2 }; /* of an operation: 1, the span is over */

struct span_fault_waiter {
    struct span_fault_waiter *next;
    uint64_t page;
    bool answered, mapped;
};

/* This core's table */

static void drop(void *context, uint64_t page) {
    struct span_here *here = context;
    span_tables_drop(&here->tables, page);
}

/* The other core's monitor says what lies there; its word is a description, never a pointer. */
static err_t forge(const struct span_here *here, paddr_t frame, uint64_t rights, capaddr_t *cap) {
    struct foreign what = {
        .type = CAP_TYPE_FRAME,
        .rights = rights & 0xff,
        .owner = (coreid_t)here->span.home,
        .base = frame,
        .size = PAGE_SIZE,
    };
    return machine_forge(&what, cap);
}

static err_t fill_from_afar(struct span_here *here, uint64_t page, paddr_t frame, uint64_t rights) {
    capaddr_t cap;
    TRY(forge(here, frame, rights, &cap));
    err_t err = span_tables_fill(&here->tables, page, cap, 0, rights);
    slot_release(cap); /* a mapping does not need it */
    return err;
}

static void fill(void *context, uint64_t page, uint64_t frame, uint64_t rights) {
    struct span_here *here = context;
    const struct span_piece *piece = here->pieces.of[page];
    if (rights == 0 || here->over) {
        return; /* mapped for nothing */
    }
    here->fill_error = piece != NULL ? span_tables_fill(&here->tables, page, piece->frame, frame - piece->base, rights)
                                     : fill_from_afar(here, page, frame, rights);
}

/* Joining */

static err_t make_tables(struct span_here *here, capaddr_t vspace) {
    uint64_t meta;
    TRY(kernel_identify(CAP_KERNEL, vspace, &meta, NULL, NULL, NULL));
    if ((meta & 0xff) != CAP_TYPE_VNODE_L4) {
        return ERR_CAP_TYPE;
    }
    err_t err = span_tables_make(&here->tables, vspace);
    if (err != ERR_OK) {
        span_tables_free(&here->tables);
        return err;
    }
    here->span.context = here;
    here->span.drop = drop;
    here->span.fill = fill;
    here->joined = true;
    return ERR_OK;
}

err_t span_join(uint32_t domain, capaddr_t vspace) {
    struct span_here *here = span_of_domain(domain);
    if (here == NULL) {
        TRY(span_new(domain, &here));
    }
    if (here->joined || here->over) {
        return here->joined ? ERR_BUSY : ERR_PEER_DEAD;
    }
    span_hold(here);
    err_t err = make_tables(here, vspace);
    span_let_go(here);
    return err;
}

static struct span_here *joined(uint32_t domain) {
    struct span_here *here = span_of_domain(domain);
    return here != NULL && here->joined && !here->over ? here : NULL;
}

static struct span_here *at_home(uint32_t domain, err_t *err) {
    struct span_here *here = joined(domain);
    *err = here == NULL ? ERR_NOT_READY : here->span.home != this_core() ? ERR_FOREIGN : ERR_OK;
    return *err == ERR_OK ? here : NULL;
}

/* Changes, at the home */

/* The pieces that the pages had leave when nobody has a translation any more. */
static err_t change(struct span_here *here, const struct span_change *change, struct span_piece *piece) {
    const struct span_range *range = &change->range;
    struct agree_request request;
    struct span_piece *few[FEW_PAGES] = {}, **many = NULL, **before = few;
    if (range->count > FEW_PAGES) {
        before = many = calloc(MIN(range->count, (uint64_t)SPAN_PAGES), sizeof(struct span_piece *));
    }
    err_t err = before != NULL ? span_change(&here->span, change, &request) : ERR_NO_MEMORY;
    if (err != ERR_OK) {
        free(many);
        return err;
    }
    for (uint64_t i = 0; change->wish != SPAN_PROTECT && i < range->count; i++) {
        before[i] = here->pieces.of[range->first + i];
        here->pieces.of[range->first + i] = NULL;
        if (piece != NULL) {
            span_piece_hold(&here->pieces, range->first + i, piece);
        }
    }
    err = agreement_do(&request);
    span_done(&here->span, range);
    for (uint64_t i = 0; i < range->count && !here->over; i++) {
        span_piece_leave(&here->pieces, before[i]);
    }
    free(many);
    return err;
}

static bool is_free(const struct span *span, uint64_t first, uint64_t count) {
    for (uint64_t i = 0; i < count; i++) {
        if (span->truth[first + i].mapped || span->changing[first + i] != 0) {
            return false;
        }
    }
    return true;
}

/* The first free pages, with one that is not mapped before them. */
static err_t find_free(const struct span *span, uint64_t count, uint64_t *page) {
    for (uint64_t first = 1; count < SPAN_PAGES && first <= SPAN_PAGES - count; first++) {
        if (is_free(span, first - 1, count + 1)) {
            *page = first;
            return ERR_OK;
        }
    }
    return ERR_NO_MEMORY;
}

static err_t map_new(struct span_here *here, const struct span_change *map, struct span_piece *piece) {
    TRY(span_map(&here->span, map));
    for (uint64_t i = 0; i < map->range.count; i++) {
        span_piece_hold(&here->pieces, map->range.first + i, piece);
    }
    return ERR_OK;
}

static err_t check_source(const struct span_source *source) {
    uint64_t both = MAP_WRITE | MAP_EXECUTE;
    bool flags = source->rights <= (MAP_READ | both) && (source->rights & both) != both;
    return flags && source->pages > 0 && source->pages <= SPAN_PAGES ? ERR_OK : ERR_ARGUMENT;
}

static err_t map_frame(struct span_here *here, const struct span_mapping *mapping, uint64_t *page) {
    struct span_piece *piece;
    TRY(check_source(&mapping->source));
    *page = mapping->page;
    if (*page == SPAN_PAGES) {
        TRY(find_free(&here->span, mapping->source.pages, page));
    }
    TRY(span_piece_make(&here->pieces, &mapping->source, &piece));
    struct span_change map = {
        .wish = SPAN_REMAP,
        .range = {*page, mapping->source.pages},
        .frame = piece->base + mapping->source.offset,
        .step = PAGE_SIZE,
        .rights = mapping->source.rights,
        .topology = mapping->topology,
    };
    piece->pages++; /* until its pages hold it */
    err_t err = mapping->replace ? change(here, &map, piece) : map_new(here, &map, piece);
    if (!here->over) {
        span_piece_leave(&here->pieces, piece);
    }
    return err;
}

err_t span_map_frame(const struct span_mapping *mapping, uint64_t *page) {
    err_t err;
    struct span_here *here = at_home(mapping->domain, &err);
    TRY(err);
    span_hold(here);
    err = map_frame(here, mapping, page);
    span_let_go(here);
    return err;
}

static err_t change_here(uint32_t domain, const struct span_change *wish) {
    err_t err;
    struct span_here *here = at_home(domain, &err);
    TRY(err);
    if (wish->wish == SPAN_PROTECT) {
        uint64_t both = MAP_WRITE | MAP_EXECUTE;
        if (wish->rights > (MAP_READ | both) || (wish->rights & both) == both) {
            return ERR_ARGUMENT;
        }
    }
    span_hold(here);
    err = change(here, wish, NULL);
    span_let_go(here);
    return err;
}

err_t span_change_pages(uint32_t domain, const struct span_change *change) {
    const struct span_here *here = joined(domain);
    if (here == NULL) {
        return ERR_NOT_READY;
    }
    if (here->span.home == this_core()) {
        return change_here(domain, change);
    }
    struct peer_call call = {
        .to = (coreid_t)here->span.home,
        .operation = PEER_SPAN_CHANGE,
        .deadline_ms = CHANGE_DEADLINES * peer_deadline_ms(),
        .request = {here->span.id, change->range.first, change->range.count, change->wish, change->rights,
                    change->topology},
    };
    return peer_call(&call);
}

err_t span_serve_change(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]) {
    (void)reply;
    const uint64_t *word = request->word;
    struct span_change change = {
        .wish = (enum span_wish)word[3],
        .range = {word[1], word[2]},
        .rights = word[4],
        .topology = (enum agree_topology)word[5],
    };
    if (word[3] > SPAN_PROTECT || word[5] >= AGREE_TOPOLOGIES) {
        return ERR_ARGUMENT;
    }
    return change_here((uint32_t)word[0], &change);
}

/* Faults */

static bool allows(uint64_t rights, uint32_t error) {
    uint64_t wanted = (error & FAULT_WRITE) != 0 ? MAP_WRITE : (error & FAULT_EXECUTE) != 0 ? MAP_EXECUTE : MAP_READ;
    return (rights & wanted) != 0;
}

static void forget(struct span_here *here, struct span_fault_waiter *waiter) {
    struct span_fault_waiter **at = &here->waiting;
    while (*at != waiter) {
        at = &(*at)->next;
    }
    *at = waiter->next;
}

/* Has been asked for at the home. CONTINUE: there was an answer, or it is to be asked again. */
static err_t await(struct span_here *here, uint64_t page) {
    struct span_fault_waiter waiter = {.next = here->waiting, .page = page};
    here->waiting = &waiter;
    uint64_t deadline = time_deadline(peer_deadline_ms());
    while (!waiter.answered && !here->over && fibre_wait(&here->changed, deadline)) {
    }
    forget(here, &waiter);
    if (here->over) {
        return ERR_PEER_DEAD;
    }
    if (!waiter.answered) {
        membership_suspect((coreid_t)here->span.home);
    }
    return waiter.answered && !waiter.mapped ? ERR_NOT_FOUND : ERR_CONTINUE;
}

/* What the table has, or should have: its memory may have been recalled, or there was no room for the mapping. */
static err_t look(struct span_here *here, uint64_t page, uint32_t error) {
    struct span_page *local = &here->span.local[page];
    if (!local->mapped) {
        return ERR_CONTINUE;
    }
    if (!allows(local->rights, error)) {
        return ERR_CAP_RIGHTS;
    }
    if (span_tables_has(&here->tables, page, local->rights)) {
        return ERR_OK;
    }
    err_t err = here->fill_error != ERR_OK ? here->fill_error : ERR_CONTINUE;
    span_tables_drop(&here->tables, page);
    local->mapped = false;
    here->fill_error = ERR_OK;
    return err;
}

static err_t serve_fault(struct span_here *here, uint64_t page, uint32_t error) {
    err_t err = look(here, page, error);
    while (err == ERR_CONTINUE) {
        err = span_fault(&here->span, page);
        if (err == ERR_NOT_READY) {
            err = await(here, page);
        }
        if (err == ERR_OK || err == ERR_CONTINUE) {
            err = look(here, page, error);
        }
    }
    return err;
}

err_t span_serve_fault(uint32_t domain, uint64_t page, uint32_t error) {
    struct span_here *here = joined(domain);
    if (here == NULL || page >= SPAN_PAGES) {
        return here == NULL ? ERR_NOT_READY : ERR_MAP_RANGE;
    }
    span_hold(here);
    err_t err = serve_fault(here, page, error);
    span_let_go(here);
    return err;
}

/* The engine's client */

static err_t prepare(void *context, const struct agree_work *work, uint64_t *holder) {
    (void)context, (void)work, (void)holder;
    return ERR_UNSUPPORTED; /* there is nothing to ask: a change has one phase */
}

static err_t finish(void *context, const struct agree_work *work, enum agree_end end) {
    (void)context;
    for (unsigned i = 0; end == AGREE_COMMIT && i < work->count; i++) {
        struct span_here *here = span_find(span_of(work->op[i]));
        bool known = here != NULL && here->span.home == work->id.core, over = work->op[i][WORD_END] != 0;
        if (over && known && here->span.home != this_core()) {
            span_member_ends(here, &work->id);
            return ERR_CONTINUE;
        }
        if (over && here == NULL) {
            span_home_ended(span_of(work->op[i]));
        }
        if (known) {
            span_finish(&here->span, work->op[i]);
        }
    }
    return ERR_OK;
}

static void note(void *context, unsigned from, const uint64_t op[AGREE_WORDS]) {
    (void)context;
    struct span_here *here = span_find(span_of(op));
    uint64_t page;
    bool mapped;
    if (here == NULL || here->over || (here->span.home == this_core() && !agree_has(&here->cores, from))) {
        return;
    }
    span_note(&here->span, from, op);
    if (!span_answers(op, &page, &mapped) || from != here->span.home) {
        return;
    }
    for (struct span_fault_waiter *waiter = here->waiting; waiter != NULL; waiter = waiter->next) {
        if (waiter->page == page) {
            waiter->answered = true;
            waiter->mapped = mapped;
        }
    }
    fibre_wake_all(&here->changed);
}

static void viewed(void *context, const struct agree_set *dead, const struct agree_set *joined) {
    (void)context, (void)joined;
    spans_viewed(dead);
}

static const struct agree_client client = {
    .prepare = prepare,
    .finish = finish,
    .done = agreement_done,
    .note = note,
    .view = viewed,
};

void spans_init(void) {
    agreement_register(AGREEMENT_SPAN, &client);
}
