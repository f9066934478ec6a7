/* The domain on the other core: takes a role when the control channel says so, and plays it until it is told to leave. */
#include <abi/stubs.h>
#include <skerry/dispatcher.h>
#include <skerry/domain.h>
#include <skerry/event.h>

#include "programs/bench/across.h"
#include "programs/bench/bench.h"
#include "programs/bench/raw.h"

static struct across across;
static struct urpc urpc;
static struct channel echo;
static enum other_role wanted;
static uint64_t burst;
static struct event asked;

static void control(struct channel *channel, const struct urpc_message *message) {
    (void)channel;
    wanted = (enum other_role)message->type;
    burst = message->word[0];
    event_raise(&asked);
}

static void must(err_t err, const char *what) {
    if (err != ERR_OK) {
        die("%s: %s", what, err_name(err));
    }
}

static bool leaving(void) {
    return across.area->leave != 0;
}

static void play_bare(void) {
    struct area *area = across.area;
    for (uint64_t last = 0; !leaving();) {
        uint64_t here = urpc_load_acquire(&area->here);
        if (here == last) {
            cpu_pause();
            continue;
        }
        last = here;
        urpc_store_release(&area->there, here);
    }
}

static void play_echo(void) {
    while (!leaving()) {
        uint64_t word = 0;
        uint16_t type;
        if (!urpc_ready(&urpc)) {
            cpu_pause();
            continue;
        }
        must(urpc_receive_word(&urpc, &type, &word), "receive");
        must(urpc_send_word(&urpc, URPC_HEADER(1, 1), word), "send");
    }
}

static void play_sink(void) {
    for (uint64_t taken = 0; !leaving();) {
        uint64_t word = 0;
        uint16_t type;
        if (!urpc_ready(&urpc)) {
            cpu_pause();
            continue;
        }
        must(urpc_receive_word(&urpc, &type, &word), "receive");
        if (++taken == burst) {
            taken = 0;
            must(urpc_send_word(&urpc, URPC_HEADER(1, 1), word), "send");
        }
    }
}

static void play_sink7(void) {
    for (uint64_t taken = 0; !leaving();) {
        struct urpc_message message;
        if (!urpc_ready(&urpc)) {
            cpu_pause();
            continue;
        }
        must(urpc_receive(&urpc, &message), "receive");
        if (++taken == burst) {
            taken = 0;
            must(urpc_send(&urpc, &message), "send");
        }
    }
}

static void answer(struct channel *channel, const struct urpc_message *message) {
    must(channel_try_send(channel, message), "answer");
}

/* All in the event loop, until the control channel says something else. */
static void play_block(void) {
    struct channel_request request = {
        .frame = across.ring, .size = RING_SIZE, .side = 1, .wake = across.wake, .receive = answer};
    must(channel_open(&echo, &request), "channel");
    across.area->role = OTHER_BLOCK;
    while (!leaving()) {
        (void)event_wait(&asked, 0);
    }
    channel_close(&echo);
}

static void play_wait(void) {
    volatile struct dispatcher_frame *frame = dispatcher_frame();
    vaddr_t entry_run = frame->entry_run;
    raw_stamp_place = &across.area->stamp;
    frame->entry_run = (vaddr_t)raw_entry_run_stamp;
    frame->disabled = 1;
    across.area->role = OTHER_WAIT;
    while (!leaving()) {
        dispatcher_wait(0);
        (void)dispatcher_take_notifications();
    }
    frame->entry_run = entry_run;
}

static void play(enum other_role role) {
    static void (*const plays[])(void) = {
        [OTHER_BARE] = play_bare,   [OTHER_ECHO] = play_echo,   [OTHER_SINK] = play_sink,
        [OTHER_SINK7] = play_sink7, [OTHER_BLOCK] = play_block, [OTHER_WAIT] = play_wait,
    };
    if (role != OTHER_BLOCK && role != OTHER_WAIT) {
        must(urpc_open(&urpc, across.ring, RING_SIZE, 1), "ring");
        across.area->role = role;
    }
    plays[role]();
    across.area->role = OTHER_NONE;
}

void other_main(void) {
    must(across_join(&across, control), "the first domain");
    for (;;) {
        while (wanted == OTHER_NONE) {
            (void)event_wait(&asked, 0);
        }
        enum other_role role = wanted;
        wanted = OTHER_NONE;
        if (role >= OTHER_END) {
            return;
        }
        play(role);
    }
}
