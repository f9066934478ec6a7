/* The monitors keep the pages; here are the calls, and the pager that asks for a translation when one is missed. */
#include <skerry/domain_span.h>

#include <if/monitor.h>
#include <skerry/domain.h>

#include "lib/domain_internal.h"
#include "lib/region_internal.h"

#define CHANGE_MS 60000 /* a core may have to be found dead first */

static bool begun;
static unsigned topology = MONITOR_SPAN_TOPOLOGY;

_Static_assert(DOMAIN_SPAN_CHOOSE == MONITOR_SPAN_TOPOLOGY, "the monitor's word");

static err_t serve(struct region *region, const struct region_fault *fault) {
    (void)region;
    struct lrpc_call call = {.operation = MONITOR_SPAN_FAULT, .deadline_ms = CHANGE_MS};
    call.request[0] = fault->offset / PAGE_SIZE;
    call.request[1] = fault->error;
    return domain_ask(&call);
}

static err_t place_region(void) {
    static const struct pager pager = {.serve = serve};
    struct region_request request = {.size = MONITOR_SPAN_PAGES * PAGE_SIZE, .page = PAGE_4K, .pager = &pager};
    return region_place(&request, USER_SPAN_BASE);
}

err_t domain_span_begin(void) {
    struct lrpc_call call = {.operation = MONITOR_SPAN};
    if (begun) {
        return ERR_OK;
    }
    TRY(domain_show(&call, CAP_VSPACE));
    begun = true;
    return place_region();
}

void domain_span_member(void) {
    const struct domain_args *args = domain_args();
    int (*run)(uint64_t argument) = (int (*)(uint64_t))(uintptr_t)args->entry;
    err_t err = domain_span_begin();
    if (err != ERR_OK) {
        die("no part in the span: %s", err_doc(err));
    }
    exit(run(args->argument));
}

err_t domain_span(const struct domain_span_start *start, uint32_t *member) {
    struct lrpc_call call = {.operation = MONITOR_SPAN_START};
    call.request[0] = start->core;
    call.request[1] = (uint64_t)(uintptr_t)start->run;
    call.request[2] = start->argument;
    TRY(domain_ask(&call));
    *member = (uint32_t)call.reply[1];
    return ERR_OK;
}

static err_t map(const struct vspace_request *request, uint64_t page, bool replace, uint64_t *at) {
    struct lrpc_call call = {.operation = MONITOR_SPAN_MAP, .deadline_ms = CHANGE_MS};
    if (request->size % PAGE_SIZE != 0) {
        return ERR_ARGUMENT;
    }
    uint64_t words[] = {page, request->size / PAGE_SIZE, request->offset, request->flags, topology, replace};
    for (unsigned i = 0; i < ARRAY_SIZE(words); i++) {
        call.request[i] = words[i];
    }
    TRY(domain_show(&call, request->cap));
    *at = call.reply[1];
    return ERR_OK;
}

static err_t page_of_span(const void *at, uint64_t *page) {
    vaddr_t offset = (vaddr_t)at - USER_SPAN_BASE;
    *page = offset / PAGE_SIZE;
    return offset % PAGE_SIZE == 0 && *page < MONITOR_SPAN_PAGES ? ERR_OK : ERR_MAP_RANGE;
}

err_t domain_span_map(const struct vspace_request *request, void **at) {
    uint64_t page;
    TRY(map(request, MONITOR_SPAN_PAGES, false, &page));
    *at = (void *)(USER_SPAN_BASE + page * PAGE_SIZE);
    return ERR_OK;
}

err_t domain_span_replace(void *at, const struct vspace_request *request) {
    uint64_t page;
    TRY(page_of_span(at, &page));
    return map(request, page, true, &page);
}

static err_t change(const void *at, uint64_t size, uint64_t wish, unsigned flags) {
    struct lrpc_call call = {.operation = MONITOR_SPAN_CHANGE, .deadline_ms = CHANGE_MS};
    TRY(page_of_span(at, &call.request[0]));
    if (size % PAGE_SIZE != 0) {
        return ERR_ARGUMENT;
    }
    call.request[1] = size / PAGE_SIZE;
    call.request[2] = wish;
    call.request[3] = flags;
    call.request[4] = topology;
    return domain_ask(&call);
}

err_t domain_span_protect(void *at, uint64_t size, unsigned flags) {
    return change(at, size, MONITOR_SPAN_PROTECT, flags);
}

err_t domain_span_unmap(void *at, uint64_t size) {
    return change(at, size, MONITOR_SPAN_UNMAP, 0);
}

void domain_span_topology(unsigned chosen) {
    topology = chosen;
}
