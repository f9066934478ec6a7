/* The first command is not written down: a run of one has nothing to go on with, and pays nothing. */
#include "shell/progress.h"

#include <skerry/keys.h>
#include <skerry/string.h>

#define KEY "\x01shell"
#define DEADLINE_MS 10000
#define ENDS_SHELL (1u << 8)
#define NUMBER_SHIFT 16

static struct progress now;

/* What is not known to the others is started from its beginning. */
static void write(void) {
    uint64_t key, value = (uint64_t)now.number << NUMBER_SHIFT | (now.ends_shell ? ENDS_SHELL : 0) | now.worst;
    if (machine->cores > 1 && key_from_text(KEY, &key) == ERR_OK) {
        (void)key_put(key, value, DEADLINE_MS);
    }
}

void progress_put(const struct progress *progress) {
    now = *progress;
    if (now.number > 1) {
        write();
    }
}

struct progress progress_get(void) {
    uint64_t key, value;
    if (key_from_text(KEY, &key) != ERR_OK || key_read(key, DEADLINE_MS, &value) != ERR_OK) {
        return (struct progress){.number = 1};
    }
    return (struct progress){(unsigned)(value >> NUMBER_SHIFT), (value & 1) != 0 ? STATUS_FAILED : STATUS_OK,
                             (value & ENDS_SHELL) != 0};
}

void progress_expect_end(void) {
    if (now.number > 0) {
        now.ends_shell = true;
        write();
    }
}
