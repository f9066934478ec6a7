/* Polling, sleeping and waking of the monitors' channels. */
#include "monitor/links.h"

#include <abi/stubs.h>
#include <skerry/event.h>
#include <skerry/heap.h>
#include <skerry/log.h>
#include <skerry/slots.h>

#include "monitor/machine.h"

#define WAKE_BIT 0
#define PATIENCE_MIN 8
#define PATIENCE_MAX 256
#define BURST 16 /* messages taken from one link before the next one's turn */

static struct link *links;
static link_receiver receive;
static uint32_t awake_links;

static void wake_peer(struct urpc *urpc) {
    const struct link *link = (const struct link *)urpc;
    err_t err = core_notify(link->wake);
    if (err != ERR_OK) {
        log_line("core %u cannot be woken: %s", link->core, err_name(err));
    }
}

static void link_wake(struct link *link) {
    link->quiet = 0;
    if (!link->asleep) {
        return;
    }
    urpc_awake(&link->urpc);
    link->asleep = false;
    awake_links++;
}

static bool link_take(struct link *link) {
    struct urpc_message message;
    unsigned taken = 0;
    err_t err = ERR_OK;
    while (taken < BURST && (err = urpc_receive(&link->urpc, &message)) == ERR_OK) {
        link_wake(link);
        taken++;
        receive(link, &message);
    }
    if (err == ERR_FORMAT && !link->asleep) {
        log_line("core %u breaks the channel's protocol: closed", link->core);
        link->asleep = true;
        awake_links--;
        fibre_wake_all(&link->room);
    }
    if (link->room.first != NULL && urpc_can_send(&link->urpc)) {
        fibre_wake_all(&link->room);
        taken++;
    }
    return taken > 0;
}

/* Active links at every turn; all of them after a wake-up. */
static bool links_poll(void) {
    bool woken = notification_take(WAKE_BIT);
    bool any = false;
    if (!woken && awake_links == 0) {
        return false;
    }
    for (struct link *link = links; link != NULL; link = link->next) {
        if (link->asleep && !woken) {
            continue;
        }
        if (link_take(link)) {
            link->patience = MIN(link->patience * 2, (uint32_t)PATIENCE_MAX);
            any = true;
        } else {
            link->quiet++;
        }
    }
    return any;
}

static void link_sleep(struct link *link) {
    link->patience = MAX(link->patience / 2, (uint32_t)PATIENCE_MIN);
    link->quiet = 0;
    if (link->urpc.broken || urpc_sleep(&link->urpc, link->room.first != NULL)) {
        link->asleep = true;
        awake_links--;
    }
}

/* True while a link is still worth polling. */
static bool links_idle(void) {
    for (struct link *link = links; link != NULL && awake_links > 0; link = link->next) {
        if (!link->asleep && link->quiet >= link->patience) {
            link_sleep(link);
        }
    }
    return awake_links > 0;
}

static struct event_source links_source = {.poll = links_poll, .idle = links_idle};

err_t links_init(link_receiver receiver) {
    capaddr_t irq, notification;
    receive = receiver;
    TRY(machine_range(CAP_IRQ, VECTOR_WAKE, 1, &irq));
    TRY(slot_alloc(&notification));
    TRY(dispatcher_notification(CAP_DISPATCHER, slot_word(notification), WAKE_BIT));
    TRY(irq_bind(irq, notification));
    event_source_add(&links_source);
    return ERR_OK;
}

err_t link_open(coreid_t core, void *frame, size_t size, unsigned side, struct link **out) {
    struct core *peer = core_get(core);
    struct link *link = calloc(1, sizeof(*link));
    if (peer == NULL || link == NULL) {
        free(link);
        return ERR_NO_MEMORY;
    }
    err_t err = urpc_open(&link->urpc, frame, size, side);
    if (err == ERR_OK) {
        err = core_capability(peer, VECTOR_WAKE, &link->wake);
    }
    if (err != ERR_OK) {
        free(link);
        return err;
    }
    link->urpc.wake = wake_peer;
    link->core = core;
    link->patience = PATIENCE_MIN;
    link->next = links;
    links = link;
    awake_links++;
    *out = link;
    return ERR_OK;
}

err_t link_send(struct link *link, const struct urpc_message *message, uint64_t deadline) {
    for (;;) {
        err_t err = urpc_send(&link->urpc, message);
        if (err != ERR_BUSY) {
            return err;
        }
        link_wake(link); /* or it would sleep without asking for room */
        if (!fibre_wait(&link->room, deadline)) {
            return ERR_TIMEOUT;
        }
    }
}
