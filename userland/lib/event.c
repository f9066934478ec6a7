/* Events, the notification word, and the sources that are asked while nobody runs. */
#include <skerry/event.h>
#include <skerry/time.h>

#include "lib/fibre_internal.h"

#define NOTIFICATIONS 64

static struct event notifications[NOTIFICATIONS];
static struct event_source *sources;

void event_raise(struct event *event) {
    PINNED();
    event->raised = event->queue.first == NULL;
    fibre_wake_all(&event->queue);
}

/* For those who are pinned. */
static bool take(struct event *event) {
    bool raised = event->raised;
    event->raised = false;
    return raised;
}

bool event_take(struct event *event) {
    PINNED();
    return take(event);
}

bool event_wait(struct event *event, uint64_t deadline) {
    PINNED();
    return take(event) || fibre_wait(&event->queue, deadline);
}

int event_wait_any(struct event *const events[], unsigned count, uint64_t deadline) {
    PINNED();
    struct fibre_queue *queues[FIBRE_WAIT_MAX];
    count = MIN(count, (unsigned)FIBRE_WAIT_MAX);
    for (unsigned i = 0; i < count; i++) {
        if (take(events[i])) {
            return (int)i;
        }
        queues[i] = &events[i]->queue;
    }
    return fibre_wait_any(queues, count, deadline);
}

/* Turns these bits into events. True if somebody waited for one of them. */
static bool notifications_raise(uint64_t bits) {
    bool any = false;
    for (; bits != 0; bits &= bits - 1) {
        struct event *event = &notifications[__builtin_ctzll(bits)];
        event->raised = event->queue.first == NULL;
        if (!event->raised) {
            fibre_wake_all(&event->queue);
            any = true;
        }
    }
    return any;
}

static bool notifications_take(void) {
    return dispatcher_frame()->notify != 0 && notifications_raise(dispatcher_take_notifications());
}

struct event *notification_event(unsigned bit) {
    return &notifications[bit % NOTIFICATIONS];
}

bool notification_take(unsigned bit) {
    PINNED();
    (void)notifications_take();
    return take(notification_event(bit));
}

bool notification_wait(unsigned bit, uint64_t deadline) {
    PINNED();
    return notification_take(bit) || fibre_wait(&notification_event(bit)->queue, deadline);
}

void event_source_add(struct event_source *source) {
    PINNED();
    source->next = sources;
    sources = source;
}

bool events_poll(void) {
    bool any = timers_expire();
    any |= notifications_take();
    for (struct event_source *source = sources; source != NULL; source = source->next) {
        any |= source->poll();
    }
    return any;
}

/* What can be seen without asking the sources; these are asked by whoever gives way. */
bool events_pending(void) {
    uint64_t next = timers_next();
    return dispatcher_frame()->notify != 0 || (next != 0 && next <= time_now()) || sources != NULL;
}

void events_rest(void) {
    for (struct event_source *source = sources; source != NULL; source = source->next) {
        if (source->rest != NULL) {
            source->rest();
        }
    }
}

bool events_stay_awake(void) {
    bool any = false;
    for (struct event_source *source = sources; source != NULL; source = source->next) {
        if (source->idle != NULL) {
            any |= source->idle();
        }
    }
    return any;
}
