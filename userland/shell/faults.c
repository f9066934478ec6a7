/* `panic` and `crash`: cores that fail on purpose. */
#include <skerry/fibre.h>
#include <skerry/print.h>
#include <skerry/string.h>
#include <skerry/time.h>

#include "shell/progress.h"
#include "shell/shell.h"

#define OWN_CORE_MS 5000 /* the shell's own core is gone long before */

static const struct {
    const char *name;
    uint64_t kind;
} kinds[] = {
    {"panic", CRASH_KIND_PANIC}, {"assert", CRASH_KIND_ASSERT},       {"wild", CRASH_KIND_WILD_STORE},
    {"hang", CRASH_KIND_HANG},   {"triple", CRASH_KIND_TRIPLE_FAULT}, {"undefined", CRASH_KIND_UNDEFINED},
    {"stack", CRASH_KIND_STACK}, {"deaf", CRASH_KIND_DEAF},
};

static enum status crash(const char *word, uint64_t kind, uint64_t argument) {
    coreid_t core;
    if (!parse_core(word, &core)) {
        return STATUS_FAILED;
    }
    uint64_t request[3] = {core, kind, argument}, reply[LRPC_PAYLOAD - 1];
    if (core == machine->core) {
        progress_keep();
    }
    err_t err = ask(MONITOR_CRASH, request, 3, reply);
    if (err != ERR_OK) {
        return complain("core %u: %s", core, core_trouble(err));
    }
    printf("core %u: told to fail\n", core);
    if (core != machine->core) {
        return STATUS_OK;
    }
    fibre_sleep_until(time_deadline(OWN_CORE_MS));
    return complain("core %u lives on", core);
}

enum status command_panic(unsigned count, char **words) {
    if (count != 2) {
        return complain("panic wants one core: `panic 2`");
    }
    return crash(words[1], CRASH_KIND_PANIC, 0);
}

enum status command_crash(unsigned count, char **words) {
    uint64_t argument = 0;
    if (count < 3 || count > 4) {
        return complain("crash wants a core and a kind: `crash 2 hang`");
    }
    if (count == 4 && !string_to_u64(words[3], &argument)) {
        return complain("'%s' is not an address: give a number, or 0x and hexadecimal digits", words[3]);
    }
    for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++) {
        if (strcmp(kinds[i].name, words[2]) == 0) {
            return crash(words[1], kinds[i].kind, argument);
        }
    }
    return complain("no kind '%s': one of panic, assert, wild, hang, triple, undefined, stack, deaf", words[2]);
}
