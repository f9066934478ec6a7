/* A list of what this core's domains were started by, and the journal of choices. An entry's topic is one of a few places that each
   core has: the newest entry of a place says what holds there, a short one that it is free. */
#include "monitor/supervision.h"

#include <skerry/fibre.h>
#include <skerry/heap.h>
#include <skerry/log.h>
#include <skerry/string.h>
#include <skerry/time.h>

#include "monitor/agreement.h"
#include "monitor/console.h"
#include "monitor/cores.h"
#include "monitor/domains.h"
#include "monitor/home.h"
#include "monitor/machine.h"
#include "monitor/nearest.h"
#include "monitor/ownership.h"
#include "monitor/remote_spawn.h"
#include "monitor/writing.h"

#define PLACES 8 /* of each core */
#define JOURNAL_SIZE (16ul << 10)
#define JOURNAL_SIZE_CORE 1024
#define PATIENCE 5     /* times a peer's deadline, for an entry to be written */
#define LIVED_MS 5000  /* who lives longer has not failed at once */
#define FAILURES_MAX 5 /* one after the other */

/* An entry's text. */
struct choice {
    uint32_t domain, life; /* life: how often its core had been started before */
    uint32_t rule, starter;
    uint64_t own_ram;
    char text[MONITOR_SPAWN_TEXT];
};

#define CHOICE_HEAD offsetof(struct choice, text)

struct origin {
    struct origin *next;
    uint32_t domain, starter;
    enum monitor_supervision rule;
    unsigned place, failures; /* failures: of its forerunners, one soon after the other */
    uint64_t own_ram, began;
    size_t size;
    char text[];
};

static struct writing choices;
static struct origin *origins;
static struct fibre_queue looked;

/* The journal */

static err_t prepare(void *context, const struct agree_work *work, uint64_t *holder) {
    (void)context;
    return journal_prepare(&choices.journal, work, holder);
}

static err_t finish(void *context, const struct agree_work *work, enum agree_end end) {
    (void)context;
    return journal_finish(&choices.journal, work, end);
}

static void done(void *context, uint64_t cookie, err_t result) {
    (void)context, (void)cookie;
    writing_done(&choices, result);
}

static void note(void *context, unsigned from, const uint64_t op[AGREE_WORDS]) {
    (void)context;
    writing_note(&choices, from, op);
    supervision_look();
}

static void viewed(void *context, const struct agree_set *dead, const struct agree_set *joined) {
    (void)context, (void)joined;
    writing_viewed(&choices, dead);
    supervision_look();
}

static const struct agree_client client = {
    .prepare = prepare,
    .finish = finish,
    .done = done,
    .note = note,
    .view = viewed,
};

static uint16_t topic_of(coreid_t core, unsigned place) {
    return (uint16_t)(1 + core * PLACES + place);
}

static const struct choice *choice_in(const struct journal_entry *entry) {
    return entry->size > CHOICE_HEAD ? (const struct choice *)(const void *)entry->text : NULL;
}

/* NULL: the place is free. */
static const struct journal_entry *newest_of(uint16_t topic) {
    const struct journal_memory *memory = choices.journal.memory;
    const struct journal_entry *found = NULL;
    for (const struct journal_entry *at = journal_next(memory, NULL); at != NULL; at = journal_next(memory, at)) {
        found = at->topic == topic ? at : found;
    }
    return found != NULL && choice_in(found) != NULL ? found : NULL;
}

static err_t put(uint16_t topic, const void *bytes, size_t size) {
    struct journal_text text = {.at = bytes, .topic = topic, .size = (uint16_t)size};
    uint64_t number;
    return writing_put(&choices, &text, time_deadline(PATIENCE * peer_deadline_ms()), &number);
}

/* It must be: else one domain would be started anew twice. */
static void set_free(uint16_t topic) {
    const uint64_t nothing = 0;
    err_t err;
    while ((err = put(topic, &nothing, sizeof(nothing))) != ERR_OK) {
        log_line("an ended domain is still supervised: %s", err_name(err));
        fibre_sleep_until(time_deadline(peer_deadline_ms()));
    }
}

/* What domains were started by */

void supervision_remember(uint32_t domain, const struct spawn_order *order) {
    if (order->provision != NULL) {
        return; /* what it was given stays behind */
    }
    struct origin *origin = malloc(sizeof(*origin) + order->size + 1);
    if (origin == NULL) {
        return;
    }
    *origin = (struct origin){
        .next = origins,
        .domain = domain,
        .starter = order->starter,
        .failures = order->failures,
        .own_ram = order->own_ram,
        .began = time_now(),
        .size = order->size,
    };
    memcpy(origin->text, order->text, order->size);
    origin->text[order->size] = '\0';
    origins = origin;
}

static struct origin **place_of(uint32_t domain) {
    struct origin **at = &origins;
    while (*at != NULL && (*at)->domain != domain) {
        at = &(*at)->next;
    }
    return at;
}

static struct origin *take(uint32_t domain) {
    struct origin **at = place_of(domain), *origin = *at;
    if (origin != NULL) {
        *at = origin->next;
    }
    return origin;
}

static bool place_is_taken(unsigned place) {
    for (const struct origin *at = origins; at != NULL; at = at->next) {
        if (at->rule != MONITOR_SUPERVISE_END && at->place == place) {
            return true;
        }
    }
    return newest_of(topic_of(this_core(), place)) != NULL; /* one of this core's last life waits there */
}

static err_t place_find(struct origin *origin) {
    for (unsigned place = 0; origin->rule == MONITOR_SUPERVISE_END && place < PLACES; place++) {
        if (!place_is_taken(place)) {
            origin->place = place;
            return ERR_OK;
        }
    }
    return origin->rule != MONITOR_SUPERVISE_END ? ERR_OK : ERR_NO_MEMORY;
}

err_t supervision_choose(uint32_t domain, enum monitor_supervision rule) {
    struct origin *origin = *place_of(domain);
    if (rule > MONITOR_SUPERVISE_ELSEWHERE) {
        return ERR_ARGUMENT;
    }
    if (origin == NULL) {
        return ERR_UNSUPPORTED;
    }
    if (rule == MONITOR_SUPERVISE_END) {
        bool chosen = origin->rule != MONITOR_SUPERVISE_END;
        origin->rule = rule;
        if (chosen) {
            set_free(topic_of(this_core(), origin->place));
        }
        return ERR_OK;
    }
    struct choice choice = {domain, boot_data()->starts, rule, origin->starter, origin->own_ram, {0}};
    size_t size = origin->size;
    memcpy(choice.text, origin->text, size);
    TRY(place_find(origin));
    origin->rule = rule;
    return put(topic_of(this_core(), origin->place), &choice, CHOICE_HEAD + size);
}

/* Starting anew */

static struct spawn_order order_of(const struct origin *origin) {
    return (struct spawn_order){
        .text = origin->text, .size = origin->size, .starter = origin->starter, .own_ram = origin->own_ram};
}

static void start_here(struct origin *origin) {
    struct spawn_order order = order_of(origin);
    bool soon = time_now() - origin->began < time_ticks_from_ms(LIVED_MS);
    uint32_t old = origin->domain, domain;
    order.failures = soon ? origin->failures + 1 : 1;
    if (order.failures > FAILURES_MAX) {
        console_line("domain %u.%u (%.16s): given up, it has failed %u times at once", DOMAIN_CORE(old),
                     DOMAIN_COUNT(old), origin->text, FAILURES_MAX);
        return;
    }
    err_t err = spawn_ordered(&order, &domain);
    if (err == ERR_OK) {
        console_line("domain %u.%u (%.16s): started anew as %u.%u", DOMAIN_CORE(old), DOMAIN_COUNT(old), origin->text,
                     DOMAIN_CORE(domain), DOMAIN_COUNT(domain));
    } else {
        console_line("domain %u.%u (%.16s): not started anew: %s", DOMAIN_CORE(old), DOMAIN_COUNT(old), origin->text,
                     err_doc(err));
    }
}

struct ended {
    struct origin *origin;
    bool anew;
};

static void end(void *argument) {
    const struct ended *ended = argument;
    set_free(topic_of(this_core(), ended->origin->place));
    if (ended->anew) {
        start_here(ended->origin);
    }
    free(ended->origin);
}

/* A place that is being freed is not taken again before: the list does not have it any more, but the journal does. */
void supervision_ended(uint32_t domain, enum monitor_end how) {
    struct ended ended = {take(domain), how == MONITOR_END_FAULT};
    bool chosen = ended.origin != NULL && ended.origin->rule != MONITOR_SUPERVISE_END;
    if (chosen && how == MONITOR_END_CORE) {
        free(ended.origin); /* supervision_leave() has seen to it */
    } else if (!chosen || fibre_spawn(end, &ended, sizeof(ended)) != ERR_OK) {
        free(ended.origin);
    }
}

static err_t start_there(coreid_t core, void *argument) {
    struct origin *origin = argument;
    struct spawn_order order = order_of(origin);
    return spawn_on(core, &order, &origin->domain);
}

uint32_t supervision_leave(uint32_t domain) {
    struct origin *origin = *place_of(domain);
    if (origin == NULL || origin->rule != MONITOR_SUPERVISE_ELSEWHERE) {
        return 0;
    }
    take(domain);
    uint32_t moved = 0;
    if (neighbours_try(start_there, origin) == ERR_OK) {
        moved = origin->domain;
        set_free(topic_of(this_core(), origin->place));
    } /* else the home does it, or says so */
    free(origin);
    return moved;
}

/* The dead's. There is nobody who would wait for the new ones. */

static bool is_orphan(const struct choice *choice) {
    coreid_t core = DOMAIN_CORE(choice->domain);
    return !agree_has(&agreement()->live, core) || ownership_core(core).starts - 1 != choice->life;
}

static bool is_due(const struct journal_entry *entry) {
    const struct choice *choice = choice_in(entry);
    if (choice == NULL || newest_of(entry->topic) != entry || !is_orphan(choice)) {
        return false;
    }
    return choice->rule == MONITOR_SUPERVISE_ELSEWHERE || agree_has(&agreement()->live, DOMAIN_CORE(choice->domain));
}

static const struct journal_entry *next_due(void) {
    const struct journal_memory *memory = choices.journal.memory;
    const struct journal_entry *at = NULL;
    if (!is_home() || !home_is_settled() || !writing_is_ready(&choices)) {
        return NULL;
    }
    do {
        at = journal_next(memory, at);
    } while (at != NULL && !is_due(at));
    return at;
}

static err_t start_orphan(const struct choice *choice, size_t size, uint32_t *domain) {
    struct spawn_order order = {.text = choice->text, .size = size, .own_ram = choice->own_ram};
    struct origin *origin = malloc(sizeof(*origin) + size);
    if (origin == NULL) {
        return ERR_NO_MEMORY;
    }
    if (choice->rule == MONITOR_SUPERVISE_HERE) {
        free(origin);
        return spawn_on(DOMAIN_CORE(choice->domain), &order, domain);
    }
    *origin = (struct origin){.own_ram = choice->own_ram, .size = size};
    memcpy(origin->text, choice->text, size);
    err_t err = neighbours_try(start_there, origin);
    *domain = origin->domain;
    free(origin);
    return err == ERR_OK ? ERR_OK : spawn_ordered(&order, domain);
}

static void tend_one(const struct journal_entry *entry) {
    struct choice choice = {0};
    uint16_t topic = entry->topic;
    size_t size = MIN(entry->size, sizeof(choice)) - CHOICE_HEAD;
    uint32_t domain;
    memcpy(&choice, choice_in(entry), CHOICE_HEAD + size); /* the entry may move while we wait */
    uint32_t old = choice.domain;
    err_t err = start_orphan(&choice, size, &domain);
    if (err == ERR_OK) {
        console_line("domain %u.%u (%.16s) was on core %u: started anew as %u.%u", DOMAIN_CORE(old), DOMAIN_COUNT(old),
                     choice.text, DOMAIN_CORE(old), DOMAIN_CORE(domain), DOMAIN_COUNT(domain));
    } else {
        console_line("domain %u.%u (%.16s) was on core %u: not started anew: %s", DOMAIN_CORE(old), DOMAIN_COUNT(old),
                     choice.text, DOMAIN_CORE(old), err_doc(err));
    }
    set_free(topic);
}

static void tend(void *argument) {
    (void)argument;
    for (;;) {
        const struct journal_entry *entry = next_due();
        if (entry != NULL) {
            tend_one(entry);
        } else {
            (void)fibre_wait(&looked, 0);
        }
    }
}

void supervision_look(void) {
    (void)fibre_wake(&looked);
}

err_t supervision_init(void) {
    agreement_register(AGREEMENT_SUPERVISION, &client);
    return fibre_spawn(tend, NULL, 0);
}

err_t supervision_begin(void) {
    uint64_t size = JOURNAL_SIZE + (uint64_t)core_count() * JOURNAL_SIZE_CORE;
    return writing_begin(&choices, AGREEMENT_SUPERVISION, ALIGN_UP(size, PAGE_SIZE));
}
