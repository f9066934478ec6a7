/* Bindings and their calls, whichever way these travel (binding_lrpc.c, binding_urpc.c). */
#include <skerry/binding.h>

#include <skerry/bind.h>
#include <skerry/slots.h>
#include <skerry/string.h>
#include <skerry/time.h>

#include "lib/binding_internal.h"
#include "lib/rpc.h"

#define OPEN_MS 5000

static void link_call(struct binding *binding, struct call_wait *wait) {
    wait->before = NULL;
    wait->next = binding->calls;
    if (wait->next != NULL) {
        wait->next->before = wait;
    }
    binding->calls = wait;
}

static void unlink_call(struct binding *binding, const struct call_wait *wait) {
    *(wait->before != NULL ? &wait->before->next : &binding->calls) = wait->next;
    if (wait->next != NULL) {
        wait->next->before = wait->before;
    }
}

static void end_calls(struct binding *binding, err_t why) {
    for (struct call_wait *wait = binding->calls; wait != NULL; wait = wait->next) {
        calls_end(wait, why);
    }
}

struct ending {
    struct binding *binding;
    err_t why;
};

static void tell_user(void *argument) {
    const struct ending *ending = argument;
    if (ending->binding->ended != NULL) {
        ending->binding->ended(ending->binding, ending->why);
    }
}

void binding_end(struct binding *binding, err_t why) {
    if (binding->why != ERR_OK) {
        return;
    }
    binding->why = why;
    binding->fast = false;
    end_calls(binding, why);
    if (binding->ended != NULL) {
        (void)fibre_spawn(tell_user, &(struct ending){binding, why}, sizeof(struct ending));
    }
}

const struct binding_transport *binding_local;
err_t (*binding_local_open)(struct binding *binding, const char *name);

static const struct binding_transport *transport_of(const struct binding *binding) {
    switch (binding->kind) {
    case BINDING_LRPC:
        return &binding_lrpc;
    case BINDING_URPC:
        return &binding_urpc;
    default:
        return binding_local;
    }
}

static err_t usable(const struct binding *binding) {
    return binding->kind == BINDING_NONE ? ERR_NOT_READY : binding->why;
}

static err_t converse(struct binding *binding, struct binding_call *call, struct call_wait *wait) {
    const struct binding_transport *transport = transport_of(binding);
    err_t err = transport->converse(binding, call, wait);
    if (wait->state != CALL_ANSWERED && (err == ERR_TIMEOUT || err == ERR_CANCELLED)) {
        transport->cancel(binding, wait->token);
    } else if (wait->state != CALL_ANSWERED && err == ERR_PEER_DEAD) {
        binding_end(binding, ERR_PEER_DEAD);
    }
    return err;
}

err_t binding_call(struct binding *binding, struct binding_call *call) {
    PINNED();
    struct call_wait wait = {.reply = call->reply, .reply_room = call->reply_room};
    TRY(usable(binding));
    wait.from = binding->kind == BINDING_LRPC ? binding->lrpc.badge : (uint64_t)binding;
    TRY(calls_add(&wait));
    link_call(binding, &wait);
    err_t err = converse(binding, call, &wait);
    unlink_call(binding, &wait);
    calls_remove(&wait);
    if (err != ERR_OK && wait.cap != CAP_NULL) {
        slot_release(wait.cap);
        wait.cap = CAP_NULL;
    }
    call->reply_words = wait.reply_words;
    call->reply_cap = wait.cap;
    return err;
}

err_t binding_send(struct binding *binding, struct binding_call *message) {
    PINNED();
    TRY(usable(binding));
    err_t err = transport_of(binding)->send(binding, message);
    if (err == ERR_PEER_DEAD) {
        binding_end(binding, ERR_PEER_DEAD);
    }
    return err;
}

err_t binding_refuse(const struct binding_call *call) {
    if (call->reply_cap != CAP_NULL) {
        slot_release(call->reply_cap);
    }
    return ERR_FORMAT;
}

/* Without the core that may stand behind it. */
static size_t name_length(const char *name) {
    const char *at = strchr(name, '@');
    return at != NULL ? (size_t)(at - name) : strlen(name);
}

/* Both sides say what they know of the interface. */
static err_t agree(struct binding *binding, const char *name) {
    uint64_t request[RPC_OPEN_WORDS] = {binding->interface->version, binding->interface->hash}, base;
    struct binding_call open = {
        .operation = RPC_OPEN,
        .deadline = time_deadline(OPEN_MS),
        .request = request,
        .request_words = RPC_OPEN_WORDS,
        .reply = &base,
        .reply_room = 1,
    };
    memcpy(&request[2], name, MIN(name_length(name), (size_t)RPC_NAME_BYTES));
    TRY(binding_call(binding, &open));
    binding->base = (uint16_t)base;
    return binding->interface->bulk_pages != 0 ? bulk_open(binding) : ERR_OK;
}

/* What has been prepared is given back on failure, but for what the caller brought. */
static err_t open_with(struct binding *binding, const char *name) {
    err_t err = agree(binding, name);
    if (err != ERR_OK) {
        transport_of(binding)->close(binding);
        binding->kind = BINDING_NONE;
    }
    binding->fast = binding->kind == BINDING_URPC && binding->why == ERR_OK;
    return err;
}

err_t binding_open_endpoint(struct binding *binding, const struct binding_interface *interface, capaddr_t endpoint) {
    struct lrpc_binding lrpc;
    TRY(lrpc_bind(endpoint, &lrpc));
    *binding = (struct binding){.interface = interface, .kind = BINDING_LRPC, .lrpc = lrpc};
    return open_with(binding, interface->service);
}

err_t binding_open_channel(struct binding *binding, const struct binding_interface *interface,
                           struct bind_channel *channel) {
    *binding = (struct binding){.interface = interface, .bound = channel};
    TRY(binding_urpc_open(binding));
    binding->kind = BINDING_URPC;
    return open_with(binding, interface->service);
}

err_t binding_open(struct binding *binding, const struct binding_interface *interface, const char *name,
                   uint64_t wait_ms) {
    PINNED();
    struct bind_request request = {.name = name, .deadline_ms = wait_ms, .size = interface->channel_pages * PAGE_SIZE};
    struct bind_result bound;
    *binding = (struct binding){.interface = interface};
    if (binding_local_open != NULL) {
        err_t err = binding_local_open(binding, name);
        binding->kind = err == ERR_OK ? BINDING_LOCAL : BINDING_NONE;
        if (err != ERR_NOT_FOUND) {
            return err == ERR_OK && interface->bulk_pages != 0 ? bulk_open(binding) : err;
        }
    }
    TRY(bind_to(&request, &bound));
    if (bound.kind == BIND_LRPC) {
        binding->kind = BINDING_LRPC;
        binding->lrpc = bound.lrpc;
        err_t err = open_with(binding, name);
        if (err != ERR_OK) {
            slot_release(bound.lrpc.endpoint);
        }
        return err;
    }
    binding->bound = bound.channel;
    err_t err = binding_urpc_open(binding);
    if (err == ERR_OK) {
        binding->kind = BINDING_URPC;
        err = open_with(binding, name);
    }
    if (err != ERR_OK) {
        bind_release(bound.channel);
    }
    return err;
}

void binding_cancel(struct binding *binding) {
    PINNED();
    end_calls(binding, ERR_CANCELLED);
}

void binding_unbind(struct binding *binding) {
    PINNED();
    if (usable(binding) == ERR_OK) {
        end_calls(binding, ERR_CANCELLED);
        if (binding->bulk != NULL) {
            bulk_withdraw(binding);
        }
    }
    if (usable(binding) == ERR_OK) {
        binding->why = ERR_CANCELLED;
        binding->fast = false;
        end_calls(binding, ERR_CANCELLED);
        transport_of(binding)->unbind(binding);
    }
    bulk_close(binding);
}

void binding_give_back(struct binding *binding, capaddr_t cap) {
    PINNED();
    if (binding->kind != BINDING_URPC || binding->bound == NULL) {
        slot_release(cap);
    } else {
        (void)bind_return_cap(binding->bound, cap);
    }
}
