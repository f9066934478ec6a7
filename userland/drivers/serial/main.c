/* The serial console's domain: owns COM1, writes what others print, edits the line that someone reads.
   One reader at a time; more wait their turn. Bytes typed while nobody reads are kept for the next reader. */
#include <if/serial_server.h>
#include <skerry/domain.h>
#include <skerry/event.h>
#include <skerry/string.h>
#include <skerry/sync.h>
#include <skerry/time.h>

#include "drivers/serial/editor.h"
#include "drivers/serial/uart.h"

#define TYPED_AHEAD 1024
#define LINE_MS 50
#define OUT_MAX (2 * SERIAL_WRITE_MAX)

static struct editor editor;
static bool reading;  /* a reader's line is being edited */
static bool shown;    /* and it is on the screen */
static bool finished; /* and it is done, with `outcome` */
static err_t outcome;
static uint32_t line_writer; /* whose line has begun; 0: nobody's */
static struct fibre_queue line_over;
static struct mutex turn;                /* one reader at a time */
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

/* Pieces of a line come one by one; what others write meanwhile waits, but not for ever. */
static void await_line(struct service_call *call, uint32_t writer) {
    uint64_t deadline = time_deadline(LINE_MS);
    while (line_writer != 0 && line_writer != writer) {
        if (!service_wait(call, &line_over, deadline)) {
            break;
        }
    }
}

static void line_goes_on(uint32_t writer, bool over) {
    line_writer = over ? 0 : writer;
    fibre_wake_all(&line_over);
}

static void write(const char *text, size_t size) {
    char converted[OUT_MAX];
    size_t length = 0;
    for (size_t i = 0; i < size; i++) {
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
}

static err_t write_for(struct service_call *call, uint32_t writer, const char *text, size_t size) {
    if (size > 0) {
        await_line(call, writer);
        write(text, size);
        line_goes_on(writer, text[size - 1] == '\n');
    }
    return ERR_OK;
}

err_t serial_serve_write(struct service_call *call, const void *text, size_t size) {
    return write_for(call, (uint32_t)call->client->domain, text, size);
}

err_t serial_serve_pass(struct service_call *call, uint32_t writer, const void *text, size_t size) {
    return write_for(call, writer, text, size);
}

/* A reader that ended, or waits no longer, must not keep the next one waiting. */
static err_t edit_line(struct service_call *call) {
    edit();
    while (!finished) {
        if (!service_wait(call, &reader_wakeup, 0)) {
            if (shown) {
                uart_write("\r\n", 2);
            }
            return ERR_CANCELLED;
        }
    }
    return outcome;
}

err_t serial_serve_readline(struct service_call *call, const char *prompt, char line[static SERIAL_LINE_MAX + 1]) {
    mutex_lock(&turn);
    await_line(call, (uint32_t)call->client->domain);
    reading = shown = true;
    finished = false;
    editor_begin(&editor, prompt);
    err_t err = edit_line(call);
    reading = shown = false;
    memcpy(line, editor.line, editor.length);
    line[editor.length] = '\0';
    mutex_unlock(&turn);
    return err;
}

static struct service service = {.interface = &serial_service};

int main(int argc, char **argv) {
    (void)argc, (void)argv;
    editor.put = uart_write;
    err_t err = uart_open();
    if (err == ERR_OK) {
        err = service_export(&service);
    }
    if (err != ERR_OK) {
        die("%s", err_doc(err));
    }
    for (;;) {
        take_input();
        (void)notification_wait(UART_IRQ_BIT, 0);
    }
}
