/* Sides: what runs in the stead of a context that was interrupted or that faulted.
   Such a context is stopped anywhere, with live registers, and nothing may be written to its stack. So the upcall puts its
   registers into a fibre of their own, its side, and lets that run enabled and pinned, where it may wait: to give way to
   others, to have a page brought, or to report the fault. The side ends by jumping back to where the context was, or by
   ending the context with itself.

   State in an upcall: disabled, on the upcall stack, general registers only; `fibre_current` is the context in question. */
#include <abi/stubs.h>
#include <if/monitor.h>
#include <skerry/fpu.h>
#include <skerry/log.h>
#include <skerry/lrpc.h>
#include <skerry/print.h>
#include <skerry/region.h>
#include <skerry/string.h>
#include <skerry/time.h>

#include "lib/fibre_internal.h"
#include "lib/region_internal.h"

#define FAULT_REPORT_TRIES 1000
#define FAULT_REPORT_MS 1000

/* Where dispatcher_entry.S goes on. */
enum resume { RESUME_TRAP, RESUME_ENABLED };

/* In the argument of the side. */
struct interrupted {
    struct fibre *context;
    struct registers registers;
};

/* The fault that the side has to do with; copied to its stack before anything else can fault. */
static struct {
    uint64_t kind, vector, error;
    vaddr_t address, rip;
    err_t why;
} fault;

void side_preempt(void);
enum resume side_page_fault(void);
enum resume side_trap(void);
NORETURN void side_fault_disabled(void);
NORETURN void dispatcher_resume(volatile struct dispatcher_frame *frame);
static void serve(void *argument);
_Static_assert(sizeof(struct interrupted) <= FIBRE_ARGUMENT_SIZE, "a side's argument");
_Static_assert(offsetof(struct fibre, pins) == 0, "dispatcher_entry.S reads the pins");

static struct interrupted *interrupted_of(struct fibre *side) {
    return (struct interrupted *)(void *)side->argument;
}

/* Lets `side` run with `run` where the context in `area` would. */
static void stand_in(struct fibre *side, const volatile struct registers *area, void (*run)(void *)) {
    struct interrupted *interrupted = interrupted_of(side);
    struct fibre *context = fibre_current;
    interrupted->context = context;
    memcpy(&interrupted->registers, (const struct registers *)(uintptr_t)area, sizeof(struct registers));
    side->tls = context->tls;
    side->run = run;
    fibre_prepare(side, side);
    /* As the first switch to it would: its return address and an aligned stack. */
    volatile struct registers *enabled = &dispatcher_frame()->enabled;
    uint64_t *stack = side->rsp;
    enabled->rip = stack[6];
    enabled->rsp = (uint64_t)(stack + 7);
    enabled->rflags = 0;
    fibre_current = side;
}

/* The context goes on as if nothing had been. Its side, if it was made for this alone, is free afterwards. The FS base in
   the frame stays: it is the context's, for both have the same. */
NORETURN static void go_on(struct fibre *side) {
    struct interrupted *interrupted = interrupted_of(side);
    volatile struct dispatcher_frame *frame = dispatcher_frame();
    if (interrupted->context->side != side) {
        side->tls = NULL; /* it was the context's */
        fibre_retire(side);
    }
    dispatcher_disable();
    fibre_current = interrupted->context;
    memcpy((struct registers *)(uintptr_t)&frame->enabled, &interrupted->registers,
           offsetof(struct registers, fs_base));
    dispatcher_resume(frame);
}

static void give_way(void *argument) {
    struct fibre *side = fibre_current;
    struct fpu_state fpu;
    (void)argument;
    fpu_save(&fpu);
    fibre_give_way();
    fpu_load(&fpu);
    go_on(side);
}

/* Upcall: a thread that is not pinned was interrupted. */
void side_preempt(void) {
    struct fibre *side = fibre_current->side;
    if (side != NULL && fibre_has_news()) {
        stand_in(side, &dispatcher_frame()->enabled, give_way);
    }
}

/* What the monitor needs to say who ended and why; see MONITOR_FAULT. */
static void fault_words(uint64_t word[LRPC_WORDS], uint64_t flags, const struct fibre *context) {
    memset(word, 0, LRPC_WORDS * sizeof(uint64_t));
    word[0] = MONITOR_FAULT;
    word[1] = fault.kind | flags | fault.vector << 16 | (uint64_t)fault.why << 32;
    word[2] = fault.error;
    word[3] = fault.address;
    word[4] = fault.rip;
    if (context->name[0] == '\0') {
        print_text((char *)&word[5], FIBRE_NAME_SIZE, "fibre %u", context->number);
    } else {
        memcpy(&word[5], context->name, FIBRE_NAME_SIZE);
    }
}

/* Ends the domain from the upcall: nothing that this needs can have been damaged, and nothing interrupts it. */
NORETURN static void end_domain(uint64_t flags) {
    uint64_t word[LRPC_WORDS];
    fault_words(word, flags, fibre_current);
    log_line("%s%s at 0x%lx, rip 0x%lx, error 0x%lx: stopped", fault.kind == FAULT_KIND_PAGE ? "page fault" : "trap",
             (flags & MONITOR_FAULT_DISABLED) != 0 ? " while disabled" : "", fault.address, fault.rip, fault.error);
    for (unsigned i = 0; i < FAULT_REPORT_TRIES; i++) {
        if (dispatcher_send(CAP_MONITOR, CAP_NULL, word) != ERR_BUSY) {
            break;
        }
        (void)sys_yield(CAP_NULL);
    }
    dispatcher_end();
}

/* Whom this context runs for: itself, or, where it is a side that serves a fault, the one that faulted. */
static struct fibre *principal(struct fibre *context) {
    while (context->run == serve) {
        context = interrupted_of(context)->context;
    }
    return context;
}

/* The side ends the context, says so, and ends itself; likewise all sides between them. */
static void end_context(void *argument) {
    struct fibre *context = ((struct interrupted *)argument)->context, *ended = principal(context);
    uint64_t word[LRPC_WORDS];
    fault_words(word, MONITOR_FAULT_THREAD, ended);
    (void)lrpc_send(CAP_MONITOR, CAP_NULL, word, time_deadline(FAULT_REPORT_MS));
    while (context != ended) {
        struct fibre *above = interrupted_of(context)->context;
        context->tls = NULL;
        fibre_release(context);
        context = above;
    }
    while (ended->guards != NULL) {
        fibre_guard_pass(ended);
    }
    fibre_current->tls = NULL;
    ended->side = NULL;
    thread_faulted(ended);
    fibre_end();
}

static void note_fault(err_t why) {
    volatile struct dispatcher_frame *frame = dispatcher_frame();
    fault.kind = frame->fault_kind;
    fault.vector = frame->fault_vector;
    fault.error = frame->fault_error;
    fault.address = frame->fault_address;
    fault.rip = frame->trap.rip;
    fault.why = why;
}

/* A side for this context; only where the allocators are not in use. */
static struct fibre *side_for(struct fibre *context) {
    if (context->side != NULL) {
        return context->side;
    }
    return context->pins < PIN_ALLOCATING ? fibre_alloc() : NULL;
}

static bool in_library(const struct fibre *context) {
    return context->run == end_context || context->run == give_way || context->pins > context->pins_outside;
}

/* A fault inside the library leaves its state in doubt, and main's end is the domain's. */
static bool can_end_alone(struct fibre *context) {
    struct fibre *ended = principal(context);
    return !in_library(context) && !in_library(ended) && ended->number != 0;
}

static enum resume unhandled(err_t why) {
    struct fibre *context = fibre_current;
    note_fault(why);
    struct fibre *side = can_end_alone(context) ? side_for(context) : NULL;
    if (side == NULL) {
        end_domain(0);
    }
    stand_in(side, &dispatcher_frame()->trap, end_context);
    return RESUME_ENABLED;
}

/* On the side: the pager may wait. */
static void serve(void *argument) {
    struct fibre *side = fibre_current;
    struct interrupted *interrupted = argument;
    struct region_fault page_fault = {.address = fault.address, .rip = fault.rip, .error = fault.error};
    struct fpu_state fpu;
    fpu_save(&fpu);
    err_t err = region_serve(&page_fault);
    fpu_load(&fpu);
    if (err == ERR_OK) {
        go_on(side);
    }
    fault.kind = FAULT_KIND_PAGE;
    fault.vector = 14;
    fault.error = page_fault.error;
    fault.address = page_fault.address;
    fault.rip = page_fault.rip;
    fault.why = err;
    if (!can_end_alone(interrupted->context)) {
        end_domain(0);
    }
    end_context(argument);
}

/* Upcall: a page fault. */
enum resume side_page_fault(void) {
    struct fibre *context = fibre_current;
    volatile struct dispatcher_frame *frame = dispatcher_frame();
    struct region_fault page_fault = {
        .address = frame->fault_address, .rip = frame->trap.rip, .error = (uint32_t)frame->fault_error};
    if (context->pins >= PIN_ALLOCATING) {
        return unhandled(ERR_BUSY);
    }
    context->pins += PIN_ALLOCATING; /* no fault in here is answered, and nothing in here gives way */
    err_t err = region_quick(&page_fault);
    context->pins -= PIN_ALLOCATING;
    if (err == ERR_OK) {
        return RESUME_TRAP;
    }
    if (err != ERR_CONTINUE) {
        return unhandled(err);
    }
    struct fibre *side = side_for(context);
    if (side == NULL) {
        return unhandled(ERR_NO_MEMORY);
    }
    note_fault(ERR_OK);
    stand_in(side, &frame->trap, serve);
    return RESUME_ENABLED;
}

/* Upcall: another exception. */
enum resume side_trap(void) {
    return unhandled(ERR_OK);
}

/* Upcall: a fault in an upcall, or on the way out of one. */
void side_fault_disabled(void) {
    note_fault(ERR_OK);
    end_domain(MONITOR_FAULT_DISABLED);
}
