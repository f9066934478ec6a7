/* What the cores agree on: one protocol, its clients of the engine, and what must hold of it. */
#pragma once

#include "world.h"

struct protocol {
    const struct agree_client *client[AGREE_CLIENTS];
    size_t state; /* bytes of a core's state that count */
    void (*begin)(unsigned core);
    /* An operation of the scenario, at its core. */
    void (*submit)(unsigned core, unsigned op);
    /* Something that a client has put off; false: nothing is. `act`: do it. */
    bool (*answer)(unsigned core, bool act);
    void (*check_step)(void);
    void (*check_end)(void);
};

extern const struct protocol protocol_locks;

const struct protocol *protocol(void);

/* The context that clients get is a node: its number. */
unsigned node_of(const void *context);

/* The scenario's operation as a request of the engine, with its number as the cookie. */
struct agree_request request_of(unsigned op);
