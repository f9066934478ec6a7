/*
 * Panic records. Everything here works without stack depth, allocation or any other part of the CPU driver being sane.
 */
#include "core/panic.h"

#include "core/dispatcher.h"
#include "core/log.h"
#include "core/plan.h"
#include "x86_64/backtrace.h"
#include "x86_64/insn.h"

static const char *kind_name(enum panic_kind kind) {
    static const char *const names[] = {"fatal", "practice", "assert", "fault", "ubsan", "stack"};
    return names[kind];
}

static const char *state_name(uint32_t state) {
    static const char *const names[] = {"NEW", "STOPPED", "BLOCKED", "RUNNABLE", "RUNNING"};
    return state < ARRAY_SIZE(names) ? names[state] : "?";
}

/* A second panic while reporting the first must not repeat for ever. */
static bool reporting;

static void header_log(enum panic_kind kind, const char *format, va_list args) {
    char build[41];
    plan_build_id_text(build);
    log_begin();
    log_text("PANIC core=%u kind=%s build=%s: ", core_plan.core, kind_name(kind), build);
    log_vtext(format, args);
    log_end();
}

static void dispatcher_log(const struct dispatcher *d) {
    if (d != NULL) {
        log_line("PANIC-DISPATCHER name=%s state=%s disabled=%u rip=0x%lx", d->name, state_name(d->state),
                 d->frame != NULL ? d->frame->disabled : 0, backtrace_user_address());
    }
}

void panic_at(enum panic_kind kind, const struct context *context, const char *format, ...) {
    if (reporting) {
        log_line("PANIC-AGAIN while reporting");
        x86_stop();
    }
    reporting = true;
    va_list args;
    va_start(args, format);
    header_log(kind, format, args);
    va_end(args);
    if (context != NULL) {
        backtrace_log(context);
    } else {
        backtrace_log_call(__builtin_frame_address(0));
    }
    dispatcher_log(dispatcher_current);
    log_line("PANIC-END");
    x86_stop();
}

void panic_assert(const char *condition, const char *file, unsigned line) {
    panic_at(PANIC_ASSERT, NULL, "%s:%u: assertion failed: %s", file, line, condition);
}
