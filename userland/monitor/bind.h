/* Bindings of this core's domains to services by name, here (an endpoint) or on another core (a channel).
   The frame of a channel is of the client's core's monitor's memory; the server's monitor has a capability for it that it
   made itself. Each monitor keeps an end of its own domain's, known to the other monitor by a number. An end goes when its
   domain lets go or ends, or when the other monitor says so, and what it was made of is used again only when both monitors
   have revoked the frame; while the other one does not answer, that is in quarantine. */
#ifndef MONITOR_BIND_H
#define MONITOR_BIND_H

#include <if/monitor.h>

#include "monitor/names.h"
#include "monitor/peers.h"
#include "monitor/wakes.h"

struct bind_order {
    struct name name;
    uint32_t domain; /* that wants it */
    uint64_t bytes;  /* of the frame */
    uint64_t deadline;
};

struct bind_answer {
    enum monitor_bind kind;
    uint32_t channel;
    uint32_t peer;
    struct wake_place wake; /* of the domain at the other end */
};

/* Waits for the name to appear; NAME@CORE is looked for on that core alone. `cap` is the client's endpoint, or its capability for the frame. */
[[nodiscard]] err_t bind_here(const struct bind_order *order, struct bind_answer *answer, capaddr_t *cap);

/* The capability that wakes who is at the other end of a domain's channel. */
[[nodiscard]] err_t bind_wake(uint32_t domain, uint32_t channel, capaddr_t *cap);

/* A domain lets go of its channel. */
[[nodiscard]] err_t bind_undo(uint32_t domain, uint32_t channel);

/* A domain of this core has ended: so have its channels. Its copies are gone on return. */
void binds_end(uint32_t domain);

/* A core runs no more and never will as it was: nobody there touches anything any more. The domains here are told. */
void binds_core_gone(coreid_t core);

/* A core that had been silent answers: what is in quarantine because of it may return. */
void binds_core_heard(coreid_t core);

unsigned binds_count(void);
unsigned binds_quarantined(void);

/* PEER_BIND, PEER_UNBIND */
err_t bind_serve(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]);
err_t bind_serve_undo(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]);

#endif
