/* One at a time for each domain, and few domains at a time. */
#include "monitor/provisions.h"

#include <if/monitor.h>
#include <skerry/slots.h>

#define PROVISIONS_MAX 32

static struct provision table[PROVISIONS_MAX];

struct provision *provision_find(uint32_t starter) {
    for (unsigned i = 0; i < PROVISIONS_MAX; i++) {
        if (table[i].starter == starter) {
            return &table[i];
        }
    }
    return NULL;
}

err_t provision_add(const struct provide *provide) {
    struct provision *provision = provision_find(provide->starter);
    if (provision == NULL) {
        provision = provision_find(0);
    }
    if (provision == NULL) {
        return ERR_NO_MEMORY;
    }
    bool is_ram = provide->place == MONITOR_PROVIDE_RAM;
    if (is_ram ? provision->ram != CAP_NULL : provide->place != provision->count) {
        return ERR_ARGUMENT;
    }
    if (!is_ram && provision->count == SPAWN_GIFTS) {
        return ERR_NO_MEMORY;
    }
    provision->starter = provide->starter;
    *(is_ram ? &provision->ram : &provision->gifts[provision->count++]) = provide->cap;
    return ERR_OK;
}

void provision_drop(struct provision *provision) {
    for (unsigned i = 0; i < provision->count; i++) {
        if (provision->gifts[i] != CAP_NULL) {
            slot_release(provision->gifts[i]);
        }
    }
    if (provision->ram != CAP_NULL) {
        slot_release(provision->ram);
    }
    *provision = (struct provision){0};
}

void provisions_end(uint32_t starter) {
    struct provision *provision = provision_find(starter);
    if (provision != NULL && starter != 0) {
        provision_drop(provision);
    }
}
