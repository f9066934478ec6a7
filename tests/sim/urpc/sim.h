/* Two ends of a channel, step by step. A step is one access to the frame, a store leaving a store buffer, or the end of a block.
   What an end does depends on nothing but what it has read, so a state is the frame, the store buffers, the wake-ups under
   way, and all that each end has read so far. */
#ifndef SIM_URPC_SIM_H
#define SIM_URPC_SIM_H

#include <skerry/urpc.h>

#define ENDS 2
#define FRAME_WORDS 192

enum sim_break { BREAK_NOTHING, BREAK_EXCHANGE, BREAK_REPLACE, BREAK_BUFFER };

struct scenario {
    unsigned slots, slot; /* of a ring, bytes of one */
    unsigned words;       /* of a message */
    uint64_t sends[ENDS]; /* messages */
    bool echo;            /* end 1 sends only when it has received */
    enum sim_break broken;
};

struct outcome {
    const char *failure;                       /* NULL: none */
    unsigned enabled[512], chosen[512], steps; /* the choices */
    bool known;                                /* it came to a state that had been seen */
};

/* The whole of a run by these first choices and 0 from then on. `seen` says whether a state is new, and keeps it. */
void sim_run(const struct scenario *scenario, const unsigned *choices, unsigned count, bool (*seen)(uint64_t state),
             struct outcome *outcome);

/* For the ends: waits until the other one has woken this one. */
void sim_block(void);
void sim_wake(struct urpc *urpc);
struct urpc *sim_urpc(unsigned end);

/* What an end does; the text of what went wrong, or NULL. ends.c */
const char *end_play(unsigned end, const struct scenario *scenario);

#endif
