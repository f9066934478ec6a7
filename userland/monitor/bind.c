/* Making a channel. The client's monitor M, the server's N:
     M  looks the name up here, then in the directory of all cores' names
     M  makes and formats the frame, and tells N where it is (PEER_BIND)
     N  makes a capability of it and offers it to the server (DOMAIN_ACCEPT), which maps it; N's answer is the server's
     M  gives the client its copy
   Whoever makes an end keeps it in state MAKING while it waits; if it is CLOSING afterwards it undoes what was done. */
#include "monitor/bind.h"

#include <skerry/bind.h>
#include <skerry/fibre.h>
#include <skerry/lrpc.h>
#include <skerry/slots.h>
#include <skerry/string.h>
#include <skerry/time.h>
#include <skerry/urpc.h>
#include <skerry/vspace.h>

#include "monitor/cores.h"
#include "monitor/directory.h"
#include "monitor/domains.h"
#include "monitor/ends.h"
#include "monitor/introduce.h"
#include "monitor/machine.h"
#include "monitor/skb.h"
#include "monitor/unbind.h"

static err_t format(capaddr_t frame, uint64_t bytes) {
    static const uint32_t unused[2];
    struct vspace_request request = {frame, 0, bytes, MAP_READ | MAP_WRITE};
    struct vspace_mapping mapping;
    void *memory;
    TRY(vspace_map(&request, &memory, &mapping));
    urpc_format(memory, bytes, unused);
    return vspace_unmap(&mapping);
}

static uint64_t domain_and_place(uint32_t domain, const struct wake_place *wake) {
    return domain | (uint64_t)wake->place << 32;
}

/* `there` is what the other monitor said of its domain. */
static void set_peer(struct end *end, uint64_t there, uint64_t vector) {
    end->peer = (uint32_t)there;
    end->wake = (struct wake_place){(unsigned)vector, (uint32_t)(there >> 32)};
}

static bool peer_plausible(coreid_t core, uint64_t there, uint64_t vector) {
    bool place = there >> 32 == 0 || DOMAIN_CORE(there >> 32) == core;
    return DOMAIN_CORE(there) == core && place &&
           (vector == 0 || (vector >= VECTOR_EDGE_FIRST && vector < VECTOR_WAKE));
}

/* PEER_BIND and what comes of it. */
static err_t propose(struct end *end, const struct bind_order *order) {
    struct wake_place mine;
    paddr_t base;
    TRY(wakes_find(order->domain, &mine));
    TRY(ram_make(CAP_TYPE_FRAME, order->bytes, &end->frame, &end->block));
    TRY(format(end->frame, order->bytes));
    TRY(frame_identify(end->frame, &base, NULL));
    struct peer_call call = {
        .to = end->core,
        .operation = PEER_BIND,
        .request = {order->name.word[0], order->name.word[1], base, order->bytes / PAGE_SIZE << 32 | end->id,
                    domain_and_place(order->domain, &mine), mine.vector},
    };
    end->peer_told = false;
    err_t err = peer_call(&call);
    end->peer_told |= err != ERR_OK && err != ERR_TIMEOUT && err != ERR_PEER_DEAD;
    TRY(err);
    if (!peer_plausible(end->core, call.reply[1], call.reply[2])) {
        return ERR_FORMAT;
    }
    end->peer_end = (uint32_t)call.reply[0];
    set_peer(end, call.reply[1], call.reply[2]);
    return end->state == END_CLOSING ? ERR_PEER_DEAD : ERR_OK;
}

static err_t bind_there(const struct bind_order *order, const struct exporter *found, struct bind_answer *answer,
                        capaddr_t *cap) {
    coreid_t core = DOMAIN_CORE(found->domain);
    struct wake_place mine;
    struct end *end;
    if (!found->takes_channels) {
        return ERR_UNSUPPORTED;
    }
    TRY(wakes_find(order->domain, &mine)); /* NOT_READY is for the client to hear before anything is made */
    TRY(introduce(core));
    TRY(end_new(order->domain, core, &end));
    end->peer_told = true;
    err_t err = propose(end, order);
    if (err == ERR_OK) {
        err = slot_copy(end->frame, cap);
    }
    if (err != ERR_OK) {
        unbind_made(end, err);
        return err;
    }
    end->state = END_OPEN;
    *answer = (struct bind_answer){MONITOR_BIND_CHANNEL, end->id, end->peer, end->wake};
    return ERR_OK;
}

/* This core's knowledge base is worth waiting for, where it can be had. */
static void await_own(const struct bind_order *order) {
    uint64_t deadline = MAX(order->deadline, time_deadline(peer_deadline_ms()));
    skb_wanted(&order->name);
    while (skb_is_coming(&order->name) && time_now() < deadline && domain_lives(order->domain)) {
        names_wait(names_news(), deadline);
    }
}

static err_t bind_anywhere(const struct bind_order *order, struct bind_answer *answer, capaddr_t *cap) {
    struct exporter found;
    uint64_t known = time_deadline(peer_deadline_ms()); /* a core that was just let in knows its names by then */
    await_own(order);
    for (;;) {
        uint64_t news = names_news();
        err_t err = names_find(&order->name, order->domain, 0, cap);
        if (err != ERR_NOT_FOUND) {
            *answer = (struct bind_answer){.kind = MONITOR_BIND_LRPC};
            return err;
        }
        err = directory_find(&order->name, &found);
        uint64_t deadline = err == ERR_NOT_READY ? MAX(known, order->deadline) : order->deadline;
        if (err == ERR_OK) {
            err = bind_there(order, &found, answer, cap);
        } else {
            err = ERR_NOT_FOUND;
        }
        if (err != ERR_NOT_FOUND || time_now() >= deadline) {
            return err;
        }
        names_wait(news, deadline);
        if (!domain_lives(order->domain)) {
            return ERR_PEER_DEAD;
        }
    }
}

/* On that core, whoever offers it there. */
static err_t bind_at(coreid_t core, const struct bind_order *order, struct bind_answer *answer, capaddr_t *cap) {
    struct exporter there = {.domain = (uint32_t)core << 16, .takes_channels = true};
    for (;;) {
        uint64_t news = names_news();
        err_t err = bind_there(order, &there, answer, cap);
        if (err != ERR_NOT_FOUND || time_now() >= order->deadline || !domain_lives(order->domain)) {
            return err;
        }
        names_wait(news, order->deadline);
    }
}

/* NAME@CORE: takes the core off. OK; NOT_FOUND: the name has none; ARGUMENT: it is no core's. */
static err_t take_core(struct name *name, coreid_t *core) {
    char text[sizeof(*name) + 1] = {0};
    uint64_t number;
    memcpy(text, name, sizeof(*name));
    char *at = strchr(text, '@');
    if (at == NULL) {
        return ERR_NOT_FOUND;
    }
    if (!string_to_u64(at + 1, &number) || number >= core_count()) {
        return ERR_ARGUMENT;
    }
    memset(at, 0, (size_t)(text + sizeof(text) - at));
    memcpy(name, text, sizeof(*name));
    *core = (coreid_t)number;
    return ERR_OK;
}

err_t bind_here(const struct bind_order *order, struct bind_answer *answer, capaddr_t *cap) {
    struct bind_order plain = *order;
    coreid_t core;
    if (order->bytes == 0 || order->bytes % PAGE_SIZE != 0 || order->bytes > BIND_SIZE_MAX) {
        return ERR_ARGUMENT;
    }
    err_t err = take_core(&plain.name, &core);
    if (err == ERR_ARGUMENT) {
        return ERR_NOT_FOUND;
    }
    return err == ERR_OK && core != this_core() ? bind_at(core, &plain, answer, cap)
                                                : bind_anywhere(&plain, answer, cap);
}

static err_t forge(const struct peer_message *request, capaddr_t *frame) {
    struct foreign what = {
        .type = CAP_TYPE_FRAME,
        .rights = RIGHT_READ | RIGHT_WRITE | RIGHT_GRANT,
        .owner = request->from,
        .base = request->word[2],
        .size = (request->word[3] >> 32) * PAGE_SIZE,
    };
    return machine_forge(&what, frame);
}

/* The server's answer is at most half as long in coming as the other monitor waits. */
static err_t offer(struct end *end, uint64_t bytes) {
    struct lrpc_call call = {
        .operation = DOMAIN_ACCEPT,
        .deadline_ms = peer_deadline_ms() / 2,
        .request = {end->id, end->peer, bytes, end->wake.place, end->wake.vector != 0},
    };
    TRY(slot_copy(end->frame, &call.cap));
    err_t err = lrpc_client_call(end->domain, &call);
    if (call.cap != CAP_NULL) {
        slot_release(call.cap);
    }
    if (call.reply_cap != CAP_NULL) {
        slot_release(call.reply_cap);
    }
    return err;
}

err_t bind_serve(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]) {
    struct name name = {{request->word[0], request->word[1]}};
    struct exporter exporter;
    struct wake_place mine;
    struct end *end;
    uint64_t bytes = (request->word[3] >> 32) * PAGE_SIZE;
    if (bytes == 0 || bytes > BIND_SIZE_MAX || !peer_plausible(request->from, request->word[4], request->word[5])) {
        return ERR_ARGUMENT;
    }
    skb_wanted(&name); /* whoever asks tries again when it is there */
    TRY(names_exporter(&name, &exporter));
    if (!exporter.takes_channels || wakes_find(exporter.domain, &mine) != ERR_OK) {
        return ERR_UNSUPPORTED;
    }
    TRY(end_new(exporter.domain, request->from, &end));
    end->peer_told = true;
    end->peer_end = (uint32_t)request->word[3];
    set_peer(end, request->word[4], request->word[5]);
    err_t err = forge(request, &end->frame);
    if (err == ERR_OK) {
        err = offer(end, bytes);
        if (err == ERR_TIMEOUT || (err == ERR_OK && end->state == END_CLOSING)) {
            unbind_offered(end, ERR_PEER_DEAD);
            return err == ERR_OK ? ERR_PEER_DEAD : err;
        }
    }
    if (err != ERR_OK) {
        unbind_made(end, err);
        return err;
    }
    end->state = END_OPEN;
    end->peer_told = false;
    reply[0] = end->id;
    reply[1] = domain_and_place(exporter.domain, &mine);
    reply[2] = mine.vector;
    return ERR_OK;
}

err_t bind_wake(uint32_t domain, uint32_t channel, capaddr_t *cap) {
    const struct end *end = end_get(channel);
    if (end == NULL || end->domain != domain || end->state > END_OPEN || end->wake.vector == 0) {
        return ERR_NOT_FOUND;
    }
    return core_capability(core_get(end->core), end->wake.vector, cap);
}
