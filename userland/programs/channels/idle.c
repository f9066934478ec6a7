/* What does one more sleeping channel cost? A wake-up and a turn of this dispatcher with 1, 10, 100 and 1,000 of them, in the
   output format of the program bench (suite.c there). The other ends of all channels are here, too. */
#include <abi/stubs.h>
#include <skerry/domain.h>
#include <skerry/print.h>
#include <skerry/slots.h>
#include <skerry/time.h>

#include "programs/channels/channels.h"

#define CHANNELS_MAX 1000
#define SLOT_BYTES 16
#define FRAME_SIZE ((URPC_HEAD_LINES + 2) * URPC_LINE)
#define SAMPLES_MAX 4096
#define WARM_UP 4
#define YIELDS 16

static _Alignas(URPC_LINE) char frames[CHANNELS_MAX][FRAME_SIZE];
static struct channel channels[CHANNELS_MAX];
static struct urpc peer; /* of the first channel */
static unsigned opened;
static capaddr_t notification;
static struct fibre_queue arrived;
static uint64_t samples[SAMPLES_MAX];

static void must(err_t err, const char *what) {
    if (err != ERR_OK) {
        die("%s: %s", what, err_name(err));
    }
}

static void receive(struct channel *channel, const struct urpc_message *message) {
    (void)channel, (void)message;
    (void)fibre_wake(&arrived);
}

static void wake(struct urpc *urpc) {
    (void)urpc;
    (void)notification_signal(notification);
}

static void open_until(unsigned count) {
    struct urpc_shape shape = {.slot = SLOT_BYTES};
    for (; opened < count; opened++) {
        struct channel_request request = {.frame = frames[opened], .size = FRAME_SIZE, .receive = receive};
        must(urpc_format_as(frames[opened], FRAME_SIZE, &shape), "format");
        must(channel_open(&channels[opened], &request), "channel");
    }
}

/* Long enough for all of them to fall asleep. */
static void settle(void) {
    fibre_sleep_until(time_deadline(1));
}

/* From a message for one of them to the fibre that waits for it. */
static uint64_t measure_wake(void) {
    settle();
    uint64_t begin = time_now();
    must(urpc_send_word(&peer, URPC_HEADER(1, 1), begin), "send");
    (void)fibre_wait(&arrived, 0);
    return time_now() - begin;
}

/* Sixteen switches between fibres, at one of which the library looks for news. */
static uint64_t measure_turn(void) {
    settle();
    uint64_t begin = time_now();
    for (unsigned i = 0; i < YIELDS; i++) {
        fibre_yield();
    }
    return time_now() - begin;
}

static void path(const char *name, unsigned count, uint64_t (*measure)(void), unsigned wanted) {
    open_until(count);
    for (unsigned i = 0; i < WARM_UP; i++) {
        (void)measure();
    }
    for (unsigned i = 0; i < wanted; i++) {
        samples[i] = measure();
    }
    for (unsigned i = 0; i < wanted; i++) {
        if (i % 16 == 0) {
            printf("%sbench channels path %s-%u", i == 0 ? "" : "\n", name, count);
        }
        printf(" %lu", samples[i]);
    }
    printf("\n");
}

int idle(unsigned wanted) {
    static const unsigned counts[] = {1, 10, 100, CHANNELS_MAX};
    if (wanted == 0 || wanted > SAMPLES_MAX) {
        die("wants 1 to %u samples", SAMPLES_MAX);
    }
    must(channel_listen(CAP_NULL), "listen");
    must(slot_alloc(&notification), "slot");
    must(dispatcher_notification(CAP_DISPATCHER, slot_word(notification), CHANNEL_NOTIFY_BIT), "notification");
    open_until(1);
    must(urpc_open(&peer, frames[0], FRAME_SIZE, 1), "peer");
    peer.wake = wake;
    printf("bench channels begin\n");
    for (unsigned i = 0; i < ARRAY_SIZE(counts); i++) {
        path("wake", counts[i], measure_wake, wanted);
        path("turn", counts[i], measure_turn, wanted);
    }
    printf("bench channels end %lu %u\n", 2 * ARRAY_SIZE(counts), wanted);
    return 0;
}
