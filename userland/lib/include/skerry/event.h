/* Events: something has happened that a fibre or thread waits for; and where events come from.
   An event that nobody waits for stays raised until somebody does; one that several wait for wakes them all. What a domain
   can wait for, alone or together (event_wait_any): notifications, and with them interrupts; timers; whatever an event
   source finds in its channels; and what another fibre raises. */
#ifndef SKERRY_EVENT_H
#define SKERRY_EVENT_H

#include <skerry/fibre.h>
#include <skerry/timer.h>

struct event {
    struct fibre_queue queue;
    bool raised;
};

void event_raise(struct event *event);

/* Takes it if it is raised. */
bool event_take(struct event *event);

/* True when it was raised, false when the deadline (TSC; 0: none) passed first. */
bool event_wait(struct event *event, uint64_t deadline);

/* The index of the first of up to FIBRE_WAIT_MAX events that was raised; -1 when the deadline passed. */
int event_wait_any(struct event *const events[], unsigned count, uint64_t deadline);

/* The event that a notification's bit raises. An interrupt bound to that notification raises it, too. */
struct event *notification_event(unsigned bit);
bool notification_wait(unsigned bit, uint64_t deadline);
bool notification_take(unsigned bit);

/* Something that may have news whenever nobody runs: the inbox, channels. */
struct event_source {
    struct event_source *next;
    bool (*poll)(void); /* true: something was taken, fibres may be ready now */
    bool (*idle)(void); /* before the dispatcher blocks; true: do not block yet. May be NULL */
    void (*rest)(
        void); /* the core is about to be another dispatcher's: what comes from now on must wake this one. May be NULL */
};
void event_source_add(struct event_source *source);

#endif
