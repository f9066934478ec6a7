/* A server's end of an interface. Exported under a name, its generated dispatch calls one function of the server a call:
   NAME_serve_CALL, NAME_take_MESSAGE. Each call runs in a fibre of its own, so these are written straight on: they may wait,
   and call other services, or this one.

   Nesting. Whatever a call waits for, only its fibre waits: the dispatcher goes on to poll, to answer page faults and to start
   other calls. So nothing of this deadlocks: a page fault inside a call (it is served on the fibre's side, or in the upcall);
   a call from inside a call, to any service, even back to the client that waits (its dispatcher serves while it waits); a
   capability that arrives when slots have run out (a reserve of slots is armed for arrivals alone and is filled up again as
   slots come free; until then the sender is told to try again, up to its deadline). What can block is a cycle of calls that
   each hold what the next one needs; deadlines end it. A server's own locks are held across a call at its own risk.

   A call or message that its interface calls `quick` is served where it is taken, without a fibre, when it comes over a
   channel: its function must not wait.

   Limits. A client has at most `calls` calls in work; what it asks beyond that waits on its side. */
#ifndef SKERRY_SERVICE_H
#define SKERRY_SERVICE_H

#include <skerry/bulk.h>
#include <skerry/fibre.h>
#include <skerry/vspace.h>

#define SERVICE_CALLS 16
#define SERVICES_MAX 16 /* of a domain */

struct bind_channel;
struct service_call;
struct service_client;

/* A line's header (urpc.h) but for what changes: type with the operation's number and its words, and these with the head. */
#define SERVICE_QUICK_HEADER(number, words) ((uint64_t)((number) | (words) << 8) | (uint64_t)(1 + (words)) << 32)
#define SERVICE_QUICK_MASK 0x870000fffful
#define SERVICE_NOT_QUICK UINT64_MAX

/* Of the generated dispatch. */
struct service_operation {
    const char *name;
    err_t (*run)(struct service_call *call);
    uint16_t request_words, reply_words; /* at most */
    bool answered, takes_cap;
    /* Where it is `quick`: the header of its message in a channel, and what takes head and words, each loaded once. True. */
    uint64_t quick_header;
    bool (*quick)(struct service_call *call, const uint64_t *word);
};

struct service_interface {
    const char *service;
    uint32_t version;
    uint32_t bulk_pages; /* that each client shares with it */
    uint64_t hash;
    const struct service_operation *operations;
    uint32_t count;
};

/* Of the server; in memory that stays. */
struct service {
    const struct service_interface *interface;
    const char *name; /* NULL: the interface's */
    uint32_t calls;   /* 0: SERVICE_CALLS */
    /* A client binds; an error refuses it. And it has unbound (CANCELLED) or ended (PEER_DEAD); its calls in work are
       cancelled. In fibres; may be NULL. */
    err_t (*bound)(struct service_client *client);
    void (*ended)(struct service_client *client, err_t why);
    uint16_t index; /* the library's */
};

struct service_client {
    struct service *service;
    uint64_t domain; /* its number, as its monitor says */
    void *context;   /* the server's */
    /* The library's. */
    void *transport;
    struct bind_channel *bound; /* NULL: it is on this core */
    struct service_call *calls;
    uint32_t users;
    bool gone;
    err_t why;
    struct bulk bulk; /* what it shares with us */
    capaddr_t bulk_frame;
    struct vspace_mapping bulk_mapping;
    struct fibre_queue quiet; /* woken when none of its calls is in work */
};

/* A call in work. */
struct service_call {
    struct service_client *client;
    bool cancelled;                  /* nobody waits for the answer any more */
    struct fibre_queue cancellation; /* is woken then: for fibre_wait_any */
    /* The dispatch's. */
    const uint64_t *request;
    uint32_t request_words;
    uint32_t reply_words;
    uint64_t *reply;
    capaddr_t cap, reply_cap;
    uint32_t token, number; /* the latter of a quick one only */
    struct service_call *next, *before;
};

/* For the generated dispatch: answers a quick call. True. */
bool service_quick_answer(struct service_call *call, uint64_t head, err_t err);

/* Offers the service under its name; calls come from then on. */
[[nodiscard]] err_t service_export(struct service *service);

/* Serves whoever is at the other end of a channel (bind.h); what service_export does for clients of other cores. */
[[nodiscard]] err_t service_accept(struct bind_channel *bound);

/* All of main() for a server that does nothing else: offers the service and serves for ever. It returns only when the service
   cannot be offered, having said why. */
[[nodiscard]] int service_main(struct service *service);

/* The server is done with a capability that came with a call: it goes, and memory of another core goes back to its owner. */
void service_give_back(struct service_call *call, capaddr_t cap);

/* Waits in `queue`; false when the deadline (TSC; 0: none) passed or the call was cancelled meanwhile. */
[[nodiscard]] bool service_wait(struct service_call *call, struct fibre_queue *queue, uint64_t deadline);

#endif
