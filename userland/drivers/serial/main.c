/* The serial console's domain: owns COM1, writes what others print, edits the line that someone reads.
   One reader at a time; more wait their turn. Bytes typed while nobody reads are kept for the next reader. */
#include <if/serial.h>
#include <skerry/domain.h>
#include <skerry/event.h>
#include <skerry/string.h>

#include "drivers/serial/editor.h"
#include "drivers/serial/uart.h"

#define TYPED_AHEAD 1024
#define OUT_MAX (2 * SERIAL_WRITE_PIECE)

static struct editor editor;
static bool reading;  /* a reader's line is being edited */
static bool shown;    /* and it is on the screen */
static bool finished; /* and it is done, with `outcome` */
static err_t outcome;
static uint64_t reader;                  /* its badge */
static struct fibre_queue readers;       /* wait for their turn */
static struct fibre_queue reader_wakeup; /* the one whose turn it is */
static char typed[TYPED_AHEAD];
static size_t typed_count;

/* Feeds what was typed to the editor until the line is done; the rest waits for the next reader. */
static void edit(void) {
    size_t used = 0;
    while (reading && !finished && used < typed_count) {
        if (!shown) {
            editor_show(&editor);
        }
        shown = true;
        enum editor_result result = editor_key(&editor, typed[used++]);
        finished = result != EDITOR_MORE;
        outcome = result == EDITOR_CANCELLED ? ERR_CANCELLED : ERR_OK;
    }
    memmove(typed, typed + used, typed_count - used);
    typed_count -= used;
    if (finished) {
        (void)fibre_wake(&reader_wakeup);
    }
}

static void take_input(void) {
    char byte;
    while (uart_read(&byte)) {
        if (typed_count < TYPED_AHEAD) {
            typed[typed_count++] = byte;
        }
    }
    edit();
}

static err_t write(const struct lrpc_request *request) {
    const char *text = (const char *)&request->payload[1];
    uint64_t size = request->payload[0];
    char converted[OUT_MAX];
    size_t length = 0;
    if (size > SERIAL_WRITE_PIECE) {
        return ERR_ARGUMENT;
    }
    for (uint64_t i = 0; i < size; i++) {
        if (text[i] == '\n') {
            converted[length++] = '\r';
        }
        converted[length++] = text[i];
    }
    bool editing = reading && !finished;
    if (editing && shown) {
        editor_hide(&editor);
    }
    uart_write(converted, length);
    shown = editing && size > 0 && text[size - 1] == '\n';
    if (shown) {
        editor_show(&editor);
    }
    return ERR_OK;
}

/* Payload: length of the line, then 48 bytes from `offset` on. */
static void reply_line(const struct lrpc_request *request, err_t error, uint64_t offset) {
    uint64_t words[1 + SERIAL_READ_PIECE / 8] = {editor.length};
    struct lrpc_answer answer = {.error = error, .words = ARRAY_SIZE(words), .word = words};
    if (error == ERR_OK && offset < editor.length) {
        memcpy(&words[1], editor.line + offset, MIN(editor.length - offset, (size_t)SERIAL_READ_PIECE));
    }
    lrpc_reply(request, &answer);
}

/* A reader that ended before its line did must not keep the next one waiting. */
static void cancel_if_gone(void) {
    if (!finished && lrpc_client_gone(reader)) {
        if (shown) {
            uart_write("\r\n", 2);
        }
        finished = true;
        outcome = ERR_CANCELLED;
        (void)fibre_wake(&reader_wakeup);
    }
}

static void read_line(const struct lrpc_request *request) {
    char prompt[SERIAL_PROMPT_MAX + 1];
    uint64_t size = request->payload[0];
    if (size > SERIAL_PROMPT_MAX) {
        return lrpc_reply_error(request, ERR_ARGUMENT);
    }
    memcpy(prompt, &request->payload[1], size);
    prompt[size] = '\0';
    while (reading) {
        cancel_if_gone();
        (void)fibre_wait(&readers, 0);
    }
    if (lrpc_client_gone(request->badge)) {
        (void)fibre_wake(&readers);
        return;
    }
    reader = request->badge;
    reading = shown = true;
    finished = false;
    editor_begin(&editor, prompt);
    edit();
    while (!finished) {
        (void)fibre_wait(&reader_wakeup, 0);
    }
    reading = shown = false;
    reply_line(request, outcome, 0);
    (void)fibre_wake(&readers);
}

static void serve(const struct lrpc_request *request) {
    if (request->operation == SERIAL_WRITE) {
        lrpc_reply_error(request, write(request));
    } else if (request->operation == SERIAL_READLINE) {
        read_line(request);
    } else if (request->operation == SERIAL_READ_MORE) {
        reply_line(request, ERR_OK, request->payload[0]);
    } else {
        lrpc_reply_error(request, ERR_UNSUPPORTED);
    }
}

int main(int argc, char **argv) {
    (void)argc, (void)argv;
    editor.put = uart_write;
    err_t err = uart_open();
    if (err == ERR_OK) {
        lrpc_serve(serve);
        err = domain_export(SERIAL_NAME);
    }
    if (err != ERR_OK) {
        die("%s", err_doc(err));
    }
    for (;;) {
        take_input();
        (void)notification_wait(UART_IRQ_BIT, 0);
    }
}
