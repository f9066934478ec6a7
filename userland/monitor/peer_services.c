/* Requests from other monitors. Each server checks the words that it uses. */
#include "monitor/peer_services.h"

#include <skerry/string.h>
#include <skerry/time.h>

#include "monitor/audit.h"
#include "monitor/bind.h"
#include "monitor/bulletins.h"
#include "monitor/channels.h"
#include "monitor/commons.h"
#include "monitor/console.h"
#include "monitor/domains.h"
#include "monitor/facts.h"
#include "monitor/groups.h"
#include "monitor/hardware.h"
#include "monitor/home.h"
#include "monitor/introduce.h"
#include "monitor/leaks.h"
#include "monitor/loans.h"
#include "monitor/machine.h"
#include "monitor/membership.h"
#include "monitor/memory.h"
#include "monitor/ping.h"
#include "monitor/shared_caps.h"
#include "monitor/spans.h"
#include "monitor/spawn.h"
#include "monitor/stopping.h"
#include "monitor/survivors.h"
#include "monitor/texts.h"
#include "monitor/told.h"
#include "monitor/trace.h"

static err_t serve_probe(const struct peer_message *request, uint64_t *reply) {
    (void)request;
    reply[0] = boot_data()->apic;
    reply[1] = time_uptime_us();
    core_own_build_id(&reply[2]);
    return ERR_OK;
}

static err_t serve_ping(const struct peer_message *request, uint64_t *reply) {
    (void)request, (void)reply;
    return ERR_OK;
}

static err_t serve_mem(const struct peer_message *request, uint64_t *reply) {
    (void)request;
    return facts_mem(this_core(), reply);
}

static err_t serve_ps(const struct peer_message *request, uint64_t *reply) {
    struct domain_line line;
    TRY(domain_line(request->word[0], &line));
    reply[0] = line.number;
    reply[1] = line.state << 32 | (uint32_t)line.upcalls;
    reply[2] = line.ticks;
    memcpy(&reply[3], line.name, sizeof(line.name));
    return ERR_OK;
}

static err_t serve_spawn(const struct peer_message *request, uint64_t *reply) {
    char text[MONITOR_SPAWN_TEXT];
    uint32_t starter = (uint32_t)(request->word[0] >> 32);
    struct text_piece piece = {
        .sender = request->from | (uint64_t)(uint32_t)request->word[0] << 8,
        .offset = request->word[1] >> 16 & 0xffff,
        .whole = request->word[1] & 0xffff,
        .bytes = &request->word[2],
        .size = PEER_TEXT,
    };
    err_t err = texts_add(&piece, text);
    if (err != ERR_OK) {
        return err == ERR_CONTINUE ? ERR_OK : err;
    }
    uint32_t domain;
    struct spawn_order order = {
        .text = text,
        .size = piece.whole,
        .starter = DOMAIN_CORE(starter) == request->from ? starter : 0,
        .own_ram = (request->word[1] >> 32) * PAGE_SIZE,
    };
    if (order.own_ram > SPAWN_OWN_RAM_MAX) {
        return ERR_ARGUMENT;
    }
    TRY(spawn_ordered(&order, &domain));
    reply[0] = domain;
    return ERR_OK;
}

/* What the other monitor says of who asks is believed: monitors trust each other. */
static err_t serve_kill(const struct peer_message *request, uint64_t *reply) {
    (void)reply;
    struct domain_kill kill = {(uint32_t)request->word[0], (uint32_t)request->word[1], request->word[2] == 1};
    return domain_kill(&kill);
}

static err_t serve_wait(const struct peer_message *request, uint64_t *reply) {
    enum monitor_end end;
    struct domain_wait wait = {
        .number = (uint32_t)request->word[0],
        .asker = MONITOR_BADGE(this_core()),
        .deadline = time_deadline(MIN(request->word[1], peer_deadline_ms() / 2)),
    };
    TRY(domain_wait(&wait, &end, &reply[1]));
    reply[0] = end;
    return ERR_OK;
}

static err_t serve_crash(const struct peer_message *request, uint64_t *reply) {
    (void)reply;
    return facts_crash_here(request->word[0], request->word[1]);
}

static err_t serve_trace(const struct peer_message *request, uint64_t *reply) {
    (void)reply;
    return trace_set(request->word[0] != 0);
}

peer_server peer_service(uint16_t operation) {
    static const peer_server services[PEER_OPERATIONS] = {
        [PEER_PROBE] = serve_probe,
        [PEER_PING] = serve_ping,
        [PEER_INTRODUCE] = introduce_serve,
        [PEER_PING_RUN] = ping_serve,
        [PEER_MEM] = serve_mem,
        [PEER_PS] = serve_ps,
        [PEER_CHANNEL] = channels_serve,
        [PEER_SPAWN] = serve_spawn,
        [PEER_WAIT] = serve_wait,
        [PEER_CRASH] = serve_crash,
        [PEER_CONSOLE] = console_serve,
        [PEER_HARDWARE] = hardware_serve,
        [PEER_RAM] = memory_serve,
        [PEER_LEAKS] = leaks_serve,
        [PEER_KILL] = serve_kill,
        [PEER_BIND] = bind_serve,
        [PEER_UNBIND] = bind_serve_undo,
        [PEER_LEND] = loan_serve,
        [PEER_RETURN] = loan_serve_return,
        [PEER_LEAVE] = stopping_serve_leave,
        [PEER_PARK] = stopping_serve_park,
        [PEER_TRACE] = serve_trace,
        [PEER_COMMONS] = commons_serve,
        [PEER_MEMBERS] = membership_serve,
        [PEER_FENCED] = membership_serve_fenced,
        [PEER_STOP] = stopping_serve_stop,
        [PEER_SETTLED] = home_serve_settled,
        [PEER_BULLETIN] = bulletins_serve,
        [PEER_SPAN_START] = span_serve_start,
        [PEER_SPAN_CHANGE] = span_serve_change,
        [PEER_TOLD] = told_serve,
        [PEER_OFFER] = shared_serve_offer,
        [PEER_SURVIVES] = survivors_serve,
        [PEER_AUDIT] = audit_serve,
        [PEER_TREES] = groups_serve,
    };
    return operation < PEER_OPERATIONS ? services[operation] : NULL;
}
