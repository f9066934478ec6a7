/*
 * System calls: registers to C and back. The table and its numbers come from the contract; a system call that has no
 * sys_NAME fails the link.
 */
#include "abi/kernel.h"

#include "cap/cspace.h"
#include "cap/fast.h"
#include "cap/invoke.h"
#include "core/counters.h"
#include "core/schedule.h"
#include "core/trace.h"
#include "ipc/lrpc.h"
#include "x86_64/context.h"
#include "x86_64/entry.h"

static void invoke_complete(void) {
    static struct invocation inv; /* one at a time; the rest is invoke()'s to fill in */
    struct context *c = user_context();
    inv.word[0] = c->rdx;
    inv.word[1] = c->r10;
    inv.word[2] = c->r8;
    inv.word[3] = c->r9;
    inv.word[4] = c->r12;
    inv.word[5] = c->r13;
    c->rax = invoke(&dispatcher_current->slots[SLOT_CSPACE], c->rdi, c->rsi, &inv);
    c->rdx = inv.result[0];
    c->r8 = inv.result[1];
    c->r9 = inv.result[2];
    c->r10 = inv.result[3];
    schedule_settle();
}

/* A fast path went through: no results. */
static void context_invoked(struct context *c) {
    c->rax = ERR_OK;
    c->rdx = c->r8 = c->r9 = c->r10 = 0;
}

[[gnu::noinline]] static void invoke_map(void) {
    struct context *c = user_context();
    struct fast_map map = {c->rdx, c->r10, c->r8, c->r12, c->r13};
    if (!fast_map_page(&dispatcher_current->slots[SLOT_CSPACE], c->rdi, map)) {
        invoke_complete();
        return;
    }
    context_invoked(c);
}

/* By a fast path that takes no more than the capability. */
static inline void invoke_by(bool (*fast)(const struct cte *, uint64_t)) {
    struct context *c = user_context();
    if (!fast(&dispatcher_current->slots[SLOT_CSPACE], c->rdi)) {
        invoke_complete();
        return;
    }
    context_invoked(c);
}

[[gnu::noinline]] static void invoke_delete(void) {
    invoke_by(fast_unmap_page);
}

[[gnu::noinline]] static void invoke_core_notify(void) {
    invoke_by(fast_core_notify);
}

void sys_invoke(void) {
    const struct context *c = user_context();
    if (c->rsi == OP_VNODE_MAP && c->r9 == 1) {
        invoke_map();
    } else if (c->rsi == OP_CORE_NOTIFY) {
        invoke_core_notify();
    } else if (c->rsi == OP_CAP_DELETE) {
        invoke_delete();
    } else {
        invoke_complete();
    }
}

void sys_yield(void) {
    uint64_t to = user_context()->rdi;
    struct cte *slot = NULL;
    err_t err = ERR_OK;
    trace_settle();
    if (to != CAP_NULL) {
        err = cspace_get(dispatcher_space(dispatcher_current), to, 1U << CAP_TYPE_DISPATCHER, RIGHT_WRITE, &slot);
    }
    context_return(err);
    if (err == ERR_OK) {
        schedule_yield(slot == NULL ? NULL : dispatcher_of(&slot->cap));
    }
}

void sys_block(void) {
    struct dispatcher *d = dispatcher_current;
    uint64_t deadline = user_context()->rdi;
    context_bases_save(&d->frame->enabled);
    d->resume_disabled = false;
    d->fault_open = false;
    dispatcher_wake_waiters(d);
    trace_settle();
    if (d->frame->notify != 0) {
        schedule_requeue();
    } else {
        schedule_block(deadline);
    }
    schedule_next();
}

void sys_lrpc(void) {
    struct context *c = user_context();
    trace_settle();
    err_t err = lrpc_send(c->rdi, c->rsi);
    if (err != ERR_OK) {
        context_return(err); /* else the context is the receiver's by now */
    }
}
