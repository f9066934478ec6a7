/* `rpc serve`, or `rpc CASE ...`: as a client of whoever serves. */
#include <skerry/domain.h>
#include <skerry/print.h>
#include <skerry/ram.h>
#include <skerry/string.h>

#include "programs/rpc/rpc.h"

#define BIND_MS 5000
#define TABLES_BYTES (1ul << 20)
#define STACKS_BYTES (40ul << 20)

unsigned broken;

void expect(const char *what, bool holds) {
    if (!holds) {
        printf("not so: %s\n", what);
        broken++;
    }
}

static void run(const struct rpc_case *one, struct binding *probe) {
    err_t err = one->run(probe);
    printf("%s over %s: %s\n", one->name, probe->kind == BINDING_LRPC ? "LRPC" : "URPC", err_name(err));
    broken += err != ERR_OK;
}

static int client(int argc, char **argv) {
    struct binding probe = {0};
    err_t err = probe_bind(&probe, BIND_MS);
    if (err != ERR_OK) {
        die("nobody serves: %s", err_doc(err));
    }
    for (int i = 1; i < argc; i++) {
        for (unsigned at = 0; at < rpc_case_count; at++) {
            if (strcmp(argv[i], rpc_cases[at].name) == 0) {
                run(&rpc_cases[at], &probe);
            }
        }
    }
    binding_unbind(&probe);
    printf("rpc: %u broken\n", broken);
    return broken == 0 ? 0 : 1;
}

/* For the stacks of a crowd of fibres. */
static void take_memory(void) {
    err_t err = ram_more(TABLES_BYTES, RAM_POOL);
    if (err == ERR_OK) {
        err = ram_more(STACKS_BYTES, 0);
    }
    if (err != ERR_OK) {
        die("no memory: %s", err_doc(err));
    }
}

int main(int argc, char **argv) {
    take_memory();
    if (argc == 2 && strcmp(argv[1], "serve") == 0) {
        return serve();
    }
    return client(argc, argv);
}
