/*
 * The KERNEL capability: what only this core's monitor may ask of its CPU driver.
 */
#include "cap/cspace.h"
#include "cap/invoke.h"
#include "cap/mdb.h"
#include "core/counters.h"
#include "core/mem.h"
#include "core/plan.h"
#include "core/schedule.h"
#include "core/trace.h"
#include "ipc/lrpc.h"
#include "x86_64/crash.h"
#include "x86_64/park.h"

/* Fields of a description's meta word: type | rights << 8 | owner << 16. */
static uint64_t meta_pack(const struct cap *cap) {
    return cap->type | (uint64_t)cap->rights << 8 | (uint64_t)cap->owner << 16;
}

err_t inv_kernel_identify(struct invocation *inv) {
    const struct cap *cap = &inv->cte[0]->cap;
    inv->result[0] = meta_pack(cap);
    inv->result[1] = cap->base;
    inv->result[2] = cap->size;
    inv->result[3] = cap->extra;
    return ERR_OK;
}

static err_t forge_decode(const struct invocation *inv, struct cap *cap) {
    uint64_t meta = inv->word[0], owner = meta >> 16;
    *cap = (struct cap){
        .type = meta & 0xff,
        .rights = meta >> 8 & RIGHT_ALL,
        .owner = (uint16_t)owner,
        .base = inv->word[1],
        .size = inv->word[2],
        .extra = inv->word[3],
    };
    bool shared = owner == OWNER_SHARED;
    if ((owner >= MAX_CORES && !shared) || owner == core_plan.core) {
        return ERR_ARGUMENT;
    }
    /* What nobody retypes, or nobody on his own, is all that crosses cores. */
    bool memory = cap->type == CAP_TYPE_FRAME || cap->type == CAP_TYPE_DEVICE || (shared && cap->type == CAP_TYPE_RAM);
    if (!memory && (shared || cap->type != CAP_TYPE_IOPORT)) {
        return ERR_UNSUPPORTED;
    }
    if (memory && mem_in_pool_any(cap->base, cap->size)) {
        return ERR_ARGUMENT;
    }
    return cap_range_valid(cap) ? ERR_OK : ERR_ARGUMENT;
}

err_t inv_kernel_forge(struct invocation *inv) {
    struct cap cap;
    TRY(forge_decode(inv, &cap));
    cap_create(inv->cte[4], &cap);
    return ERR_OK;
}

err_t inv_kernel_park(struct invocation *inv) {
    (void)inv;
    park_here();
}

err_t inv_kernel_info(struct invocation *inv) {
    switch (inv->word[0]) {
    case KERNEL_INFO_BUILD_ID:
        memcpy(inv->result, plan_build_id(), 20);
        return ERR_OK;
    case KERNEL_INFO_COUNTERS:
        inv->result[0] = counters.syscalls;
        inv->result[1] = counters.interrupts;
        inv->result[2] = schedule_counters.switches;
        return ERR_OK;
    case KERNEL_INFO_POOL:
        inv->result[0] = mem_pool_size() / CHUNK_SIZE;
        inv->result[1] = mem_pool_size();
        inv->result[2] = mdb_count();
        return ERR_OK;
    case KERNEL_INFO_IDLE:
        inv->result[0] = schedule_counters.idle_ticks;
        inv->result[1] = schedule_counters.idle_times;
        return ERR_OK;
    default:
        return ERR_ARGUMENT;
    }
}

err_t inv_kernel_trace(struct invocation *inv) {
    TRY(trace_set(inv->word[0] != 0));
    lrpc_fast_allow(!trace_on);
    return ERR_OK;
}

err_t inv_kernel_crash(struct invocation *inv) {
    uint64_t kind = inv->word[0];
    if (kind > CRASH_KIND_DEAF) {
        return ERR_ARGUMENT;
    }
    crash((unsigned)kind, inv->word[1]);
}
