/* `spawn`: a program of the archive, on any core. Waits for its end unless told not to by a last word `&`. */
#include <skerry/print.h>
#include <skerry/spawn.h>
#include <skerry/string.h>

#include "shell/shell.h"

#define WAIT_SECONDS_MAX 86400

struct order {
    struct spawn spawn;
    uint64_t wait_ms;
    bool background;
};

static bool parse_pages(const char *word, uint64_t *pages) {
    uint64_t kib;
    if (!string_to_u64(word, &kib) || kib == 0 || kib % (PAGE_SIZE / 1024) != 0) {
        (void)complain("'%s' is not KiB of memory: a multiple of %lu", word, PAGE_SIZE / 1024ul);
        return false;
    }
    *pages = kib / (PAGE_SIZE / 1024);
    return true;
}

static bool parse_wait(const char *word, uint64_t *wait_ms) {
    uint64_t seconds;
    if (!string_to_u64(word, &seconds) || seconds == 0 || seconds > WAIT_SECONDS_MAX) {
        (void)complain("'%s' is not seconds to wait: 1 to %u", word, WAIT_SECONDS_MAX);
        return false;
    }
    *wait_ms = 1000 * seconds;
    return true;
}

/* spawn NAME [ARGS] [for SECONDS] [with KIB] [on CORE] [&] */
static enum status parse(unsigned count, char **words, struct order *order) {
    struct spawn *spawn = &order->spawn;
    spawn->core = machine->core;
    order->background = count > 1 && strcmp(words[count - 1], "&") == 0;
    count -= order->background;
    if (count > 3 && strcmp(words[count - 2], "on") == 0) {
        if (!parse_core(words[count - 1], &spawn->core)) {
            return STATUS_FAILED;
        }
        count -= 2;
    }
    if (count > 3 && strcmp(words[count - 2], "with") == 0) {
        if (!parse_pages(words[count - 1], &spawn->own_ram_pages)) {
            return STATUS_FAILED;
        }
        count -= 2;
    }
    if (count > 3 && strcmp(words[count - 2], "for") == 0) {
        if (!parse_wait(words[count - 1], &order->wait_ms)) {
            return STATUS_FAILED;
        }
        count -= 2;
    }
    if (count < 2) {
        return complain("spawn wants a program's name: `spawn hello`");
    }
    spawn->argv = (const char *const *)&words[1];
    spawn->argc = count - 1;
    return STATUS_OK;
}

enum status await_domain(uint32_t domain, uint64_t wait_ms) {
    struct spawn_end end;
    err_t err = spawn_wait(domain, wait_ms, &end);
    unsigned core = DOMAIN_CORE(domain), count = DOMAIN_COUNT(domain);
    if (err != ERR_OK) {
        return complain("domain %u.%u: %s", core, count, err_doc(err));
    }
    switch (end.end) {
    case MONITOR_END_RUNNING:
        printf("domain %u.%u still runs after %lu s: going on without it, `ps` shows it\n", core, count,
               wait_ms / 1000);
        return STATUS_OK;
    case MONITOR_END_FAULT:
        return complain("domain %u.%u was stopped by a fault", core, count);
    case MONITOR_END_KILLED:
        return complain("domain %u.%u was killed", core, count);
    case MONITOR_END_CORE:
        if (end.status != 0) {
            printf("domain %u.%u goes on as %u.%u\n", core, count, DOMAIN_CORE(end.status), DOMAIN_COUNT(end.status));
            return STATUS_OK;
        }
        return complain("domain %u.%u ended with its core", core, count);
    case MONITOR_END_EXIT:
        break;
    }
    return end.status == 0 ? STATUS_OK : complain("domain %u.%u ended with status %ld", core, count, (long)end.status);
}

static enum status failed(const struct spawn *spawn, err_t err) {
    uint64_t core = spawn->core, reply[LRPC_PAYLOAD - 1];
    if (err == ERR_ARGUMENT) {
        return complain("name and arguments have more than %u bytes, or it is too much memory", MONITOR_SPAWN_TEXT);
    }
    if (err != ERR_NOT_FOUND) {
        return complain("'%s' on core %u: %s", spawn->argv[0], spawn->core, err_doc(err));
    }
    if (ask(MONITOR_CORE, &core, 1, reply) == ERR_OK && reply[0] == MONITOR_CORE_NOT_STARTED) {
        return complain("core %u was not started: `cores` says why", spawn->core);
    }
    return complain("no program '%s' in the boot archive: `ls userland/programs` on the host lists them",
                    spawn->argv[0]);
}

enum status command_spawn(unsigned count, char **words) {
    struct order order = {.wait_ms = WAIT_MS};
    uint32_t domain;
    if (parse(count, words, &order) != STATUS_OK) {
        return STATUS_FAILED;
    }
    err_t err = spawn_domain(&order.spawn, &domain);
    if (err != ERR_OK) {
        return failed(&order.spawn, err);
    }
    if (!order.background) {
        return await_domain(domain, order.wait_ms);
    }
    printf("domain %u.%u\n", DOMAIN_CORE(domain), DOMAIN_COUNT(domain));
    return STATUS_OK;
}
