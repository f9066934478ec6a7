/* This domain: what it was started with, its monitor, the services that it finds by name, and its end. */
#ifndef SKERRY_DOMAIN_H
#define SKERRY_DOMAIN_H

#include <if/monitor.h>
#include <skerry/lrpc.h>

/* The argument page; NULL in a monitor. */
const struct domain_args *domain_args(void);

/* The binding to this core's monitor, made on first use. */
[[nodiscard]] err_t domain_monitor(struct lrpc_binding *monitor);

/* Calls this core's monitor; `show` and a copy of a capability go along (`call->cap` is NULL before and after it). */
[[nodiscard]] err_t domain_ask(struct lrpc_call *call);
[[nodiscard]] err_t domain_show(struct lrpc_call *call, capaddr_t cap);

/* Finds a service on this core and binds to it; waits up to deadline_ms for it to appear. */
[[nodiscard]] err_t domain_bind(const char *name, uint64_t deadline_ms, struct lrpc_binding *binding);

/* Offers this domain's services under a name. */
[[nodiscard]] err_t domain_export(const char *name);

/* From now on this program is started anew, with the same arguments, when this domain faults, or its core stops or dies: here, or
   on another core (enum monitor_supervision). On return all cores know. UNSUPPORTED: it was given capabilities, which would not
   go along. NO_MEMORY: eight on a core may choose. */
[[nodiscard]] err_t domain_supervise(enum monitor_supervision rule);

/* Writes text to the console, in order, waiting as the console does. */
[[nodiscard]] err_t console_write(const char *text, size_t size);

/* Ends the domain; whoever waits for it gets the status. exit() runs first what atexit() was told to, where there is a C
   library. */
NORETURN void domain_exit(int status);
NORETURN void exit(int status);

/* A line of the form `name: text` to the log or the console, then exit(1). */
NORETURN void die(const char *format, ...) PRINTF_LIKE(1, 2);

int main(int argc, char **argv);

#endif
