/* The glue between kv.h and the domains. */
#include "monitor/keys.h"

#include <skerry/fibre.h>
#include <skerry/kv.h>
#include <skerry/time.h>

#include "monitor/agreement.h"

static struct kv table;
static struct fibre_queue changed; /* a key is free again, or there is a copy */

static err_t prepare(void *context, const struct agree_work *work, uint64_t *holder) {
    (void)context;
    return kv_prepare(&table, work, holder);
}

static err_t finish(void *context, const struct agree_work *work, enum agree_end end) {
    (void)context;
    err_t err = kv_finish(&table, work, end);
    fibre_wake_all(&changed);
    return err;
}

static void note(void *context, unsigned from, const uint64_t op[AGREE_WORDS]) {
    (void)context;
    kv_note(&table, from, op);
    fibre_wake_all(&changed);
}

static void viewed(void *context, const struct agree_set *dead, const struct agree_set *joined) {
    (void)context, (void)joined;
    kv_viewed(&table, dead);
    fibre_wake_all(&changed);
}

static const struct agree_client client = {
    .prepare = prepare,
    .finish = finish,
    .done = agreement_done,
    .note = note,
    .view = viewed,
};

void keys_init(void) {
    agreement_register(AGREEMENT_KV, &client);
}

void keys_begin(void) {
    kv_init(&table, agreement(), AGREEMENT_KV);
}

/* A core that was just let in has no copy yet. */
err_t keys_put(uint64_t key, uint64_t value, uint64_t deadline) {
    struct kv_key whole = {{key}};
    struct agree_request request;
    while (kv_request(&table, &whole, value, &request) == ERR_NOT_READY) {
        if (!fibre_wait(&changed, deadline)) {
            return ERR_TIMEOUT;
        }
    }
    request.deadline = deadline;
    return agreement_do(&request);
}

err_t keys_get(uint64_t key, bool linearisable, uint64_t deadline, uint64_t *value) {
    struct kv_key whole = {{key}};
    for (;;) {
        err_t err = linearisable ? kv_read(&table, &whole, value) : kv_get(&table, &whole, value);
        if (err != ERR_BUSY && err != ERR_NOT_READY) {
            return err;
        }
        if (!fibre_wait(&changed, deadline)) {
            return ERR_TIMEOUT;
        }
    }
}
