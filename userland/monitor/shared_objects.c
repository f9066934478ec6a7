/* See shared_objects.h. */
#include "monitor/shared_objects.h"

#include <abi/stubs.h>
#include <skerry/heap.h>
#include <skerry/log.h>
#include <skerry/slots.h>

#include "monitor/machine.h"

#define META_MASK 0xffff /* type and rights */

struct owners shared_owners;

static struct shared_object *objects;

struct shared_object *shared_find(uint64_t base) {
    struct shared_object *object = objects;
    while (object != NULL && object->memory.base != base) {
        object = object->next;
    }
    return object;
}

struct shared_object *shared_next(struct shared_object *at) {
    return at == NULL ? objects : at->next;
}

bool shared_overlaps(const struct memory *memory) {
    const struct shared_object *at = objects;
    while (at != NULL && !memory_overlap(memory, &at->memory)) {
        at = at->next;
    }
    return at != NULL;
}

bool shared_lending(uint32_t domain) {
    const struct shared_object *at = objects;
    while (at != NULL && (at->mark == CAP_NULL || at->domain != domain)) {
        at = at->next;
    }
    return at != NULL;
}

err_t shared_of_cap(capaddr_t cap, struct shared_object **object, uint64_t *rights) {
    struct memory memory;
    uint64_t meta;
    TRY(kernel_identify(CAP_KERNEL, cap, &meta, &memory.base, &memory.size, NULL));
    struct shared_object *found = shared_find(memory.base);
    if (meta >> 16 != OWNER_SHARED || found == NULL) {
        return ERR_ARGUMENT;
    }
    *object = found;
    *rights = meta >> 8 & 0xff;
    return ERR_OK;
}

/* An entry whose `real` is the caller's to fill in; `mark` is a slot. */
static err_t add(const struct memory *memory, uint64_t meta, struct shared_object **object) {
    struct shared_object *made = calloc(1, sizeof(*made));
    if (made == NULL) {
        return ERR_NO_MEMORY;
    }
    *made = (struct shared_object){.next = objects, .memory = *memory, .meta = meta & META_MASK};
    objects = made;
    *object = made;
    return ERR_OK;
}

static void take_out(struct shared_object *object) {
    struct shared_object **at = &objects;
    while (*at != object) {
        at = &(*at)->next;
    }
    *at = object->next;
    free(object);
}

void shared_drop(struct shared_object *object) {
    slot_release(object->real);
    if (object->mark != CAP_NULL) {
        slot_release(object->mark);
    }
    take_out(object);
}

static bool is_memory(uint64_t meta) {
    return loan_is_memory(meta) || (meta & 0xff) == CAP_TYPE_RAM;
}

/* From here on it is nobody's, and stays so until it is dropped everywhere. */
static err_t disown(struct shared_object *object) {
    TRY(kernel_disown(CAP_KERNEL, object->real));
    err_t err = cap_copy(object->real, slot_word(object->mark));
    err = err == ERR_OK ? kernel_share(CAP_KERNEL, object->mark) : err;
    if (err != ERR_OK) {
        log_line("shared memory at 0x%lx cannot be marked: %s", object->memory.base, err_name(err));
    }
    return ERR_OK;
}

static err_t make(struct shared_object *object) {
    TRY(slot_alloc(&object->mark));
    err_t err = owner_create(&shared_owners, object->memory.base);
    if (err == ERR_OK) {
        err = disown(object);
        if (err != ERR_OK) {
            owner_forget(&shared_owners, object->memory.base);
        }
    }
    if (err != ERR_OK) {
        slot_free(object->mark);
    }
    return err;
}

err_t shared_make(capaddr_t cap, uint32_t domain) {
    struct memory memory;
    uint64_t meta;
    struct shared_object *object;
    TRY(kernel_identify(CAP_KERNEL, cap, &meta, &memory.base, &memory.size, NULL));
    if (!is_memory(meta)) {
        return ERR_CAP_TYPE;
    }
    if (meta >> 16 != this_core()) {
        return ERR_FOREIGN;
    }
    if (shared_overlaps(&memory)) {
        return ERR_SHARED;
    }
    TRY(add(&memory, meta, &object));
    object->real = cap;
    object->domain = domain;
    err_t err = make(object);
    if (err != ERR_OK) {
        take_out(object);
    }
    return err;
}

err_t shared_join(const struct memory *memory, uint64_t meta) {
    struct shared_object *object;
    meta = (meta & META_MASK) | (uint64_t)OWNER_SHARED << 16;
    if (!is_memory(meta)) {
        return ERR_ARGUMENT;
    }
    if (shared_overlaps(memory)) {
        return ERR_SHARED;
    }
    TRY(add(memory, meta, &object));
    err_t err = slot_alloc(&object->real);
    if (err == ERR_OK) {
        err = kernel_forge(CAP_KERNEL, meta, memory->base, memory->size, 0, slot_word(object->real));
        if (err != ERR_OK) {
            slot_free(object->real);
        }
    }
    if (err != ERR_OK) {
        take_out(object);
    }
    return err;
}

err_t shared_copy(const struct shared_object *object, uint64_t rights, capaddr_t *cap) {
    return slot_mint(object->real, rights & object->meta >> 8, 0, cap);
}

void shared_revoke(const struct shared_object *object) {
    err_t err = kernel_revoke(CAP_KERNEL, object->real);
    if (err != ERR_OK && err != ERR_CAP_EMPTY) {
        log_line("shared memory at 0x%lx cannot be revoked: %s", object->memory.base, err_name(err));
    }
}

bool shared_is_busy(struct shared_object *object, uint64_t offset, uint64_t size) {
    uint64_t copy = 0, descendant = 0, busy = 0;
    if (offset > object->memory.size || size > object->memory.size - offset) {
        return false; /* the CPU driver says so when it comes to it */
    }
    err_t err = kernel_relatives(CAP_KERNEL, object->real, offset, size, &copy, &descendant, &busy);
    object->look_after = object->look_after || (copy | descendant) == 0;
    return err == ERR_OK && busy != 0;
}

bool shared_is_used(const struct shared_object *object) {
    uint64_t copy = 0, descendant = 0;
    err_t err = kernel_relatives(CAP_KERNEL, object->real, 0, object->memory.size, &copy, &descendant, NULL);
    return err == ERR_OK && (copy | descendant) != 0;
}
