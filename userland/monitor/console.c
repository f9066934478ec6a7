/* One message after the other: the writer waits for each, so its text stays in order. */
#include "monitor/console.h"

#include <if/monitor.h>
#include <if/serial_client.h>
#include <skerry/fibre.h>
#include <skerry/held.h>
#include <skerry/log.h>
#include <skerry/print.h>
#include <skerry/slots.h>
#include <skerry/string.h>

#include "monitor/home.h"
#include "monitor/machine.h"
#include "monitor/names.h"

static struct binding serial;

/* The monitor is a client of the serial domain like any other; its badge there is its own number, which no domain has. */
static err_t bind_serial(void) {
    struct name name = {{0}};
    capaddr_t endpoint;
    if (serial.kind != BINDING_NONE) {
        return ERR_OK;
    }
    memcpy(name.word, SERIAL_SERVICE, strlen(SERIAL_SERVICE));
    TRY(names_find(&name, MONITOR_BADGE(this_core()), 0, &endpoint));
    err_t err = binding_open_endpoint(&serial, &serial_interface, endpoint);
    if (err != ERR_OK) {
        slot_release(endpoint);
        return err;
    }
    held_for_good(1, 0);
    return ERR_OK;
}

static err_t to_serial(uint32_t writer, const char *text, size_t size) {
    if (!home_await_services()) {
        return ERR_TIMEOUT;
    }
    TRY(bind_serial());
    for (size_t done = 0; done < size; done += SERIAL_PASS_MAX) {
        TRY(serial_call_pass(&serial, writer, text + done, MIN(size - done, (size_t)SERIAL_PASS_MAX)));
    }
    return ERR_OK;
}

static err_t to_home(coreid_t at, uint32_t writer, const char *text, size_t size) {
    for (size_t done = 0; done < size; done += PEER_CONSOLE_PIECE) {
        struct peer_call call = {.to = at, .operation = PEER_CONSOLE};
        call.request[0] = MIN(size - done, (size_t)PEER_CONSOLE_PIECE) | (uint64_t)writer << 32;
        memcpy(&call.request[1], text + done, call.request[0] & UINT32_MAX);
        TRY(peer_call(&call));
    }
    return ERR_OK;
}

static bool may_move(err_t err) {
    return err == ERR_PEER_DEAD || err == ERR_TIMEOUT || err == ERR_NOT_FOUND;
}

/* When a home dies in mid-text its beginning may come twice, but none of it is lost. */
err_t console_pass(uint32_t writer, const char *text, size_t size) {
    if (size > MONITOR_CONSOLE_PIECE) {
        return ERR_ARGUMENT;
    }
    err_t err;
    coreid_t at;
    do {
        at = home();
        err = is_home() ? to_serial(writer, text, size) : to_home(at, writer, text, size);
    } while (may_move(err) && home_other_than(at));
    if (err != ERR_OK && size > 0) { /* perhaps somebody's last words */
        log_line("(no console) %.*s", (int)(size - (text[size - 1] == '\n')), text);
    }
    return err;
}

void console_line(const char *format, ...) {
    char line[160];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof(line) - 1, format, args);
    va_end(args);
    log_line("%s", line);
    size_t length = strlen(line);
    line[length++] = '\n';
    for (size_t at = 0; at < length; at += MONITOR_CONSOLE_PIECE) {
        if (console_pass(MONITOR_BADGE(this_core()), line + at, MIN(length - at, (size_t)MONITOR_CONSOLE_PIECE)) !=
            ERR_OK) {
            return;
        }
    }
}

err_t console_serve(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]) {
    (void)reply;
    if (!is_home() || (uint32_t)request->word[0] > PEER_CONSOLE_PIECE) {
        return ERR_ARGUMENT;
    }
    return to_serial((uint32_t)(request->word[0] >> 32), (const char *)&request->word[1], (uint32_t)request->word[0]);
}
