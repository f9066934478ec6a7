/* Does what the leader says, a command at a time. */
#include "programs/shares/shares.h"

#include <abi/stubs.h>
#include <skerry/channel.h>
#include <skerry/domain.h>
#include <skerry/event.h>
#include <skerry/heap.h>
#include <skerry/print.h>
#include <skerry/slots.h>
#include <skerry/time.h>

#define LATER_MS 1500

struct leader {
    struct channel channel; /* first */
    struct bind_channel *bound;
};

struct order {
    struct leader *leader;
    uint64_t word[3];
};

static void run(void *argument) {
    const struct order *order = argument;
    uint64_t words[STATUS_WORDS] = {order->word[0]};
    switch ((enum command)order->word[0]) {
    case COMMAND_STORM:
        share_storm(order->word[1], order->word[2]);
        break;
    case COMMAND_STATUS:
        share_status(words);
        break;
    case COMMAND_RACE:
        words[1] = share_race();
        break;
    case COMMAND_CLEAN:
        share_clean();
        break;
    case COMMAND_SEND:
        words[1] = shared_cap_send(order->leader->bound, 0, share.cap);
        break;
    case COMMAND_DROP:
        share_drop();
        break;
    case COMMAND_WATCH:
        share_watch(order->word[1] != 0);
        break;
    }
    struct urpc_message reply = {.type = 1, .words = STATUS_WORDS};
    __builtin_memcpy(reply.word, words, sizeof(words));
    (void)channel_send(&order->leader->channel, &reply, 0);
}

static unsigned leaders; /* that have come so far */

static void take(struct channel *channel, const struct urpc_message *message) {
    struct order order = {(struct leader *)channel, {message->word[0], message->word[1], message->word[2]}};
    if (fibre_spawn(run, &order, sizeof(order)) != ERR_OK) {
        die("no fibre");
    }
}

static void received(struct bind_channel *channel, uint64_t word, capaddr_t cap) {
    (void)channel, (void)word;
    if (share.cap != CAP_NULL) {
        slot_release(cap);
    } else {
        share.cap = cap;
    }
}

/* Home and leader are gone, and what else that core had is taken back by then: the memory is ours to use, and then nobody's. A
   leader that has come meanwhile has made an end of that (accept). */
static void use_alone(void *argument) {
    unsigned before = *(const unsigned *)argument;
    fibre_sleep_until(time_deadline(LATER_MS));
    if (leaders != before) {
        return;
    }
    err_t err = share.cap != CAP_NULL ? share_race() : ERR_CAP_EMPTY;
    err = err == ERR_OK ? shared_cap_revoke(share.cap) : err;
    printf("core %u: the leader is gone; what it shared is retyped and revoked: %s\n", domain_args()->core,
           err_name(err));
    if (share.cap != CAP_NULL) {
        share_drop();
        printf("core %u: and dropped\n", domain_args()->core);
    }
}

static void ended(struct bind_channel *channel, err_t why) {
    struct leader *leader = channel->context;
    channel_close(&leader->channel);
    free(leader);
    if (why == ERR_PEER_DEAD && share.cap != CAP_NULL) {
        if (fibre_spawn(use_alone, &leaders, sizeof(leaders)) != ERR_OK) {
            die("no fibre");
        }
    } else if (share.cap != CAP_NULL) {
        share_drop();
    }
}

static err_t accept(struct bind_channel *channel) {
    struct leader *leader = calloc(1, sizeof(*leader));
    struct channel_request request = {
        .frame = channel->memory,
        .size = channel->size,
        .side = channel->side,
        .wake = channel->wake,
        .patience = CHANNEL_PATIENCE,
        .receive = take,
    };
    if (leader == NULL) {
        return ERR_NO_MEMORY;
    }
    err_t err = channel_open(&leader->channel, &request);
    if (err != ERR_OK) {
        free(leader);
        return err;
    }
    leaders++;
    if (share.cap != CAP_NULL) {
        share_drop(); /* the last one's */
    }
    leader->bound = channel;
    channel->context = leader;
    channel->received = received;
    channel->ended = ended;
    return ERR_OK;
}

int share_serve(const char *name) {
    err_t err = bind_export(name, accept);
    if (err != ERR_OK) {
        die("%s is not offered: %s", name, err_doc(err));
    }
    printf("%s is offered\n", name);
    event_loop();
}
