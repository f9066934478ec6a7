/* From a domain's order to a request: the text checked and cut up, the provision put into its slots. */
#include <skerry/string.h>

#include "monitor/provisions.h"
#include "monitor/spawn.h"
#include "monitor/supervision.h"

static err_t text_check(const struct spawn_order *order, char arguments[MONITOR_SPAWN_TEXT + 1],
                        struct spawn_request *request) {
    if (order->size == 0 || order->size > MONITOR_SPAWN_TEXT) {
        return ERR_ARGUMENT;
    }
    memcpy(arguments, order->text, order->size);
    arguments[order->size] = '\0';
    request->bytes = (uint32_t)order->size + 1;
    for (uint32_t i = 0; i < request->bytes; i++) {
        request->argc += arguments[i] == '\0';
    }
    bool is_program = strlen(arguments) <= MONITOR_NAME_BYTES && strcmp(arguments, "monitor") != 0;
    return is_program ? ERR_OK : ERR_NOT_FOUND;
}

/* Everything in the provision is the request's from here on. */
static void take_provision(struct provision *provision, struct spawn_request *request) {
    for (unsigned i = 0; i < provision->count; i++) {
        request->gifts[i] = (struct spawn_gift){CAP_GIVEN + i, provision->gifts[i]};
    }
    request->gift_count = provision->count;
    request->ram = provision->ram;
    provision->count = 0;
    provision->ram = CAP_NULL;
    provision_drop(provision);
}

err_t spawn_ordered(const struct spawn_order *order, uint32_t *domain) {
    char arguments[MONITOR_SPAWN_TEXT + 1];
    struct spawn_request request = {
        .program = arguments, .text = arguments, .starter = order->starter, .own_ram = order->own_ram};
    err_t err = text_check(order, arguments, &request);
    if (err != ERR_OK) {
        if (order->provision != NULL) {
            provision_drop(order->provision);
        }
        return err;
    }
    if (order->provision != NULL) {
        take_provision(order->provision, &request);
    }
    TRY(spawn(&request, domain));
    supervision_remember(*domain, order);
    return ERR_OK;
}
