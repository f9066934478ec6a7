/* Domains that span cores. A domain's home is the core where it was started; span_start() starts its program on another core as
   a *member*, with its own dispatcher, capabilities and page tables there. What lies from USER_SPAN_BASE on is the same for
   all of them: who maps, protects or unmaps there does so everywhere (span.h: the truth is at the home, shootdown by agreement).
   A member that ends leaves the others alone; when the home's domain ends, or its core, they end with it. */
#ifndef MONITOR_SPANS_H
#define MONITOR_SPANS_H

#include <skerry/fibre.h>
#include <skerry/span.h>

#include "monitor/peers.h"
#include "monitor/span_pieces.h"
#include "monitor/span_tables.h"

/* A span at this core. */
struct span_here {
    struct span_here *next;
    struct span span;     /* its id: the home's domain number */
    uint32_t domain;      /* of this core; 0: it is being started */
    bool joined;          /* its tables are there */
    bool over;            /* nobody comes in any more */
    bool ending;          /* the home's domain has ended: the member is to end, too */
    unsigned users;       /* fibres that wait in here */
    err_t fill_error;     /* why the last translation could not be put in */
    struct agree_id owed; /* the transaction that waits for the end; number 0: none */
    struct span_tables tables;
    struct span_pieces pieces; /* at the home */
    struct agree_set cores;    /* at the home: where it has members */
    struct fibre_queue changed;
    struct span_fault_waiter *waiting;
};

/* spans.c: what members do */

void spans_init(void);

/* MONITOR_SPAN: from now on the domain has what lies at USER_SPAN_BASE. A domain that is no member gets a span of its own. */
[[nodiscard]] err_t span_join(uint32_t domain, capaddr_t vspace);

/* MONITOR_SPAN_MAP, at the home. `page` SPAN_PAGES: the first free ones. What was mapped before goes if it is to `replace`. */
struct span_mapping {
    uint32_t domain;
    struct span_source source;
    uint64_t page;
    bool replace;
    enum agree_topology topology;
};
[[nodiscard]] err_t span_map_frame(const struct span_mapping *mapping, uint64_t *page);

/* MONITOR_SPAN_CHANGE, for a member anywhere: unmap or protect. Has happened on all cores when it returns. */
[[nodiscard]] err_t span_change_pages(uint32_t domain, const struct span_change *change);

/* MONITOR_SPAN_FAULT: OK when there is a translation for this. `error` is FAULT_* of region.h. */
[[nodiscard]] err_t span_serve_fault(uint32_t domain, uint64_t page, uint32_t error);

/* PEER_SPAN_CHANGE */
err_t span_serve_change(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]);

/* span_members.c: who they are */

[[nodiscard]] err_t span_members_init(void);

struct span_here *span_find(uint64_t id);
struct span_here *span_of_domain(uint32_t domain); /* also one that has not joined; NULL: it is no member */

/* At the home, once. */
[[nodiscard]] err_t span_new(uint32_t domain, struct span_here **here);

/* A fibre that waits holds what it waits in. */
void span_hold(struct span_here *here);
void span_let_go(struct span_here *here);

/* MONITOR_SPAN_START. BUSY: there is a member on that core. */
struct span_start {
    uint32_t domain;
    coreid_t core;
    uint64_t entry, argument; /* the member's, for its library */
};
[[nodiscard]] err_t span_start(const struct span_start *start, uint32_t *member);

/* PEER_SPAN_START */
err_t span_serve_start(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]);

/* The home's domain has ended: the member here ends; the answer is owed (NULL: to nobody) when it has. */
void span_member_ends(struct span_here *here, const struct agree_id *owed);

/* ... and there is none here, or none yet: no member is started any more. */
void span_home_ended(uint64_t id);

/* A domain of this core has ended. */
void spans_end(uint32_t domain);

/* ... and until nobody on any core has anything of its span, if it was the home, or the deadline passes. */
void spans_wait_ended(uint32_t domain, uint64_t deadline);

/* Homes have died. */
void spans_viewed(const struct agree_set *dead);

/* Is memory of this one still mapped on other cores? */
bool spans_lending(uint32_t domain);

#endif
