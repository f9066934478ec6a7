/*
 * Entering, leaving and upcalling dispatchers. Everything read from a shared frame is the domain's word and is checked
 * where it is used (x86_64/context.c).
 */
#include "core/dispatcher.h"

#include "core/log.h"
#include "core/mem.h"
#include "core/plan.h"
#include "core/schedule.h"
#include "core/trace.h"
#include "x86_64/clock.h"
#include "x86_64/context.h"

struct dispatcher *dispatcher_current;

struct dispatcher *dispatcher_fpu_owner;

static struct dispatcher *monitor;

void dispatcher_watch_by(struct dispatcher *d) {
    monitor = d;
}

struct dispatcher *dispatcher_giver(void) {
    return dispatcher_current == monitor ? NULL : dispatcher_current;
}

void dispatcher_attach(struct dispatcher *d, vaddr_t frame_vaddr) {
    d->frame = mem_direct(d->slots[SLOT_FRAME].cap.base);
    d->frame_vaddr = frame_vaddr;
    d->frame->core = core_plan.core;
    d->frame->tsc_khz = clock_tsc_khz();
    d->frame->start_tsc = log_start();
}

void dispatcher_name(struct dispatcher *d, const uint64_t name[2]) {
    memcpy(d->name, name, 16);
    for (unsigned i = 0; i < 16 && d->name[i] != 0; i++) {
        if (d->name[i] < ' ' || d->name[i] > '~') {
            d->name[i] = '?';
        }
    }
}

bool dispatcher_intact(const struct dispatcher *d) {
    return d->slots[SLOT_CSPACE].cap.type == CAP_TYPE_CNODE && d->slots[SLOT_VSPACE].cap.type == CAP_TYPE_VNODE_L4 &&
           d->slots[SLOT_FRAME].cap.type == CAP_TYPE_FRAME;
}

bool dispatcher_disabled(void) {
    const struct dispatcher_frame *f = dispatcher_current->frame;
    return f->disabled != 0 || context_in(f->critical_low, f->critical_high);
}

void dispatcher_save(void) {
    struct dispatcher *d = dispatcher_current;
    d->resume_disabled = dispatcher_disabled();
    if (d->resume_disabled) {
        context_save(&d->frame->disabled_area);
    } else {
        context_save(&d->frame->enabled);
        d->fault_open = false;
        dispatcher_wake_waiters(d);
    }
}

void dispatcher_switch(struct dispatcher *d) {
    trace_switch(d);
    if (dispatcher_fpu_owner != d) {
        fpu_switch(dispatcher_fpu_owner == NULL ? NULL : &dispatcher_fpu_owner->fpu, &d->fpu);
        dispatcher_fpu_owner = d;
    }
    d->state = DISPATCHER_STATE_RUNNING;
    dispatcher_current = d;
    context_space(d->slots[SLOT_VSPACE].cap.base);
    schedule_counters.switches++;
}

void dispatcher_upcall(vaddr_t entry, enum trace_upcall which) {
    struct dispatcher *d = dispatcher_current;
    trace_event(TRACE_KIND_UPCALL, which, d, NULL);
    d->frame->disabled = 1;
    d->upcalls++;
    context_upcall(entry, d->frame_vaddr);
}

void dispatcher_resume(void) {
    struct dispatcher *d = dispatcher_current;
    if (d->resume_disabled) {
        d->resume_disabled = false;
        context_load(&d->frame->disabled_area);
        return;
    }
    context_bases_load(&d->frame->enabled);
    dispatcher_upcall(d->frame->entry_run, TRACE_UPCALL_RUN);
}

void dispatcher_enter(struct dispatcher *d) {
    dispatcher_switch(d);
    dispatcher_resume();
}

static vaddr_t fault_entry(const struct dispatcher_frame *f, bool disabled, unsigned kind) {
    if (disabled) {
        return f->entry_fault_disabled;
    }
    return kind == FAULT_KIND_PAGE ? f->entry_page_fault : f->entry_trap;
}

void dispatcher_fault(unsigned kind, unsigned vector, uint64_t error, vaddr_t address) {
    struct dispatcher *d = dispatcher_current;
    struct dispatcher_frame *f = d->frame;
    bool disabled = dispatcher_disabled();
    vaddr_t entry = fault_entry(f, disabled, kind);
    d->faults++;
    if (entry == 0 || (disabled && d->fault_open)) {
        log_line("cpu: %s stopped: %s %u, error 0x%lx, address 0x%lx, at 0x%lx", d->name,
                 kind == FAULT_KIND_PAGE ? "page fault" : "exception", vector, error, address, context_address());
        dispatcher_stop(d);
        schedule_next();
        return;
    }
    d->fault_open = disabled;
    context_save(&f->trap);
    f->fault_kind = kind;
    f->fault_vector = vector;
    f->fault_error = error;
    f->fault_address = address;
    dispatcher_upcall(entry, TRACE_UPCALL_FAULT);
}

void dispatcher_notify(struct dispatcher *d, unsigned bit) {
    if (d->state < DISPATCHER_STATE_BLOCKED || !dispatcher_intact(d)) {
        return;
    }
    d->frame->notify |= 1ULL << bit;
    if (d->state == DISPATCHER_STATE_BLOCKED) {
        trace_event(TRACE_KIND_WAKE, bit, d, NULL);
        schedule_wake(d);
    } else if (d == dispatcher_current) {
        schedule_nudge();
    } else {
        schedule_hurry(d);
    }
}

void dispatcher_tell_monitor(unsigned bit) {
    if (monitor != NULL) {
        dispatcher_notify(monitor, bit);
    }
}

void dispatcher_signal(struct dispatcher *d, unsigned bit) {
    if (d->state == DISPATCHER_STATE_BLOCKED) {
        d->frame->notify |= 1ULL << bit; /* blocked, so intact */
        trace_event(TRACE_KIND_WAKE, bit, d, NULL);
        schedule_hand_over(d);
    } else {
        dispatcher_notify(d, bit);
    }
}

static void waiter_remove(struct dispatcher *sender) {
    if (sender->waiting_for == NULL) {
        return;
    }
    struct dispatcher **link = &sender->waiting_for->waiters;
    while (*link != sender) {
        link = &(*link)->waiter_next;
    }
    *link = sender->waiter_next;
    sender->waiting_for = NULL;
}

void dispatcher_wait(struct dispatcher *sender, struct dispatcher *receiver) {
    waiter_remove(sender);
    sender->waiting_for = receiver;
    sender->waiter_next = receiver->waiters;
    receiver->waiters = sender;
    if (dispatcher_intact(receiver)) {
        receiver->frame->lrpc_waiters = 1;
    }
}

void dispatcher_wake_waiters(struct dispatcher *receiver) {
    while (UNLIKELY(receiver->waiters != NULL)) {
        struct dispatcher *sender = receiver->waiters;
        receiver->waiters = sender->waiter_next;
        sender->waiting_for = NULL;
        dispatcher_notify(sender, NOTIFY_LRPC_RETRY);
    }
}

void dispatcher_stop(struct dispatcher *d) {
    if (dispatcher_fpu_owner == d) {
        fpu_switch(&d->fpu, NULL); /* its object may go; nothing may be saved there later */
        dispatcher_fpu_owner = NULL;
    }
    bool ran = d->state >= DISPATCHER_STATE_BLOCKED;
    schedule_stop(d, dispatcher_giver());
    waiter_remove(d);
    d->state = DISPATCHER_STATE_STOPPED;
    dispatcher_wake_waiters(d);
    if (ran) {
        dispatcher_tell_monitor(NOTIFY_STOPPED);
    }
    if (d == dispatcher_current) {
        context_space_leave();
    }
}
