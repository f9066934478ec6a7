/* One function an operation, each in the fibre of its request. A client is known by its badge, its domain number. */
#include "monitor/services.h"

#include <abi/stubs.h>
#include <skerry/log.h>
#include <skerry/lrpc.h>
#include <skerry/print.h>
#include <skerry/slots.h>
#include <skerry/string.h>
#include <skerry/time.h>

#include "monitor/channels.h"
#include "monitor/commons.h"
#include "monitor/console.h"
#include "monitor/cores.h"
#include "monitor/domains.h"
#include "monitor/facts.h"
#include "monitor/images.h"
#include "monitor/machine.h"
#include "monitor/memory.h"
#include "monitor/ping.h"
#include "monitor/services_agreed.h"
#include "monitor/services_domains.h"
#include "monitor/services_hardware.h"
#include "monitor/services_shared.h"
#include "monitor/services_spans.h"
#include "monitor/skb.h"
#include "monitor/stopping.h"
#include "monitor/supervision.h"
#include "monitor/trace.h"
#include "monitor/wakes.h"

/* `reply` is zeroed; a capability put into `cap` is moved to the client. */
typedef err_t (*server)(const struct lrpc_request *request, uint64_t reply[REPLY_WORDS], capaddr_t *cap);

static err_t serve_about(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)request, (void)cap;
    reply[0] = this_core();
    reply[1] = core_count();
    reply[2] = peer_deadline_ms();
    reply[3] = images_run_id();
    return ERR_OK;
}

static err_t serve_probe_all(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)request, (void)cap;
    facts_probe_all();
    for (coreid_t id = 0; id < core_count(); id++) {
        enum monitor_core_state state = core_get(id)->state;
        if (state <= MONITOR_CORE_NOT_STARTED) {
            reply[state]++;
        }
    }
    return ERR_OK;
}

static err_t serve_core(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)cap;
    if (request->payload[0] >= core_count()) {
        return ERR_NOT_FOUND;
    }
    const struct core *core = core_get((coreid_t)request->payload[0]);
    reply[0] = core->state;
    reply[1] = core->apic;
    reply[2] = core->uptime_us;
    memcpy(&reply[3], core->build_id, sizeof(core->build_id));
    reply[6] = core->why;
    return ERR_OK;
}

static err_t serve_ping(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)cap;
    struct ping_result result;
    if (request->payload[0] >= core_count() || request->payload[1] >= core_count()) {
        return ERR_NOT_FOUND;
    }
    TRY(ping((coreid_t)request->payload[0], (coreid_t)request->payload[1], request->payload[2], &result));
    reply[0] = result.min;
    reply[1] = result.median;
    reply[2] = result.mean;
    reply[3] = result.max;
    return ERR_OK;
}

static err_t serve_mem(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)cap;
    return request->payload[0] < core_count() ? facts_mem((coreid_t)request->payload[0], reply) : ERR_NOT_FOUND;
}

static err_t serve_crash(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)reply, (void)cap;
    if (!is_operator(request->badge)) {
        return ERR_CAP_RIGHTS;
    }
    if (request->payload[0] >= core_count()) {
        return ERR_NOT_FOUND;
    }
    return facts_crash((coreid_t)request->payload[0], request->payload[1], request->payload[2]);
}

static err_t serve_channel(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)cap;
    if (request->payload[0] >= core_count()) {
        return ERR_NOT_FOUND;
    }
    return channels_line((coreid_t)request->payload[0], request->payload[1], reply);
}

static err_t serve_trace(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)cap;
    if (!is_operator(request->badge)) {
        return ERR_CAP_RIGHTS;
    }
    return trace_set_all(request->payload[0] != 0, &reply[0]);
}

static err_t serve_core_stop(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)reply, (void)cap;
    if (!is_operator(request->badge)) {
        return ERR_CAP_RIGHTS;
    }
    return request->payload[0] < core_count() ? stopping_stop((coreid_t)request->payload[0]) : ERR_NOT_FOUND;
}

static err_t serve_core_start(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)reply, (void)cap;
    char image_class[MONITOR_NAME_BYTES + 1] = {0};
    if (!is_operator(request->badge)) {
        return ERR_CAP_RIGHTS;
    }
    if (request->payload[0] >= core_count()) {
        return ERR_NOT_FOUND;
    }
    memcpy(image_class, &request->payload[1], MONITOR_NAME_BYTES);
    return stopping_start((coreid_t)request->payload[0], image_class[0] != '\0' ? image_class : NULL);
}

static err_t serve_ram(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)reply;
    struct memory_wish wish = {
        .domain = (uint32_t)request->badge, .bytes = request->payload[0], .pool = request->payload[1] == 1};
    if (!domain_lives(wish.domain)) {
        return ERR_NOT_FOUND;
    }
    TRY(memory_for_domain(&wish, cap));
    if (!domain_lives(wish.domain)) { /* it ended while a neighbour was asked */
        memory_end_domain(wish.domain);
        slot_free(*cap);
        *cap = CAP_NULL;
        return ERR_NOT_FOUND;
    }
    return ERR_OK;
}

static err_t serve_supervise(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)reply, (void)cap;
    return supervision_choose((uint32_t)request->badge, (enum monitor_supervision)request->payload[0]);
}

/* The machine ends here. */
static err_t serve_poweroff(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)reply, (void)cap;
    if (!is_operator(request->badge)) {
        return ERR_CAP_RIGHTS;
    }
    if (request->payload[0] != GUEST_EXIT_SUCCESS && request->payload[0] != GUEST_EXIT_FAILURE) {
        return ERR_ARGUMENT;
    }
    uint64_t cores;
    (void)trace_set_all(false, &cores);
    log_line("power off");
    return machine_exit(request->payload[0]);
}

static err_t serve_console(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)reply, (void)cap;
    if (request->payload[0] > MONITOR_CONSOLE_PIECE) {
        return ERR_ARGUMENT;
    }
    return console_pass((uint32_t)request->badge, (const char *)&request->payload[1], request->payload[0]);
}

static err_t serve_file(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    char path[LRPC_PAYLOAD_BYTES];
    struct image_file file;
    memcpy(path, request->payload, sizeof(path));
    if (path[sizeof(path) - 1] != '\0') {
        return ERR_ARGUMENT;
    }
    TRY(images_share(path, &file));
    reply[0] = file.offset;
    reply[1] = file.size;
    *cap = file.archive;
    return ERR_OK;
}

static err_t serve_listen(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)cap;
    struct wake_place place;
    struct wake_listen listen = {(uint32_t)request->badge, request->cap, request->payload[0] == MONITOR_LISTEN_SHARED};
    if (request->cap == CAP_NULL || request->payload[0] > MONITOR_LISTEN_SHARED) {
        return ERR_ARGUMENT;
    }
    TRY(wakes_listen(&listen, &place));
    reply[0] = place.vector;
    reply[1] = place.place;
    return ERR_OK;
}

static err_t serve_wake(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)reply, (void)cap;
    return wakes_wake(request->payload[0]);
}

static err_t serve_commons(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)reply;
    return commons_give((uint32_t)request->badge, request->payload[0], cap);
}

/* ", thread NAME", or nothing when it was main(). The name is the domain's own word. */
static void thread_text(const struct lrpc_request *request, char *text, size_t size) {
    char name[MONITOR_NAME_BYTES + 1] = {0};
    memcpy(name, &request->payload[4], MONITOR_NAME_BYTES);
    for (char *at = name; *at != '\0'; at++) {
        *at = *at < ' ' || *at > '~' ? '?' : *at;
    }
    bool is_main = name[0] == '\0' || strcmp(name, "main") == 0;
    snprintf(text, size, "%s%s", is_main ? "" : ", thread ", is_main ? "" : name);
}

static void report_fault(const struct lrpc_request *request) {
    const struct domain *domain = domain_find((uint32_t)request->badge);
    if (domain == NULL) {
        return;
    }
    char thread[32];
    thread_text(request, thread, sizeof(thread));
    uint64_t what = request->payload[0];
    err_t why = (err_t)(what >> 32);
    console_line("domain %u.%u (%.16s)%s: %s %lu%s, address 0x%lx, rip 0x%lx, error 0x%lx%s%s: %s",
                 DOMAIN_CORE(domain->number), DOMAIN_COUNT(domain->number), domain->name, thread,
                 (what & 0xff) == FAULT_KIND_PAGE ? "page fault" : "exception", what >> 16 & 0xff,
                 (what & MONITOR_FAULT_DISABLED) != 0 ? " while disabled" : "", request->payload[2],
                 request->payload[3], request->payload[1], why != ERR_OK && why != ERR_NOT_FOUND ? ", " : "",
                 why != ERR_OK && why != ERR_NOT_FOUND ? err_doc(why) : "",
                 (what & MONITOR_FAULT_THREAD) != 0 ? "ended, the others go on" : "stopped");
}

static void take_fault(const struct lrpc_request *request) {
    if ((request->payload[0] & MONITOR_FAULT_THREAD) != 0) {
        report_fault(request);
    } else if (domain_reports((uint32_t)request->badge)) {
        report_fault(request);
        domain_ended((uint32_t)request->badge, MONITOR_END_FAULT, 0);
    }
}

static void take_exit(const struct lrpc_request *request) {
    if (domain_reports((uint32_t)request->badge)) {
        domain_ended((uint32_t)request->badge, MONITOR_END_EXIT, request->payload[0]);
    }
}

static const server servers[MONITOR_OPERATIONS] = {
    [MONITOR_ABOUT] = serve_about,
    [MONITOR_EXPORT] = serve_export,
    [MONITOR_LOOKUP] = serve_lookup,
    [MONITOR_PROBE_ALL] = serve_probe_all,
    [MONITOR_CORE] = serve_core,
    [MONITOR_PING] = serve_ping,
    [MONITOR_MEM] = serve_mem,
    [MONITOR_MEMBERS] = serve_members,
    [MONITOR_PS] = serve_ps,
    [MONITOR_CHANNEL] = serve_channel,
    [MONITOR_SPAWN] = serve_spawn,
    [MONITOR_WAIT] = serve_wait,
    [MONITOR_CRASH] = serve_crash,
    [MONITOR_POWEROFF] = serve_poweroff,
    [MONITOR_TRACE] = serve_trace,
    [MONITOR_CONSOLE] = serve_console,
    [MONITOR_RAM] = serve_ram,
    [MONITOR_SUPERVISE] = serve_supervise,
    [MONITOR_CORE_STOP] = serve_core_stop,
    [MONITOR_CORE_START] = serve_core_start,
    [MONITOR_PORTS] = serve_ports,
    [MONITOR_DEVICE] = serve_device,
    [MONITOR_BAR] = serve_bar,
    [MONITOR_INTERRUPT] = serve_interrupt,
    [MONITOR_INTERRUPT_ON] = serve_interrupt_on,
    [MONITOR_LISTEN] = serve_listen,
    [MONITOR_WAKE] = serve_wake,
    [MONITOR_LEAKS] = serve_leaks,
    [MONITOR_AUDIT] = serve_audit,
    [MONITOR_LEAKS_BASELINE] = serve_leaks_baseline,
    [MONITOR_KILL] = serve_kill,
    [MONITOR_PROVIDE] = serve_provide,
    [MONITOR_BIND] = serve_bind,
    [MONITOR_BIND_WAKE] = serve_bind_wake,
    [MONITOR_UNBIND] = serve_unbind,
    [MONITOR_LEND] = serve_lend,
    [MONITOR_RETURN] = serve_return,
    [MONITOR_RECALL] = serve_recall,
    [MONITOR_PRACTICE] = serve_practice,
    [MONITOR_COMMONS] = serve_commons,
    [MONITOR_FILE] = serve_file,
    [MONITOR_KEY_PUT] = serve_key_put,
    [MONITOR_KEY_GET] = serve_key_get,
    [MONITOR_TELL] = skb_serve_tell,
    [MONITOR_TOLD] = serve_told,
    [MONITOR_TREES] = serve_trees,
    [MONITOR_SPAN] = serve_span,
    [MONITOR_SPAN_START] = serve_span_start,
    [MONITOR_SPAN_MAP] = serve_span_map,
    [MONITOR_SPAN_CHANGE] = serve_span_change,
    [MONITOR_SPAN_FAULT] = serve_span_fault,
    [MONITOR_SHARE] = serve_share,
    [MONITOR_SHARED_SEND] = serve_shared_send,
    [MONITOR_SHARED_RETYPE] = serve_shared_retype,
    [MONITOR_SHARED_REVOKE] = serve_shared_revoke,
    [MONITOR_SHARED_DELETE] = serve_shared_delete,
    [MONITOR_SHARED_MOVE] = serve_shared_move,
    [MONITOR_SHARED_INFO] = serve_shared_info,
};

static server server_of(uint16_t operation) {
    return operation < MONITOR_OPERATIONS ? servers[operation] : NULL;
}

/* The capability that came is not the request's alone. */
static bool keeps(uint16_t operation) {
    return operation == MONITOR_EXPORT || operation == MONITOR_LISTEN || operation == MONITOR_PROVIDE ||
           operation == MONITOR_LEND || operation == MONITOR_SPAN_MAP || operation == MONITOR_SHARE;
}

static void serve(const struct lrpc_request *request) {
    if (request->operation == MONITOR_EXIT) {
        return take_exit(request);
    }
    if (request->operation == MONITOR_FAULT) {
        return take_fault(request);
    }
    uint64_t reply[REPLY_WORDS] = {0};
    struct lrpc_answer answer = {.words = REPLY_WORDS, .word = reply};
    server service = server_of(request->operation);
    answer.error = service != NULL ? service(request, reply, &answer.cap) : ERR_UNSUPPORTED;
    bool kept = answer.error == ERR_OK && keeps(request->operation);
    if (request->cap != CAP_NULL && !kept) {
        slot_release(request->cap);
    }
    lrpc_reply(request, &answer);
}

void services_init(void) {
    lrpc_serve_always(MONITOR_EXIT);
    lrpc_serve_always(MONITOR_FAULT);
    lrpc_serve(serve);
}
