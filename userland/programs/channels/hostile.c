/* Random words over the frames of channels to a service that has an honest client as well. */
#include <abi/stubs.h>
#include <skerry/domain.h>
#include <skerry/print.h>
#include <skerry/time.h>

#include "programs/channels/channels.h"

#define WORDS 64    /* written before it is asked how the service is */
#define TRIES 10000 /* rounds of these, until a channel is broken */

static uint64_t seed = 1;

static void must(err_t err, const char *what) {
    if (err != ERR_OK) {
        die("%s: %s", what, err_name(err));
    }
}

static uint64_t chance(void) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return seed >> 20 ^ seed << 40;
}

/* Anything, or nearly a header: of the first laps, with any flags. */
static void spray(const struct bind_channel *bound) {
    volatile uint64_t *frame = bound->memory;
    for (unsigned i = 0; i < WORDS; i++) {
        uint64_t word = chance(), at = chance() % (bound->size / sizeof(word));
        frame[at] = chance() % 2 == 0 ? word : word & 0xffffff870003ffff;
    }
    if (bound->wake.core != CAP_NULL) {
        (void)core_notify(bound->wake.core);
    }
}

static uint64_t broken_so_far(struct client *honest) {
    struct urpc_message question = {.type = CHANNELS_BROKEN};
    must(client_ask(honest, &question), "the honest client");
    return honest->answer.word[0];
}

int hostile(uint64_t rounds) {
    static struct client honest, wild;
    must(client_open(&honest), "bind");
    for (uint64_t round = 0; round < rounds; round++) {
        must(client_open(&wild), "bind");
        for (unsigned tries = 0; broken_so_far(&honest) == round; tries++) {
            if (tries == TRIES) {
                die("round %lu: the service notices nothing", round);
            }
            if (!wild.gone) {
                spray(wild.bound);
            }
        }
        client_close(&wild);
    }
    struct urpc_message echo = {.type = CHANNELS_ECHO, .words = 1, .word = {rounds}};
    must(client_ask(&honest, &echo), "echo");
    printf("hostile: %lu channels broken, each closed by its peer, which still answers\n", broken_so_far(&honest));
    client_close(&honest);
    must(service_end(), "end of the service");
    return honest.answer.word[0] == rounds ? 0 : 1;
}
