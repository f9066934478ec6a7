/* A value: the command's number, and above it the status. */
#include "shell/progress.h"

#include <skerry/keys.h>

#define KEY "\x01shell"
#define DEADLINE_MS 10000
#define FAILED (1ul << 32)

static struct progress now;

void progress_at(const struct progress *progress) {
    now = *progress;
}

/* If it does not reach the others, the run ends there. */
void progress_keep(void) {
    uint64_t key, value = now.number | (now.worst != STATUS_OK ? FAILED : 0);
    if (now.number > 0 && machine->cores > 1 && key_from_text(KEY, &key) == ERR_OK) {
        (void)key_put(key, value, DEADLINE_MS);
    }
}

bool progress_take(struct progress *progress) {
    uint64_t key, value;
    if (key_from_text(KEY, &key) != ERR_OK || key_read(key, DEADLINE_MS, &value) != ERR_OK) {
        return false;
    }
    *progress = (struct progress){(unsigned)value, (value & FAILED) != 0 ? STATUS_FAILED : STATUS_OK};
    return key_put(key, 0, DEADLINE_MS) == ERR_OK;
}
