/* The PCI domain: owns configuration space. Finds all functions at the start, gives addresses where the firmware gave none,
   and makes every function quiet that nobody drives: no bus mastering, no interrupts (bridges keep forwarding). Then it
   claims and releases functions for the domains that core 0's monitor names; looking is free. */
#include <if/ioapic.h>
#include <if/monitor.h>
#include <if/pci.h>
#include <skerry/domain.h>
#include <skerry/fibre.h>

#include "drivers/pci/bars.h"
#include "drivers/pci/config.h"
#include "drivers/pci/functions.h"
#include "drivers/pci/interrupts.h"

#define REPLY_WORDS 5

static void quiet(const struct function *f) {
    interrupts_off(f);
    if (!f->is_bridge) {
        config_command(f->location, 0, COMMAND_MASTER);
    }
}

static err_t describe(const uint64_t *payload, uint64_t reply[REPLY_WORDS]) {
    const struct function *f = function_get(payload[0]);
    if (f == NULL) {
        return ERR_NOT_FOUND;
    }
    reply[0] = f->location;
    reply[1] = f->ids;
    reply[2] = f->class_code;
    reply[3] = f->capabilities;
    reply[4] = f->owner;
    return ERR_OK;
}

static err_t describe_bar(const uint64_t *payload, uint64_t reply[REPLY_WORDS]) {
    const struct function *f = function_at(payload[0]);
    if (f == NULL || payload[1] >= PCI_BARS || f->bars[payload[1]].size == 0) {
        return ERR_NOT_FOUND;
    }
    reply[0] = f->bars[payload[1]].base;
    reply[1] = f->bars[payload[1]].size;
    reply[2] = f->bars[payload[1]].flags;
    return ERR_OK;
}

/* BUSY: there are such functions, but all have owners. */
static err_t claim(const uint64_t *payload, uint64_t reply[REPLY_WORDS]) {
    struct function *f;
    err_t err = ERR_NOT_FOUND;
    for (uint64_t n = 0; (f = function_get(n)) != NULL; n++) {
        if (f->ids != payload[1] || f->is_bridge) {
            continue;
        }
        err = ERR_BUSY;
        if (f->owner == 0) {
            f->owner = payload[0];
            config_command(f->location, COMMAND_PORTS | COMMAND_MEMORY | COMMAND_MASTER, 0);
            reply[0] = f->location;
            return ERR_OK;
        }
    }
    return err;
}

static err_t owned(const uint64_t *payload, struct function **f) {
    *f = function_at(payload[1]);
    if (*f == NULL) {
        return ERR_NOT_FOUND;
    }
    return payload[0] != 0 && (*f)->owner == payload[0] ? ERR_OK : ERR_CAP_RIGHTS;
}

static err_t line_on(const uint64_t *payload, uint64_t reply[REPLY_WORDS]) {
    struct function *f;
    TRY(owned(payload, &f));
    TRY(interrupt_line(f, &reply[0]));
    reply[1] = IOAPIC_LEVEL | IOAPIC_ACTIVE_LOW;
    interrupt_line_on(f);
    return ERR_OK;
}

static err_t message_on(const uint64_t *payload) {
    struct function *f;
    TRY(owned(payload, &f));
    if (payload[2] >= MAX_CORES || payload[3] < VECTOR_EDGE_FIRST || payload[3] > VECTOR_USER_LAST) {
        return ERR_ARGUMENT;
    }
    struct message to = {(uint32_t)payload[4], (uint32_t)payload[2], (uint32_t)payload[3]};
    return interrupt_message_on(f, &to);
}

static err_t release(const uint64_t *payload) {
    struct function *f;
    for (uint64_t n = 0; (f = function_get(n)) != NULL; n++) {
        if (f->owner == payload[0] && payload[0] != 0) {
            quiet(f);
            f->owner = 0;
        }
    }
    return ERR_OK;
}

static err_t obey(const struct lrpc_request *request, uint64_t reply[REPLY_WORDS]) {
    if (request->operation == PCI_FUNCTION) {
        return describe(request->payload, reply);
    }
    if (request->operation == PCI_BAR) {
        return describe_bar(request->payload, reply);
    }
    if (request->badge != MONITOR_BADGE(0)) {
        return ERR_CAP_RIGHTS;
    }
    switch (request->operation) {
    case PCI_CLAIM:
        return claim(request->payload, reply);
    case PCI_INTX:
        return line_on(request->payload, reply);
    case PCI_MSI:
        return message_on(request->payload);
    case PCI_RELEASE:
        return release(request->payload);
    default:
        return ERR_UNSUPPORTED;
    }
}

static void serve(const struct lrpc_request *request) {
    uint64_t reply[REPLY_WORDS] = {0};
    struct lrpc_answer answer = {.words = REPLY_WORDS, .word = reply};
    answer.error = obey(request, reply);
    lrpc_reply(request, &answer);
}

int main(int argc, char **argv) {
    const struct function *f;
    (void)argc, (void)argv;
    functions_find();
    bars_assign();
    for (uint64_t n = 0; (f = function_get(n)) != NULL; n++) {
        quiet(f);
    }
    lrpc_serve(serve);
    err_t err = domain_export(PCI_NAME);
    if (err != ERR_OK) {
        die("%s", err_doc(err));
    }
    event_loop();
}
