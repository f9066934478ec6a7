/* `spawn`: a program of the archive, on any core. Waits for its end unless told not to by a last word `&`. */
#include <skerry/print.h>
#include <skerry/string.h>

#include "shell/shell.h"

#define WAIT_MS 10000

struct order {
    coreid_t core;
    bool background;
    char text[MONITOR_SPAWN_TEXT + 1];
};

static bool join_words(unsigned count, char **words, struct order *order) {
    size_t at = 0;
    for (unsigned i = 1; i < count; i++) {
        size_t length = strlen(words[i]);
        if (at + length + 1 > MONITOR_SPAWN_TEXT) {
            return false;
        }
        memcpy(order->text + at, words[i], length);
        at += length;
        order->text[at++] = i + 1 < count ? ' ' : '\0';
    }
    return true;
}

/* spawn NAME [ARGS] [on CORE] [&] */
static enum status parse(unsigned count, char **words, struct order *order) {
    order->core = machine->core;
    order->background = count > 1 && strcmp(words[count - 1], "&") == 0;
    count -= order->background;
    if (count > 2 && strcmp(words[count - 2], "on") == 0) {
        if (!parse_core(words[count - 1], &order->core)) {
            return STATUS_FAILED;
        }
        count -= 2;
    }
    if (count < 2) {
        return complain("spawn wants a program's name: `spawn hello`");
    }
    if (!join_words(count, words, order)) {
        return complain("name and arguments have more than %u bytes", MONITOR_SPAWN_TEXT - 1);
    }
    return STATUS_OK;
}

static err_t send(const struct order *order, uint64_t *domain) {
    uint64_t whole = strlen(order->text);
    for (uint64_t at = 0; at < whole; at += MONITOR_SPAWN_PIECE) {
        uint64_t request[LRPC_PAYLOAD] = {order->core, at << 32 | whole}, reply[LRPC_PAYLOAD - 1];
        memcpy(&request[2], order->text + at, MIN(whole - at, (uint64_t)MONITOR_SPAWN_PIECE));
        TRY(ask(MONITOR_SPAWN, request, LRPC_PAYLOAD, reply));
        *domain = reply[0];
    }
    return ERR_OK;
}

enum status await_domain(uint32_t domain) {
    uint64_t request[2] = {domain, WAIT_MS}, reply[LRPC_PAYLOAD - 1];
    err_t err = ask(MONITOR_WAIT, request, 2, reply);
    unsigned core = DOMAIN_CORE(domain), count = DOMAIN_COUNT(domain);
    if (err != ERR_OK) {
        return complain("domain %u.%u: %s", core, count, err_doc(err));
    }
    if (reply[0] == MONITOR_END_RUNNING) {
        printf("domain %u.%u still runs after %u s: going on without it, `ps` shows it\n", core, count, WAIT_MS / 1000);
        return STATUS_OK;
    }
    if (reply[0] == MONITOR_END_FAULT) {
        return complain("domain %u.%u was stopped by a fault", core, count);
    }
    if (reply[0] == MONITOR_END_KILLED) {
        return complain("domain %u.%u was killed", core, count);
    }
    if (reply[1] != 0) {
        return complain("domain %u.%u ended with status %ld", core, count, (long)reply[1]);
    }
    return STATUS_OK;
}

static enum status not_found(const struct order *order) {
    uint64_t core = order->core, reply[LRPC_PAYLOAD - 1];
    if (ask(MONITOR_CORE, &core, 1, reply) == ERR_OK && reply[0] == MONITOR_CORE_NOT_STARTED) {
        return complain("core %u was not started: `cores` says why", order->core);
    }
    return complain("no program '%s' in the boot archive: `ls userland/programs` on the host lists them", order->text);
}

static void shorten_to_name(struct order *order) {
    char *space = strchr(order->text, ' ');
    if (space != NULL) {
        *space = '\0';
    }
}

enum status command_spawn(unsigned count, char **words) {
    struct order order;
    uint64_t domain = 0;
    if (parse(count, words, &order) != STATUS_OK) {
        return STATUS_FAILED;
    }
    err_t err = send(&order, &domain);
    shorten_to_name(&order);
    if (err == ERR_NOT_FOUND) {
        return not_found(&order);
    }
    if (err != ERR_OK) {
        return complain("'%s' on core %u: %s", order.text, order.core, err_doc(err));
    }
    if (!order.background) {
        return await_domain((uint32_t)domain);
    }
    printf("domain %u.%u\n", DOMAIN_CORE(domain), DOMAIN_COUNT(domain));
    return STATUS_OK;
}
