/* What the two ends do: send their messages in order, take the other's, and sleep whenever there is nothing to do. */
#include "sim.h"

static uint64_t word_of(unsigned end, uint64_t number, unsigned i) {
    return end * 1000 + number * 10 + i + 1;
}

static err_t send(unsigned end, const struct scenario *scenario, uint64_t number) {
    struct urpc_message message = {.type = (uint16_t)(5 + end), .words = (uint16_t)scenario->words};
    for (unsigned i = 0; i < scenario->words; i++) {
        message.word[i] = word_of(end, number, i);
    }
    return urpc_send(sim_urpc(end), &message);
}

static const char *check(unsigned from, const struct scenario *scenario, uint64_t number,
                         const struct urpc_message *m) {
    bool right = m->type == 5 + from && m->words == scenario->words;
    for (unsigned i = 0; i < scenario->words; i++) {
        right &= m->word[i] == word_of(from, number, i);
    }
    return right ? NULL : "a message is lost, double or torn";
}

const char *end_play(unsigned end, const struct scenario *scenario) {
    struct urpc *urpc = sim_urpc(end);
    uint64_t sent = 0, taken = 0, sends = scenario->sends[end], takes = scenario->sends[1 - end];
    while (sent < sends || taken < takes) {
        struct urpc_message message = {0};
        bool may_send = sent < sends && (!scenario->echo || sent < taken + (end == 0));
        if (may_send && send(end, scenario, sent) == ERR_OK) {
            sent++;
            continue;
        }
        err_t err = urpc_receive(urpc, &message);
        if (err == ERR_OK) {
            const char *failure = check(1 - end, scenario, taken++, &message);
            if (failure != NULL) {
                return failure;
            }
            continue;
        }
        if (err != ERR_NOT_READY) {
            return "a broken channel";
        }
        if (urpc_sleep(urpc, may_send ? (int)scenario->words : URPC_NO_ROOM)) {
            sim_block();
            urpc_awake(urpc);
        }
    }
    return NULL;
}
