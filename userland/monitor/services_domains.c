/* What this monitor does for domains about domains: names and bindings, starting, ending and counting them. */
#include "monitor/services_domains.h"
#include "monitor/advice.h"

#include <skerry/string.h>
#include <skerry/time.h>

#include "monitor/audit.h"
#include "monitor/bind.h"
#include "monitor/cores.h"
#include "monitor/domains.h"
#include "monitor/facts.h"
#include "monitor/leaks.h"
#include "monitor/loans.h"
#include "monitor/machine.h"
#include "monitor/names.h"
#include "monitor/provisions.h"
#include "monitor/recall.h"
#include "monitor/remote_spawn.h"
#include "monitor/texts.h"

#define WAIT_MAX_MS 3600000

err_t serve_export(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)reply, (void)cap;
    struct name name = {{request->payload[0], request->payload[1]}};
    if (request->cap == CAP_NULL) {
        return ERR_ARGUMENT;
    }
    struct exporter exporter = {(uint32_t)request->badge, request->payload[MONITOR_NAME_WORDS] == 1};
    return names_add(&name, &exporter, request->cap);
}

err_t serve_lookup(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)reply;
    struct name name = {{request->payload[0], request->payload[1]}};
    uint64_t ms = MIN(request->payload[2], (uint64_t)WAIT_MAX_MS);
    return names_find(&name, request->badge, time_deadline(ms), cap);
}

err_t serve_ps(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)cap;
    struct domain_line line;
    if (request->payload[0] >= core_count()) {
        return ERR_NOT_FOUND;
    }
    TRY(facts_domain((coreid_t)request->payload[0], request->payload[1], &line));
    reply[0] = line.number;
    reply[1] = line.state;
    reply[2] = line.ticks;
    reply[3] = line.upcalls;
    memcpy(&reply[4], line.name, sizeof(line.name));
    return ERR_OK;
}

err_t serve_provide(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)reply, (void)cap;
    struct provide provide = {(uint32_t)request->badge, request->payload[0], request->cap};
    return request->cap != CAP_NULL ? provision_add(&provide) : ERR_ARGUMENT;
}

/* Who asks for memory beyond the usual must be allowed to; what goes along must be what was provided, on this core. */
static err_t order_check(const struct lrpc_request *request, const struct spawn_order *order) {
    uint64_t along = request->payload[0] >> 8 & 0xffffff, provided = 0;
    if (order->provision != NULL) {
        provided = order->provision->count + (order->provision->ram != CAP_NULL);
    }
    if (along != provided) {
        return ERR_ARGUMENT;
    }
    if (along != 0 && (request->payload[0] & 0xff) != this_core()) {
        return ERR_FOREIGN;
    }
    if (order->own_ram > SPAWN_OWN_RAM_MAX) {
        return ERR_ARGUMENT;
    }
    return order->own_ram == 0 || is_operator(request->badge) ? ERR_OK : ERR_CAP_RIGHTS;
}

err_t serve_spawn(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)cap;
    char text[MONITOR_SPAWN_TEXT];
    struct text_piece piece = {
        .sender = request->badge,
        .offset = request->payload[1] >> 32,
        .whole = (uint32_t)request->payload[1],
        .bytes = &request->payload[2],
        .size = MONITOR_SPAWN_PIECE,
    };
    coreid_t core = request->payload[0] & 0xff;
    if (core >= core_count()) {
        return ERR_NOT_FOUND;
    }
    err_t err = texts_add(&piece, text);
    if (err != ERR_OK) {
        return err == ERR_CONTINUE ? ERR_OK : err;
    }
    uint32_t domain;
    struct spawn_order order = {
        .text = text,
        .size = piece.whole,
        .starter = (uint32_t)request->badge,
        .own_ram = (request->payload[0] >> 32) * PAGE_SIZE,
        .provision = provision_find((uint32_t)request->badge),
    };
    err = order_check(request, &order);
    if (err != ERR_OK) {
        if (order.provision != NULL) {
            provision_drop(order.provision);
        }
        return err;
    }
    TRY(spawn_on(core, &order, &domain));
    reply[0] = domain;
    return ERR_OK;
}

err_t serve_wait(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)cap;
    enum monitor_end end;
    struct domain_wait wait = {
        .number = (uint32_t)request->payload[0],
        .asker = (uint32_t)request->badge,
        .deadline = time_deadline(MIN(request->payload[1], (uint64_t)WAIT_MAX_MS)),
    };
    if (DOMAIN_CORE(wait.number) >= core_count()) {
        return ERR_NOT_FOUND;
    }
    TRY(wait_on(&wait, &end, &reply[1]));
    reply[0] = end;
    return ERR_OK;
}

bool is_operator(uint64_t badge) {
    const struct domain *domain = domain_find((uint32_t)badge);
    return domain != NULL && domain->operator;
}

err_t serve_kill(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)reply, (void)cap;
    struct domain_kill kill = {
        .number = (uint32_t)request->payload[0],
        .asker = (uint32_t)request->badge,
        .operator = is_operator(request->badge),
    };
    return DOMAIN_CORE(kill.number) < core_count() ? kill_on(&kill) : ERR_NOT_FOUND;
}

err_t serve_leaks(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)cap;
    if (request->payload[0] >= core_count()) {
        return ERR_NOT_FOUND;
    }
    return leaks_of((coreid_t)request->payload[0], (int32_t *)(void *)reply);
}

err_t serve_audit(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)cap;
    if (request->payload[0] >= core_count()) {
        return ERR_NOT_FOUND;
    }
    if (!is_operator(request->badge)) {
        return ERR_CAP_RIGHTS;
    }
    return audit_of((coreid_t)request->payload[0], (enum monitor_audit_practice)request->payload[1], reply);
}

err_t serve_leaks_baseline(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)reply, (void)cap;
    if (!is_operator(request->badge)) {
        return ERR_CAP_RIGHTS;
    }
    advice_await();
    leaks_baseline();
    return ERR_OK;
}

err_t serve_bind(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    struct bind_order order = {
        .name = {{request->payload[0], request->payload[1]}},
        .domain = (uint32_t)request->badge,
        .bytes = request->payload[2],
        .deadline = time_deadline(MIN(request->payload[3], (uint64_t)WAIT_MAX_MS)),
    };
    struct bind_answer answer;
    TRY(bind_here(&order, &answer, cap));
    reply[0] = answer.kind;
    reply[1] = answer.channel;
    reply[2] = answer.peer;
    reply[3] = order.bytes;
    reply[4] = answer.wake.place;
    reply[5] = answer.wake.vector != 0;
    return ERR_OK;
}

err_t serve_bind_wake(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)reply;
    return bind_wake((uint32_t)request->badge, (uint32_t)request->payload[0], cap);
}

err_t serve_unbind(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)reply, (void)cap;
    return bind_undo((uint32_t)request->badge, (uint32_t)request->payload[0]);
}

err_t serve_lend(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)reply, (void)cap;
    struct lending lending = {(uint32_t)request->badge, (uint32_t)request->payload[0], request->payload[1],
                              request->cap};
    return request->cap != CAP_NULL ? loan_make(&lending) : ERR_ARGUMENT;
}

err_t serve_return(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)reply, (void)cap;
    struct lending lending = {
        .domain = (uint32_t)request->badge, .channel = (uint32_t)request->payload[0], .cap = request->cap};
    return request->cap != CAP_NULL ? loan_return(&lending) : ERR_ARGUMENT;
}

err_t serve_recall(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)reply, (void)cap;
    return request->cap != CAP_NULL ? recall(request->cap) : ERR_ARGUMENT;
}
