/* The shell. Interactive on the serial console, or, when the kernel command line has run=COMMANDS (percent-encoded,
   separated by ';'), through those and then power off; there each command stands between marks with the run's id, so
   that a script can tell its output from anything else. Started `again`, on another core, because the one before ended with
   its core, it goes on where that was. */
#include <if/serial_client.h>
#include <skerry/domain.h>
#include <skerry/print.h>
#include <skerry/string.h>

#include "shell/progress.h"
#include "shell/shell.h"
#include "shell/text.h"

#define CMDLINE_MAX 2048
#define RUN_ID_MAX 64
#define SERIAL_WAIT_MS 60000
#define PROMPT "skerry> "

static struct machine this_machine;
const struct machine *machine = &this_machine;
bool shell_ends;

static struct lrpc_binding monitor;
static struct binding serial;

err_t ask(uint16_t operation, const uint64_t *request, unsigned words, uint64_t reply[LRPC_PAYLOAD - 1]) {
    struct lrpc_call call = {.operation = operation};
    for (unsigned i = 0; i < words; i++) {
        call.request[i] = request[i];
    }
    TRY(lrpc_call(&monitor, &call));
    memcpy(reply, &call.reply[1], sizeof(call.reply) - sizeof(call.reply[0]));
    return ERR_OK;
}

enum status complain(const char *format, ...) {
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    printf("error: %s\n", text);
    return STATUS_FAILED;
}

const char *core_trouble(err_t err) {
    switch (err) {
    case ERR_NOT_FOUND:
        return "a core that was not started: `cores` says why";
    case ERR_PEER_DEAD:
    case ERR_TIMEOUT:
        return "no answer in time: `cores` says who answers";
    default:
        return err_doc(err);
    }
}

bool parse_core(const char *word, coreid_t *core) {
    uint64_t value;
    char range[32] = "core 0 only";
    if (machine->cores > 1) {
        snprintf(range, sizeof(range), "cores 0 to %u", machine->cores - 1);
    }
    if (!string_to_u64(word, &value)) {
        (void)complain("'%s' is not a core's number: this machine has %s", word, range);
    } else if (value >= machine->cores) {
        (void)complain("no core %lu: this machine has %s", value, range);
    } else {
        *core = (coreid_t)value;
        return true;
    }
    return false;
}

static err_t open_machine(void) {
    uint64_t reply[LRPC_PAYLOAD - 1];
    TRY(domain_monitor(&monitor));
    TRY(serial_bind(&serial, SERIAL_WAIT_MS));
    TRY(ask(MONITOR_ABOUT, NULL, 0, reply));
    this_machine = (struct machine){(coreid_t)reply[0], domain_args()->domain, (uint32_t)reply[1], reply[2], reply[3]};
    return ERR_OK;
}

/* Says how many cores run, and why others do not. */
static void print_banner(const char *run_id) {
    unsigned running = 0, without_image = 0;
    for (uint64_t core = 0; core < machine->cores; core++) {
        uint64_t reply[LRPC_PAYLOAD - 1];
        if (ask(MONITOR_CORE, &core, 1, reply) != ERR_OK) {
            continue;
        }
        running += reply[0] == MONITOR_CORE_ANSWERING;
        without_image += reply[0] == MONITOR_CORE_NOT_STARTED && reply[6] == ERR_NOT_FOUND;
    }
    if (run_id != NULL) {
        printf("Skerry %s: %u core%s, `help` lists the commands\n", run_id, running, running == 1 ? "" : "s");
    }
    if (without_image > 0) {
        printf("This machine has %u cores, the archive has images for %u: running with those\n", machine->cores,
               machine->cores - without_image);
    }
    unsigned failed = machine->cores - running - without_image;
    if (failed > 0) {
        printf("%u core%s did not start: `cores` says why\n", failed, failed == 1 ? "" : "s");
    }
}

static void power_off(enum status status) {
    uint64_t code = status == STATUS_OK ? GUEST_EXIT_SUCCESS : GUEST_EXIT_FAILURE, reply[LRPC_PAYLOAD - 1];
    err_t err = ask(MONITOR_POWEROFF, &code, 1, reply);
    printf("this machine does not power off: %s\n", err_doc(err));
}

static enum status run_one(const char *run_id, unsigned number, char *command) {
    printf("@@ %s begin %u ", run_id, number);
    (void)console_write(command, strlen(command)); /* may be longer than printf takes */
    printf("\n");
    enum status status = shell_run(command);
    printf("@@ %s end %u status %d\n", run_id, number, status);
    return status;
}

/* The command with which the shell before this one ended has done what it should. */
static bool take_up(const char *run_id, struct progress *before) {
    if (!progress_take(before)) {
        (void)complain("the core that the shell was on died: the rest is not run");
        return false;
    }
    printf("@@ %s end %u status %d\n", run_id, before->number, STATUS_OK);
    return true;
}

static enum status run_commands(const char *run_id, char *commands, bool again) {
    struct progress before = {0};
    bool goes_on = !again || take_up(run_id, &before);
    enum status worst = goes_on ? before.worst : STATUS_FAILED;
    unsigned number = 0;
    for (char *command; goes_on && !shell_ends && (command = text_next_command(&commands)) != NULL;) {
        if (*command == '\0' || ++number <= before.number) {
            continue;
        }
        struct progress here = {.number = number, .worst = worst};
        progress_at(&here);
        enum status status = run_one(run_id, number, command);
        worst = MAX(worst, status);
    }
    printf("@@ %s done status %d\n", run_id, worst);
    return worst;
}

static void interact(void) {
    char line[SERIAL_LINE_MAX + 1];
    while (!shell_ends) {
        err_t err = serial_call_readline(&serial, PROMPT, line);
        if (err != ERR_OK && err != ERR_CANCELLED) {
            die("the console is gone: %s", err_doc(err));
        }
        char *rest = err == ERR_OK ? line : NULL;
        for (char *command; !shell_ends && (command = text_next_command(&rest)) != NULL;) {
            (void)shell_run(command);
        }
    }
}

int main(int argc, char **argv) {
    static char run_id[RUN_ID_MAX], commands[CMDLINE_MAX];
    const char *cmdline = argc > 1 ? argv[1] : "";
    uint64_t baseline[LRPC_PAYLOAD - 1];
    err_t err = open_machine();
    if (err != ERR_OK) {
        die("no console: %s", err_doc(err));
    }
    if (!text_option(cmdline, "run_id", run_id, sizeof(run_id))) {
        snprintf(run_id, sizeof(run_id), "%016lx", machine->run_id);
    }
    knowledge_wait();
    bool again = argc > 2, counted = text_option(cmdline, "run", commands, sizeof(commands));
    if (!again) {
        (void)ask(MONITOR_LEAKS_BASELINE, NULL, 0, baseline);
        print_banner(counted ? NULL : run_id);
    }
    enum status status = STATUS_OK;
    if (counted && !text_percent_decode(commands)) {
        status = complain("run= is not well percent-encoded");
        printf("@@ %s done status %d\n", run_id, status);
    } else if (counted) {
        status = run_commands(run_id, commands, again);
    } else {
        interact();
    }
    power_off(status);
    return 1;
}
