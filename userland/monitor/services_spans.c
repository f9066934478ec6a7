#include "monitor/services_spans.h"

#include <if/monitor.h>

#include "monitor/cores.h"
#include "monitor/groups.h"
#include "monitor/spans.h"

_Static_assert((int)MONITOR_SPAN_UNMAP == SPAN_UNMAP && (int)MONITOR_SPAN_PROTECT == SPAN_PROTECT, "the same wishes");

static err_t topology_of(uint64_t word, enum agree_topology *topology) {
    *topology = word == MONITOR_SPAN_TOPOLOGY ? groups_get()->protocol : (enum agree_topology)word;
    return *topology < AGREE_TOPOLOGIES ? ERR_OK : ERR_ARGUMENT;
}

err_t serve_span(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)reply, (void)cap;
    return request->cap != CAP_NULL ? span_join((uint32_t)request->badge, request->cap) : ERR_ARGUMENT;
}

err_t serve_span_start(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)cap;
    uint32_t member = 0;
    if (request->payload[0] >= core_count()) {
        return ERR_NOT_FOUND;
    }
    if (request->payload[1] == 0) {
        return ERR_ARGUMENT;
    }
    struct span_start start = {(uint32_t)request->badge, (coreid_t)request->payload[0], request->payload[1],
                               request->payload[2]};
    err_t err = span_start(&start, &member);
    reply[0] = member;
    return err;
}

err_t serve_span_map(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)cap;
    const uint64_t *word = request->payload;
    struct span_mapping mapping = {
        .domain = (uint32_t)request->badge,
        .source = {.cap = request->cap, .offset = word[2], .pages = word[1], .rights = word[3]},
        .page = word[0],
        .replace = word[5] == 1,
    };
    TRY(topology_of(word[4], &mapping.topology));
    if (request->cap == CAP_NULL || word[0] > SPAN_PAGES || word[5] > 1) {
        return ERR_ARGUMENT;
    }
    return span_map_frame(&mapping, reply);
}

err_t serve_span_change(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)reply, (void)cap;
    const uint64_t *word = request->payload;
    struct span_change change = {.wish = (enum span_wish)word[2], .range = {word[0], word[1]}, .rights = word[3]};
    TRY(topology_of(word[4], &change.topology));
    return word[2] <= SPAN_PROTECT ? span_change_pages((uint32_t)request->badge, &change) : ERR_ARGUMENT;
}

err_t serve_span_fault(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)reply, (void)cap;
    return span_serve_fault((uint32_t)request->badge, request->payload[0], (uint32_t)request->payload[1]);
}
