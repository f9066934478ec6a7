/* How far the commands of a run have come when one of them ends the core that the shell is on: kept in the machine's table of keys,
   so that the shell that starts anew on another core goes on behind it. When a core dies that nobody told to, there is nothing,
   and the run has failed. */
#ifndef SHELL_PROGRESS_H
#define SHELL_PROGRESS_H

#include "shell/shell.h"

struct progress {
    unsigned number;   /* the command that runs, from 1 on */
    enum status worst; /* of those before */
};

/* This command runs now. */
void progress_at(const struct progress *progress);

/* It is about to end the core that the shell is on. With a person at the keyboard there is nothing to keep. */
void progress_keep(void);

/* What the shell before this one has kept; it is kept no longer. False: nothing. */
[[nodiscard]] bool progress_take(struct progress *progress);

#endif
