/* Ending a channel. Either monitor begins; both may at once:
     1  the end is CLOSING: nobody else takes it on
     2  the domain here has let go, has ended, or is told (DOMAIN_CLOSED) and has answered, or has been waited for in vain
     3  the frame is revoked here: no capability, no mapping is left but this monitor's
     4  the other monitor is told (PEER_UNBIND), which does 1 to 3 and then answers; one that has done so already, or knows
        nothing of such a channel, answers at once
     5  the memory is free
   Without an answer the end stays, QUARANTINED, until that core is heard again (4 once more) or is known to be gone. */
#include "monitor/unbind.h"

#include <skerry/bind.h>
#include <skerry/fibre.h>
#include <skerry/log.h>
#include <skerry/lrpc.h>
#include <skerry/slots.h>
#include <skerry/time.h>

#include "monitor/bind.h"
#include "monitor/cores.h"

struct closing {
    uint32_t id;
    err_t why;
};

static unsigned tellers; /* fibres that tell domains */
static struct fibre_queue told;

static bool core_gone(coreid_t core) {
    const struct core *peer = core_get(core);
    return peer == NULL || peer->state == MONITOR_CORE_NOT_STARTED || peer->state == MONITOR_CORE_STOPPED;
}

/* 4, 5 */
static void finish(struct end *end, err_t why) {
    uint32_t id = end->id;
    err_t err = ERR_OK;
    if (!end->peer_told && !core_gone(end->core)) {
        struct peer_call call = {.to = end->core, .operation = PEER_UNBIND, .request = {end->peer_end, id, why}};
        err = peer_call(&call);
    }
    if (end_get(id) != end) {
        return; /* the core has been declared gone meanwhile */
    }
    if ((err == ERR_OK || core_gone(end->core)) && end->revoked) {
        end_free(end);
    } else {
        end->state = END_QUARANTINED;
    }
}

static void finish_fibre(void *argument) {
    const struct closing *closing = argument;
    struct end *end = end_get(closing->id);
    if (end != NULL) {
        finish(end, closing->why);
    }
}

static void finish_later(struct end *end, err_t why) {
    struct closing closing = {end->id, why};
    if (fibre_spawn(finish_fibre, &closing, sizeof(closing)) != ERR_OK) {
        end->state = END_QUARANTINED;
    }
}

void unbind_made(struct end *end, err_t why) {
    end->state = END_CLOSING;
    end_revoke(end);
    finish_later(end, why);
}

/* 1, 3 */
static void take_away(struct end *end, err_t why) {
    bool making = end->state == END_MAKING;
    end->state = END_CLOSING;
    end_revoke(end);
    if (!making) { /* else its maker finds it */
        finish_later(end, why);
    }
}

err_t bind_undo(uint32_t domain, uint32_t channel) {
    struct end *end = end_get(channel);
    if (end == NULL || end->domain != domain || end->state != END_OPEN) {
        return ERR_NOT_FOUND;
    }
    take_away(end, ERR_CANCELLED);
    return ERR_OK;
}

void binds_end(uint32_t domain) {
    for (struct end *end = end_next(NULL); end != NULL; end = end_next(end)) {
        if (end->domain == domain && end->state <= END_OPEN) {
            take_away(end, ERR_PEER_DEAD);
        }
    }
}

/* 1 to 3 for a domain that does not know yet. The end may be gone afterwards. */
static void tell_domain(struct end *end, err_t why) {
    uint32_t id = end->id;
    struct lrpc_call call = {.operation = DOMAIN_CLOSED, .deadline_ms = peer_deadline_ms() / 2, .request = {id, why}};
    end->state = END_CLOSING;
    err_t err = lrpc_client_call(end->domain, &call);
    if (err == ERR_TIMEOUT) {
        log_line("domain %u does not let go of channel %u: taken by force", DOMAIN_COUNT(end->domain), id);
    }
    if (call.reply_cap != CAP_NULL) {
        slot_release(call.reply_cap);
    }
    if (end_get(id) == end && !end->revoked) {
        end_revoke(end);
    }
}

static void tell_fibre(void *argument) {
    const struct closing *closing = argument;
    struct end *end = end_get(closing->id);
    if (end != NULL) {
        tell_domain(end, closing->why);
        end = end_get(closing->id);
    }
    if (end != NULL) {
        finish(end, closing->why);
    }
    tellers--;
    fibre_wake_all(&told);
}

static void tell_later(struct end *end, err_t why) {
    struct closing closing = {end->id, why};
    end->state = END_CLOSING;
    if (fibre_spawn(tell_fibre, &closing, sizeof(closing)) == ERR_OK) {
        tellers++;
    } else {
        take_away(end, why);
    }
}

void unbind_offered(struct end *end, err_t why) {
    end->state = END_CLOSING;
    end_revoke(end);
    tell_later(end, why);
}

static struct end *find_for(const struct peer_message *request) {
    uint32_t here = (uint32_t)request->word[0], there = (uint32_t)request->word[1];
    for (struct end *end = end_next(NULL); end != NULL; end = end_next(end)) {
        bool known = here == 0 ? end->peer_end == there : end->id == here;
        if (end->core == request->from && known && (end->peer_end == there || end->peer_end == 0)) {
            return end;
        }
    }
    return NULL;
}

err_t bind_serve_undo(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]) {
    (void)reply;
    struct end *end = find_for(request);
    if (end == NULL || request->word[1] == 0) {
        return ERR_OK;
    }
    uint32_t id = end->id;
    err_t why = request->word[2] < ERR_COUNT ? (err_t)request->word[2] : ERR_PEER_DEAD;
    end->peer_told = true;
    if (end->state == END_OPEN) {
        tell_domain(end, why);
        end = end_get(id);
        if (end != NULL) {
            finish(end, why);
        }
    } else if (end->state == END_MAKING) {
        take_away(end, why);
    } else if (end->state == END_QUARANTINED) {
        finish(end, why);
    } else {
        end_wait_revoked(id);
    }
    return ERR_OK;
}

void binds_core_gone(coreid_t core) {
    for (struct end *end = end_next(NULL); end != NULL; end = end_next(end)) {
        if (end->core != core) {
            continue;
        }
        end->peer_told = true;
        if (end->state == END_QUARANTINED) {
            finish(end, ERR_PEER_DEAD);
        } else if (end->state == END_OPEN) {
            tell_later(end, ERR_PEER_DEAD);
        } else if (end->state == END_MAKING) {
            take_away(end, ERR_PEER_DEAD);
        }
    }
    while (tellers > 0) {
        (void)fibre_wait(&told, 0);
    }
}

void binds_core_heard(coreid_t core) {
    for (struct end *end = end_next(NULL); end != NULL; end = end_next(end)) {
        if (end->core == core && end->state == END_QUARANTINED) {
            end->state = END_CLOSING;
            finish_later(end, ERR_PEER_DEAD);
        }
    }
}

unsigned binds_count(void) {
    unsigned count = 0;
    for (struct end *end = end_next(NULL); end != NULL; end = end_next(end)) {
        count++;
    }
    return count;
}

unsigned binds_quarantined(void) {
    unsigned count = 0;
    for (struct end *end = end_next(NULL); end != NULL; end = end_next(end)) {
        count += end->state == END_QUARANTINED;
    }
    return count;
}
