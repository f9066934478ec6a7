/* The monitor's binding, names, printing, and the end of the domain. */
#include <abi/stubs.h>
#include <if/serial.h>
#include <skerry/domain.h>
#include <skerry/fibre.h>
#include <skerry/log.h>
#include <skerry/print.h>
#include <skerry/slots.h>
#include <skerry/string.h>
#include <skerry/time.h>

#include "lib/domain_internal.h"

#define BINDINGS_MAX 16

/* A server knows this domain as one client with one reply endpoint, so there is one binding to each service. */
struct service {
    uint64_t name[MONITOR_NAME_WORDS];
    struct lrpc_binding binding;
};

static struct lrpc_binding monitor_binding;
static struct service services[BINDINGS_MAX];
static unsigned service_count;
static struct lrpc_binding console_binding;
static uint16_t console_operation;

err_t domain_monitor(struct lrpc_binding *monitor) {
    if (monitor_binding.endpoint == CAP_NULL) {
        TRY(lrpc_bind(CAP_MONITOR, &monitor_binding));
    }
    *monitor = monitor_binding;
    return ERR_OK;
}

err_t domain_name_words(const char *name, uint64_t word[MONITOR_NAME_WORDS]) {
    size_t length = strlen(name);
    if (length == 0 || length > MONITOR_NAME_BYTES) {
        return ERR_ARGUMENT;
    }
    word[0] = word[1] = 0;
    memcpy(word, name, length);
    return ERR_OK;
}

err_t domain_service_find(const uint64_t name[MONITOR_NAME_WORDS], struct lrpc_binding *binding) {
    for (unsigned i = 0; i < service_count; i++) {
        if (memcmp(services[i].name, name, sizeof(services[i].name)) != 0) {
            continue;
        }
        if (lrpc_endpoint_gone(services[i].binding.endpoint)) {
            slot_release(services[i].binding.endpoint);
            services[i] = services[--service_count];
            break;
        }
        *binding = services[i].binding;
        return ERR_OK;
    }
    return service_count < BINDINGS_MAX ? ERR_NOT_FOUND : ERR_NO_MEMORY;
}

err_t domain_service_bind(const uint64_t name[MONITOR_NAME_WORDS], capaddr_t endpoint, struct lrpc_binding *binding) {
    err_t err = lrpc_bind(endpoint, binding);
    if (err != ERR_OK) {
        slot_release(endpoint);
        return err;
    }
    if (service_count < BINDINGS_MAX) { /* others may have filled it while we waited */
        services[service_count].binding = *binding;
        memcpy(services[service_count++].name, name, sizeof(services[0].name));
    }
    return ERR_OK;
}

err_t domain_bind(const char *name, uint64_t deadline_ms, struct lrpc_binding *binding) {
    struct lrpc_binding monitor;
    TRY(domain_monitor(&monitor));
    struct lrpc_call call = {.operation = MONITOR_LOOKUP};
    TRY(domain_name_words(name, call.request));
    call.request[2] = deadline_ms;
    err_t err = domain_service_find(call.request, binding);
    if (err != ERR_NOT_FOUND) {
        return err;
    }
    TRY(lrpc_call(&monitor, &call));
    return call.reply_cap != CAP_NULL ? domain_service_bind(call.request, call.reply_cap, binding) : ERR_FORMAT;
}

err_t domain_export_to(const char *name, uint64_t takes_channels) {
    struct lrpc_binding monitor;
    TRY(domain_monitor(&monitor));
    struct lrpc_call call = {.operation = MONITOR_EXPORT, .request[MONITOR_NAME_WORDS] = takes_channels};
    TRY(domain_name_words(name, call.request));
    TRY(lrpc_endpoint(0, RIGHT_WRITE | RIGHT_GRANT, &call.cap));
    return lrpc_call(&monitor, &call);
}

err_t domain_export(const char *name) {
    return domain_export_to(name, 0);
}

/* The serial domain when it runs on this core, else the monitor, which passes the text on. */
static err_t console_open(void) {
    if (console_binding.endpoint != CAP_NULL) {
        return ERR_OK;
    }
    console_operation = SERIAL_WRITE;
    if (dispatcher_frame()->core == 0 && domain_bind(SERIAL_NAME, 0, &console_binding) == ERR_OK) {
        return ERR_OK;
    }
    console_operation = MONITOR_CONSOLE;
    return domain_monitor(&console_binding);
}

err_t console_write(const char *text, size_t size) {
    TRY(console_open());
    for (size_t done = 0; done < size; done += SERIAL_WRITE_PIECE) {
        struct lrpc_call call = {.operation = console_operation};
        call.request[0] = MIN(size - done, (size_t)SERIAL_WRITE_PIECE);
        memcpy(&call.request[1], text + done, call.request[0]);
        TRY(lrpc_call(&console_binding, &call));
    }
    return ERR_OK;
}

err_t console_print(const char *format, ...) {
    char text[PRINT_LINE];
    va_list args;
    va_start(args, format);
    print_text_args(text, sizeof(text), format, args);
    va_end(args);
    return console_write(text, strlen(text));
}

void domain_exit(int status) {
    uint64_t word[LRPC_WORDS] = {MONITOR_EXIT, (uint64_t)(int64_t)status};
    if (domain_args() != NULL) {
        (void)lrpc_send(CAP_MONITOR, CAP_NULL, word, time_deadline(1000));
    }
    dispatcher_end();
}

void die(const char *format, ...) {
    char text[PRINT_LINE];
    va_list args;
    va_start(args, format);
    print_text_args(text, sizeof(text), format, args);
    va_end(args);
    const struct domain_args *own = domain_args();
    if (own == NULL) {
        log_line("%s", text);
    } else {
        (void)console_print("%s: %s\n", own->text, text);
    }
    domain_exit(1);
}
