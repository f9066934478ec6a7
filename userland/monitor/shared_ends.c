/* See shared_ends.h. */
#include "monitor/shared_ends.h"

#include <skerry/fibre.h>
#include <skerry/log.h>
#include <skerry/time.h>

#include "monitor/cores.h"
#include "monitor/domains.h"
#include "monitor/machine.h"
#include "monitor/shared_caps.h"
#include "monitor/shared_objects.h"
#include "monitor/survivors.h"

static struct fibre_queue looking;
static bool due;

void shared_ends_look(void) {
    due = true;
    (void)fibre_wake(&looking);
}

static bool is_alone(const struct owner_object *owned) {
    struct agree_set others = owned->holders;
    agree_remove(&others, this_core());
    return agree_empty(&others);
}

/* Nobody here needs it. */
static bool is_idle(struct shared_object *object) {
    const struct owner_object *owned = owner_find(&shared_owners, object->memory.base);
    object->look_after = owned != NULL && owned->by.number != 0;
    bool settled = owned != NULL && !object->look_after && time_now() >= object->spared_until;
    return settled && (owned->home != this_core() || is_alone(owned)) && !shared_is_used(object);
}

/* One that could not be dropped is spared for a while. False: there is none. */
static bool drop_one(void) {
    struct shared_object *object = shared_next(NULL);
    while (object != NULL && !is_idle(object)) {
        object = shared_next(object);
    }
    if (object == NULL) {
        return false;
    }
    uint64_t base = object->memory.base;
    if (shared_change(OWNER_DELETE, base) != ERR_OK && (object = shared_find(base)) != NULL) {
        object->spared_until = time_deadline(peer_deadline_ms());
    }
    return true;
}

/* When the next one may be dropped that is spared now; 0: none is. */
static uint64_t spared_until(void) {
    uint64_t until = 0;
    for (struct shared_object *object = shared_next(NULL); object != NULL; object = shared_next(object)) {
        bool is = object->spared_until > time_now();
        until = is && (until == 0 || object->spared_until < until) ? object->spared_until : until;
    }
    return until;
}

static void look(void *argument) {
    (void)argument;
    for (;;) {
        due = false;
        if (!drop_one() && !due) {
            (void)fibre_wait(&looking, spared_until());
        }
    }
}

err_t shared_ends_init(void) {
    return fibre_spawn(look, NULL, 0);
}

void shared_end_given(uint64_t base) {
    struct shared_object *object = shared_find(base);
    if (object != NULL) {
        object->spared_until = 0;
    }
    shared_ends_look();
}

err_t shared_end_unused(uint64_t base) {
    struct shared_object *object = shared_find(base);
    if (object == NULL || !is_idle(object)) {
        return ERR_OK;
    }
    err_t err = shared_change(OWNER_DELETE, base);
    return err == ERR_NOT_FOUND || err == ERR_RETYPE_BUSY ? ERR_OK
                                                          : err; /* somebody was quicker, or given one just now */
}

static void tell_gone(void *argument) {
    survivor_gone(argument);
}

/* The members of its end were all that knew of it. */
void shared_end_dropped(const struct owner_operation *operation, struct memory memory, const struct agree_work *work) {
    struct agree_set others = work->members;
    agree_remove(&others, this_core());
    bool last = operation->change == OWNER_DELETE && operation->home == OWNER_NOBODY && agree_empty(&others);
    if (last && fibre_spawn(tell_gone, &memory, sizeof(memory)) != ERR_OK) {
        log_line("memory at 0x%lx stays out of use", memory.base);
    }
}

/* It cannot be refused; a transaction may have to wait for a core that is found to be dead. */
static void end_object(uint64_t base) {
    static const enum owner_change change[] = {OWNER_REVOKE, OWNER_DELETE};
    for (unsigned i = 0; i < ARRAY_SIZE(change); i++) {
        err_t err;
        while ((err = shared_change(change[i], base)) != ERR_OK && err != ERR_NOT_FOUND) {
            log_line("shared memory at 0x%lx is not given up yet: %s", base, err_name(err));
            fibre_sleep_until(time_deadline(peer_deadline_ms()));
        }
    }
}

static struct shared_object *find_of(uint32_t domain) {
    struct shared_object *object = shared_next(NULL);
    while (object != NULL && (object->mark == CAP_NULL || object->domain != domain)) {
        object = shared_next(object);
    }
    return object;
}

static void end_domain(void *argument) {
    uint32_t domain = *(const uint32_t *)argument;
    const struct shared_object *object;
    while ((object = find_of(domain)) != NULL) {
        end_object(object->memory.base);
    }
    domain_loans_returned(domain);
}

void shared_end_domain(uint32_t domain) {
    if (find_of(domain) != NULL && fibre_spawn(end_domain, &domain, sizeof(domain)) != ERR_OK) {
        log_line("domain %u's shared memory stays in use", DOMAIN_COUNT(domain));
    }
}

static struct shared_object *find_within(const struct memory *memory) {
    struct shared_object *object = shared_next(NULL);
    while (object != NULL && (object->mark == CAP_NULL || !memory_contains(memory, &object->memory))) {
        object = shared_next(object);
    }
    return object;
}

void shared_end_within(const struct memory *memory) {
    const struct shared_object *object;
    while ((object = find_within(memory)) != NULL) {
        end_object(object->memory.base);
    }
}

/* The one without a home that comes first from this address on. */
static const struct shared_object *homeless(paddr_t from) {
    const struct shared_object *found = NULL;
    for (struct shared_object *object = shared_next(NULL); object != NULL; object = shared_next(object)) {
        paddr_t base = object->memory.base;
        const struct owner_object *owned = owner_find(&shared_owners, base);
        bool is = owned != NULL && owned->home == OWNER_NOBODY && base >= from;
        found = is && (found == NULL || base < found->memory.base) ? object : found;
    }
    return found;
}

void shared_ends_survive(void) {
    struct memory memory = {0};
    for (const struct shared_object *object; (object = homeless(memory.base + memory.size)) != NULL;) {
        memory = object->memory;
        survivor_stays(&memory);
    }
}
