/* The monitor's binding, names, printing, and the end of the domain. */
#include <abi/stubs.h>
#include <if/serial_client.h>
#include <skerry/domain.h>
#include <skerry/fibre.h>
#include <skerry/log.h>
#include <skerry/print.h>
#include <skerry/slots.h>
#include <skerry/string.h>
#include <skerry/time.h>

#include "lib/domain_internal.h"

static struct lrpc_binding monitor_binding;
static struct binding console_binding;
static bool console_opened, console_serial;

err_t domain_monitor(struct lrpc_binding *monitor) {
    if (monitor_binding.endpoint == CAP_NULL) {
        TRY(lrpc_bind(CAP_MONITOR, &monitor_binding));
    }
    *monitor = monitor_binding;
    return ERR_OK;
}

err_t domain_ask(struct lrpc_call *call) {
    struct lrpc_binding monitor;
    TRY(domain_monitor(&monitor));
    return lrpc_call(&monitor, call);
}

err_t domain_show(struct lrpc_call *call, capaddr_t cap) {
    TRY(slot_copy(cap, &call->cap));
    err_t err = domain_ask(call);
    if (call->cap != CAP_NULL) {
        slot_release(call->cap);
        call->cap = CAP_NULL;
    }
    return err;
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

err_t domain_bind(const char *name, uint64_t deadline_ms, struct lrpc_binding *binding) {
    struct lrpc_call call = {.operation = MONITOR_LOOKUP};
    TRY(domain_name_words(name, call.request));
    call.request[2] = deadline_ms;
    TRY(domain_ask(&call));
    if (call.reply_cap == CAP_NULL) {
        return ERR_FORMAT;
    }
    err_t err = lrpc_bind(call.reply_cap, binding);
    if (err != ERR_OK) {
        slot_release(call.reply_cap);
    }
    return err;
}

err_t domain_export_to(const char *name, uint64_t takes_channels) {
    struct lrpc_call call = {.operation = MONITOR_EXPORT, .request[MONITOR_NAME_WORDS] = takes_channels};
    TRY(domain_name_words(name, call.request));
    TRY(lrpc_endpoint(0, RIGHT_WRITE | RIGHT_GRANT, &call.cap));
    return domain_ask(&call);
}

err_t domain_supervise(enum monitor_supervision rule) {
    struct lrpc_call call = {.operation = MONITOR_SUPERVISE, .request = {rule}};
    return domain_ask(&call);
}

err_t domain_export(const char *name) {
    return domain_export_to(name, 0);
}

/* The serial domain when it runs on this core, else the monitor, which passes the text on. */
static err_t console_open(void) {
    struct lrpc_binding monitor;
    if (console_opened) {
        return ERR_OK;
    }
    console_serial = dispatcher_frame()->core == 0 && serial_bind(&console_binding, 0) == ERR_OK;
    TRY(domain_monitor(&monitor));
    console_opened = true;
    return ERR_OK;
}

static err_t write_piece(const char *text, size_t size) {
    if (console_serial) {
        return serial_call_write(&console_binding, text, size);
    }
    struct lrpc_call call = {.operation = MONITOR_CONSOLE, .request[0] = size};
    memcpy(&call.request[1], text, size);
    return lrpc_call(&monitor_binding, &call);
}

err_t console_write(const char *text, size_t size) {
    TRY(console_open());
    for (size_t done = 0; done < size; done += SERIAL_WRITE_MAX) {
        TRY(write_piece(text + done, MIN(size - done, (size_t)SERIAL_WRITE_MAX)));
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
