/* How far the commands of a run have come, kept in the machine's table of keys: a shell that starts anew on another core, when its
   own has died, goes on behind the command in which that happened. On a machine of one core, and with a person at the keyboard,
   there is nothing to keep. */
#ifndef SHELL_PROGRESS_H
#define SHELL_PROGRESS_H

#include "shell/shell.h"

struct progress {
    unsigned number;   /* the command that runs, from 1 on */
    enum status worst; /* of those before */
    bool ends_shell;   /* it is meant to end the core that the shell is on */
};

/* Written down before the command runs. */
void progress_put(const struct progress *progress);

/* Of the shell that ran before; the first command, when nothing was written down. */
struct progress progress_get(void);

/* For commands that end the core that the shell is on: so it is no failure. */
void progress_expect_end(void);

#endif
