/* Binding to a service by its name, wherever in the machine it runs, and what a server gets of it.
   On one core a binding is an endpoint (lrpc.h); between two it is a channel: a frame that both map, with a ring each way
   (urpc.h), of memory that belongs to the client's core.

   Life of a channel: bind_to asks this core's monitor, that one the server's, which offers it to the server; when the server
   has accepted, both ends exist. Either end may let go (bind_release), or be ended by its monitor when the domain at the
   other end has ended or its core is gone. Then `ended` is called, once, in a fibre; when it returns the memory is unmapped
   and the monitor told, so nothing may touch the channel any more. A domain that does not answer in time loses the memory by
   force: touching it is a page fault then. */
#ifndef SKERRY_BIND_H
#define SKERRY_BIND_H

#include <skerry/channel.h>
#include <skerry/lrpc.h>
#include <skerry/vspace.h>

#define BIND_SIZE PAGE_SIZE            /* of a channel's frame, unless the client asks for another */
#define BIND_SIZE_MAX (64 * PAGE_SIZE) /* whole pages */

enum bind_kind { BIND_LRPC, BIND_CHANNEL };

/* One end. The library's, from bind_to or `accept` until bind_release or `ended` has returned. */
struct bind_channel {
    uint32_t id;   /* this domain's monitor knows it by this */
    uint32_t peer; /* number of the domain at the other end, as the monitors say */
    unsigned side; /* of the rings: the client is 0, the server 1 */
    void *memory;  /* formatted (urpc_format) */
    uint64_t size;
    struct channel_wake wake; /* of the other end */
    void *context;            /* its user's */
    /* A capability from the other end, this domain's until the channel ends; in a fibre. NULL: none are taken */
    void (*received)(struct bind_channel *channel, uint64_t word, capaddr_t cap);
    void (*ended)(struct bind_channel *channel, err_t why); /* NULL: nobody wants to know */
};

struct bind_request {
    const char *name;
    uint64_t deadline_ms; /* to wait for the name to appear, and for the server to accept */
    uint64_t size;        /* of the frame, if it becomes a channel; 0: BIND_SIZE */
};

struct bind_result {
    enum bind_kind kind;
    struct lrpc_binding lrpc;     /* BIND_LRPC */
    struct bind_channel *channel; /* BIND_CHANNEL */
};

/* NOT_FOUND: nobody has offered that name before the deadline; PEER_DEAD: the server, or its core, ended meanwhile; NO_MEMORY:
   this domain, or the server, has as many channels as it may; UNSUPPORTED: the server takes no clients of other cores. */
[[nodiscard]] err_t bind_to(const struct bind_request *request, struct bind_result *result);

/* Lets go of a channel: `ended` is not called, the other end's is, with CANCELLED. */
void bind_release(struct bind_channel *channel);

/* Gives the other end a capability for the same memory, until it is returned or the channel ends; it has arrived, with the word, on return. The
   sender keeps its own, which has GRANT, but revoke and retype of that memory are refused (SHARED) meanwhile. CAP_TYPE, or
   NOT_COPYABLE: only FRAME and DEVICE capabilities go to another core; FOREIGN: what came from another core is not passed on;
   UNSUPPORTED: the other end takes none; NO_MEMORY: this channel has carried as many as it may. */
[[nodiscard]] err_t bind_send_cap(struct bind_channel *channel, uint64_t word, capaddr_t cap);

/* Gives back what came over the channel: this domain's capabilities and mappings of that memory are gone (of memory that came
   twice, after the second time), and the sender may do with it what it likes. The capability is gone in any case. NOT_FOUND: it has not come this way. */
[[nodiscard]] err_t bind_return_cap(struct bind_channel *channel, capaddr_t cap);

/* Revokes a FRAME or DEVICE capability on all cores: as cap_revoke, which it is for memory that was not lent, and costs no message
   then; else no core has a copy or mapping of it any more on return, whoever uses it at the time. SHARED: it is a part of memory
   that was lent whole. TIMEOUT: a loan of it is still being made. */
[[nodiscard]] err_t bind_revoke_cap(capaddr_t cap);

/* Offers this domain's services under a name: to its own core by LRPC, to the others by channels if `accept` is not NULL.
   `accept` runs in a fibre; an error refuses the client with it. It sets `context` and `ended`. */
[[nodiscard]] err_t bind_export(const char *name, err_t (*accept)(struct bind_channel *channel));

#endif
