/* Each in the fibre of its request. */
#include "monitor/services_agreed.h"

#include <skerry/time.h>

#include "monitor/advice.h"
#include "monitor/cores.h"
#include "monitor/groups.h"
#include "monitor/keys.h"
#include "monitor/membership.h"
#include "monitor/practice.h"
#include "monitor/told.h"

#define KEY_WAIT_MAX_MS 3600000

err_t serve_members(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)cap;
    return request->payload[0] < core_count() ? membership_of((coreid_t)request->payload[0], reply) : ERR_NOT_FOUND;
}

err_t serve_practice(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)cap;
    const uint64_t *word = request->payload;
    struct practice what = {word[0], word[1], word[2], word[3], word[4]};
    return practice(&what, reply);
}

err_t serve_key_put(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)reply, (void)cap;
    const uint64_t *word = request->payload;
    return keys_put(word[0], word[1], time_deadline(MIN(word[2], (uint64_t)KEY_WAIT_MAX_MS)));
}

err_t serve_key_get(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)cap;
    const uint64_t *word = request->payload;
    return keys_get(word[0], word[1] == 1, time_deadline(MIN(word[2], (uint64_t)KEY_WAIT_MAX_MS)), reply);
}

err_t serve_told(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)cap;
    return request->payload[0] < core_count() ? told_of((coreid_t)request->payload[0], reply) : ERR_NOT_FOUND;
}

/* Of what the home has been told or seen by now, it goes by what follows. */
err_t serve_trees(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)cap;
    const uint64_t *word = request->payload;
    advice_await();
    return word[0] < core_count() ? groups_of((coreid_t)word[0], word[1], reply) : ERR_NOT_FOUND;
}
