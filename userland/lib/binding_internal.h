/* Between binding.c and the ways in which its calls travel. */
#ifndef LIB_BINDING_INTERNAL_H
#define LIB_BINDING_INTERNAL_H

#include <skerry/binding.h>

#include "lib/calls.h"

struct binding_transport {
    /* Sends, and waits for the answer. */
    err_t (*converse)(struct binding *binding, struct binding_call *call, struct call_wait *wait);
    err_t (*send)(struct binding *binding, struct binding_call *message);
    /* Tells the service that nobody waits for this call any more. May be lost: then the server works in vain. */
    void (*cancel)(struct binding *binding, uint32_t token);
    /* Lets go, after and before the service has agreed to it. What the binding was made of stays only with the latter. */
    void (*unbind)(struct binding *binding);
    void (*close)(struct binding *binding);
};
extern const struct binding_transport binding_lrpc, binding_urpc;

/* To services of this domain itself; set where there are any. */
extern const struct binding_transport *binding_local;
extern err_t (*binding_local_open)(struct binding *binding, const char *name);

/* Shares the bulk that the interface asks for; on failure there is none. Has the service let go of it, which may wait for its
   calls; then its memory is this domain's again. */
[[nodiscard]] err_t bulk_open(struct binding *binding);
void bulk_withdraw(struct binding *binding);
void bulk_close(struct binding *binding);

[[nodiscard]] err_t binding_urpc_open(struct binding *binding);

/* It has ended by itself. */
void binding_end(struct binding *binding, err_t why);

#endif
