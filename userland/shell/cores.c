/* `cores`, `mem`, `ps`: one line for each core or domain. */
#include <skerry/print.h>
#include <skerry/string.h>
#include <skerry/time.h>

#include "shell/shell.h"

#define BUILD_ID_BYTES 20

static void print_build_id(const uint64_t word[MONITOR_BUILD_ID_WORDS], char text[2 * BUILD_ID_BYTES + 1]) {
    const unsigned char *bytes = (const unsigned char *)word;
    for (unsigned i = 0; i < BUILD_ID_BYTES; i++) {
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    }
}

static const char *why_not_started(uint64_t why) {
    switch (why) {
    case ERR_NOT_FOUND:
        return "no image for it in the archive";
    case ERR_FORMAT:
        return "its image in the archive is damaged";
    case ERR_TIMEOUT:
        return "it said no hello";
    default:
        return err_doc((err_t)why);
    }
}

static void print_core(coreid_t core, const uint64_t reply[]) {
    char build[2 * BUILD_ID_BYTES + 1];
    print_build_id(&reply[3], build);
    if (reply[0] == MONITOR_CORE_ANSWERING) {
        printf("%4u  %4lu  %-13s  %s  %lu.%03lu s\n", core, reply[1], "answering", build, reply[2] / 1000000,
               reply[2] / 1000 % 1000);
    } else if (reply[0] == MONITOR_CORE_STOPPED) {
        printf("%4u  %4lu  %-13s\n", core, reply[1], reply[6] == ERR_PEER_DEAD ? "dead" : "stopped");
    } else if (reply[0] == MONITOR_CORE_SILENT) {
        printf("%4u  %4lu  %-13s  %s\n", core, reply[1], "not answering", build);
    } else {
        printf("%4u  %4s  %-13s  (%s)\n", core, "-", "not started", why_not_started(reply[6]));
    }
}

enum status command_cores(unsigned count, char **words) {
    uint64_t reply[LRPC_PAYLOAD - 1];
    (void)words;
    if (count != 1) {
        return complain("takes no arguments: `cores`");
    }
    err_t err = ask(MONITOR_PROBE_ALL, NULL, 0, reply);
    if (err != ERR_OK) {
        return complain("%s", err_doc(err));
    }
    uint64_t answering = reply[MONITOR_CORE_ANSWERING];
    printf("core  apic  state          build                                     uptime\n");
    for (uint64_t core = 0; core < machine->cores; core++) {
        if (ask(MONITOR_CORE, &core, 1, reply) == ERR_OK) {
            print_core((coreid_t)core, reply);
        }
    }
    printf("%lu of %u cores answer\n", answering, machine->cores);
    return STATUS_OK;
}

/* True when the core is worth asking; says so when it is not. */
static bool is_there(coreid_t core) {
    uint64_t request = core, reply[LRPC_PAYLOAD - 1];
    if (ask(MONITOR_CORE, &request, 1, reply) != ERR_OK) {
        return false;
    }
    if (reply[0] == MONITOR_CORE_SILENT) {
        printf("%4u  does not answer\n", core);
    }
    return reply[0] != MONITOR_CORE_SILENT && reply[0] != MONITOR_CORE_NOT_STARTED && reply[0] != MONITOR_CORE_STOPPED;
}

enum status command_mem(unsigned count, char **words) {
    uint64_t reply[LRPC_PAYLOAD - 1];
    (void)words;
    if (count != 1) {
        return complain("takes no arguments: `mem`");
    }
    printf("core  pool KiB  capabilities   RAM KiB  free KiB  of these in the pool\n");
    for (uint64_t core = 0; core < machine->cores; core++) {
        if (!is_there((coreid_t)core)) {
            continue;
        }
        err_t err = ask(MONITOR_MEM, &core, 1, reply);
        if (err == ERR_OK) {
            printf("%4lu  %8lu  %12lu  %8lu  %8lu  %20lu\n", core, reply[MONITOR_MEM_POOL] / 1024,
                   reply[MONITOR_MEM_CAPS], reply[MONITOR_MEM_RAM] / 1024, reply[MONITOR_MEM_FREE] / 1024,
                   reply[MONITOR_MEM_POOL_FREE] / 1024);
        } else {
            printf("%4lu  %s\n", core, err_doc(err));
        }
    }
    return STATUS_OK;
}

static const char *state_name(uint64_t state) {
    static const char *const names[] = {"new", "stopped", "blocked", "runnable", "running"};
    return state < ARRAY_SIZE(names) ? names[state] : "?";
}

static void print_domain(const uint64_t reply[]) {
    char number[16], name[MONITOR_NAME_BYTES + 1];
    snprintf(number, sizeof(number), "%u.%u", DOMAIN_CORE(reply[0]), DOMAIN_COUNT(reply[0]));
    memcpy(name, &reply[4], MONITOR_NAME_BYTES);
    name[MONITOR_NAME_BYTES] = '\0';
    printf("%-8s  %-16s  %-8s  %10lu  %8lu\n", number, name, state_name(reply[1]), time_us_from_ticks(reply[2]),
           reply[3]);
}

enum status command_ps(unsigned count, char **words) {
    uint64_t reply[LRPC_PAYLOAD - 1];
    (void)words;
    if (count != 1) {
        return complain("takes no arguments: `ps`");
    }
    printf("domain    name              state        time us   upcalls\n");
    for (coreid_t core = 0; core < machine->cores; core++) {
        uint64_t request[2] = {core, 0};
        err_t err = is_there(core) ? ERR_OK : ERR_NOT_FOUND;
        for (; err == ERR_OK; request[1]++) {
            err = ask(MONITOR_PS, request, 2, reply);
            if (err == ERR_OK) {
                print_domain(reply);
            }
        }
        if (err != ERR_NOT_FOUND) {
            printf("%4u  %s\n", core, err_doc(err));
        }
    }
    return STATUS_OK;
}
