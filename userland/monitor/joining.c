/* HELLO and WELCOME. They are accepted only from the other end of the link itself. */
#include "monitor/joining.h"

#include <skerry/log.h>
#include <skerry/string.h>
#include <skerry/time.h>
#include <skerry/vspace.h>

#include "monitor/agreement.h"
#include "monitor/machine.h"
#include "monitor/membership.h"

/* A starter that brings up many cores, all emulated by one or two, is long in coming back to each. */
#define WELCOME_DEADLINE_MS 60000
#define WELCOME_EPOCH 5 /* the word of it that is the starter's epoch */

static struct fibre_queue arrivals;
static unsigned welcoming; /* hellos whose welcome is not on its way yet */
static bool welcomed;      /* the welcome may bring no core that this one did not know: it is the last */

static void send_welcome(coreid_t to) {
    struct peer_message welcome = {.type = PEER_WELCOME, .from = this_core(), .to = to};
    welcome.word[0] = core_count();
    for (coreid_t id = 0; id < core_count(); id++) {
        bool stopped = core_get(id)->state == MONITOR_CORE_STOPPED;
        welcome.word[1 + id / 64] |= (uint64_t)stopped << id % 64;
    }
    welcome.word[WELCOME_EPOCH] = agreement()->epoch;
    err_t err = peer_post(&welcome);
    if (err != ERR_OK) {
        log_line("core %u was not welcomed: %s", welcome.to, err_name(err));
        return;
    }
    membership_greeted(welcome.to);
}

static void welcome_one(void *argument) {
    send_welcome(*(const coreid_t *)argument);
    welcoming--;
    fibre_wake_all(&arrivals);
}

static void take_hello(struct link *link, const struct peer_message *hello) {
    struct core *core = core_get(link->core);
    if (core == NULL) {
        return;
    }
    if (hello->word[0] != CONTRACT_HASH) {
        log_line("core %u was built from another contract: left out", link->core);
        core->state = MONITOR_CORE_NOT_STARTED;
        core->why = ERR_FORMAT;
    } else {
        memcpy(core->build_id, &hello->word[1], sizeof(core->build_id));
        core->state = MONITOR_CORE_ANSWERING;
        core->greeted = true;
        welcoming++;
        if (fibre_spawn(welcome_one, &link->core, sizeof(link->core)) != ERR_OK) {
            welcoming--;
            log_line("core %u was not welcomed: no fibre", link->core);
        }
    }
    fibre_wake_all(&arrivals);
}

static void take_welcome(const struct peer_message *welcome) {
    cores_init((uint32_t)welcome->word[0]);
    for (coreid_t id = 0; id < core_count(); id++) {
        if ((welcome->word[1 + id / 64] >> id % 64 & 1) != 0 && id != this_core()) {
            core_get(id)->state = MONITOR_CORE_STOPPED;
        }
    }
    err_t err = membership_begin(core_count(), (uint32_t)welcome->word[WELCOME_EPOCH], false);
    if (err != ERR_OK) {
        log_line("no part in any agreement: %s", err_name(err));
    }
    welcomed = true;
    fibre_wake_all(&arrivals);
}

void joining_take(struct link *link, const struct peer_message *message) {
    if (message->type == PEER_HELLO) {
        take_hello(link, message);
    } else if (link->core == boot_data()->starter && message->word[0] <= MAX_CORES && !welcomed) {
        take_welcome(message);
    }
}

bool joining_wait(const struct core *core, uint64_t deadline) {
    while (core->state == MONITOR_CORE_UNKNOWN) {
        if (!fibre_wait(&arrivals, deadline)) {
            break;
        }
    }
    return core->state == MONITOR_CORE_ANSWERING;
}

void joining_settle(void) {
    while (welcoming > 0) {
        (void)fibre_wait(&arrivals, 0); /* each has a deadline */
    }
}

/* The starter wrote its APIC id into the channel's set-up line. */
static err_t open_channel(struct link **link) {
    const struct boot_data *boot = boot_data();
    struct link_memory memory = {.frame = CAP_CHANNEL};
    struct vspace_request request = {CAP_CHANNEL, 0, LINK_SIZE, MAP_READ | MAP_WRITE};
    void *frame;
    if (boot->channel_size != LINK_SIZE) {
        return ERR_FORMAT;
    }
    cores_init(MAX(boot->core, boot->starter) + 1);
    TRY(vspace_map(&request, &frame, &memory.mapping));
    struct core *starter = core_get(boot->starter);
    if (starter == NULL) {
        return ERR_FORMAT;
    }
    starter->apic = urpc_apic(frame, 0);
    starter->state = MONITOR_CORE_ANSWERING;
    TRY(link_open(boot->starter, &memory, 1, link));
    starter->link = *link;
    return ERR_OK;
}

err_t joining_join(void) {
    const struct boot_data *boot = boot_data();
    struct link *link;
    TRY(open_channel(&link));
    struct peer_message hello = {.type = PEER_HELLO, .from = boot->core, .to = boot->starter};
    hello.word[0] = CONTRACT_HASH;
    core_own_build_id(&hello.word[1]);
    hello.word[4] = boot->apic;
    TRY(peer_post(&hello));
    uint64_t deadline = time_deadline(WELCOME_DEADLINE_MS);
    while (!welcomed) {
        if (!fibre_wait(&arrivals, deadline) && !welcomed) {
            return ERR_TIMEOUT;
        }
    }
    return ERR_OK;
}
