/* The files of this program. */
#ifndef PROGRAMS_RPC_H
#define PROGRAMS_RPC_H

#include <if/probe_client.h>

int serve(void);

/* A case: OK, or what went wrong. */
struct rpc_case {
    const char *name;
    err_t (*run)(struct binding *probe);
};
extern const struct rpc_case rpc_cases[];
extern const unsigned rpc_case_count;
err_t hostile(struct binding *probe);
err_t bulk(struct binding *probe);
err_t rob(struct binding *probe);
err_t rebind(struct binding *probe);

/* Says what was not as it should be, and goes on. */
void expect(const char *what, bool holds);
extern unsigned broken;

#endif
