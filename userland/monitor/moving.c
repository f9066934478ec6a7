/* A list of what this core's domains were started by. */
#include "monitor/moving.h"

#include <skerry/heap.h>
#include <skerry/string.h>

#include "monitor/console.h"
#include "monitor/nearest.h"
#include "monitor/remote_spawn.h"

struct origin {
    struct origin *next;
    uint32_t domain, starter;
    uint64_t own_ram;
    bool moves;
    size_t size;
    char text[];
};

static struct origin *origins;

void moving_remember(uint32_t domain, const struct spawn_order *order) {
    if (order->provision != NULL) {
        return; /* what it was given stays behind */
    }
    struct origin *origin = malloc(sizeof(*origin) + order->size + 1);
    if (origin == NULL) {
        return;
    }
    *origin = (struct origin){
        .next = origins, .domain = domain, .starter = order->starter, .own_ram = order->own_ram, .size = order->size};
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

err_t moving_choose(uint32_t domain, bool moves) {
    struct origin *origin = *place_of(domain);
    if (origin == NULL) {
        return ERR_UNSUPPORTED;
    }
    origin->moves = moves;
    return ERR_OK;
}

static struct origin *take(uint32_t domain) {
    struct origin **at = place_of(domain), *origin = *at;
    if (origin != NULL) {
        *at = origin->next;
    }
    return origin;
}

void moving_forget(uint32_t domain) {
    free(take(domain));
}

static err_t start(coreid_t core, void *argument) {
    struct origin *origin = argument;
    struct spawn_order order = {
        .text = origin->text, .size = origin->size, .starter = origin->starter, .own_ram = origin->own_ram};
    return spawn_on(core, &order, &origin->domain);
}

uint32_t moving_move(uint32_t domain) {
    struct origin *origin = take(domain);
    uint32_t moved = 0;
    if (origin != NULL && origin->moves) {
        if (neighbours_try(start, origin) == ERR_OK) {
            moved = origin->domain;
        } else {
            console_line("domain %u.%u (%.16s): no other core takes it", DOMAIN_CORE(domain), DOMAIN_COUNT(domain),
                         origin->text);
        }
    }
    free(origin);
    return moved;
}
