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
    /* May this core be started by that one, as far as the protocol goes? NULL: yes. */
    bool (*may_restart)(unsigned core, unsigned by);
    void (*check_step)(void);
    void (*check_end)(void);
};

/* In the order of the scenario's numbers. */
extern const struct protocol protocol_locks, protocol_keys, protocol_caps, protocol_maps, protocol_texts, protocol_land;

/* member.c: the membership protocol, where the scenario has it; without it views come from nowhere (EVENT_DECLARE, _TELL). */
#define MEMBER_CLIENT (AGREE_CLIENTS - 1)
extern const struct agree_client member_client;
void member_begin(unsigned core);
bool member_may_fence(unsigned fencer, unsigned core);
void member_fence(unsigned fencer, unsigned core);
bool member_may_restart(unsigned core);
void member_restart(unsigned core);
void member_check(void);
bool member_agreed(void);

const struct protocol *protocol(void);

/* The context that clients get is a node: its number. */
unsigned node_of(const void *context);

/* The scenario's operation as a request of the engine, with its number as the cookie. */
struct agree_request request_of(unsigned op);
