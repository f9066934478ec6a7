#include <skerry/keys.h>

#include <if/monitor.h>
#include <skerry/domain.h>
#include <skerry/string.h>

#define SLACK_MS 20000 /* beyond the deadline that the monitor was given */
#define COPY_MS 10000  /* for a core that was just let in to get its copy of the table */

err_t key_from_text(const char *text, uint64_t *word) {
    size_t length = strlen(text);
    if (length == 0 || length > sizeof(*word)) {
        return ERR_ARGUMENT;
    }
    *word = 0;
    memcpy(word, text, length);
    return ERR_OK;
}

err_t key_put(uint64_t key, uint64_t value, uint64_t deadline_ms) {
    struct lrpc_call call = {
        .operation = MONITOR_KEY_PUT, .deadline_ms = deadline_ms + SLACK_MS, .request = {key, value, deadline_ms}};
    return domain_ask(&call);
}

static err_t get(uint64_t key, uint64_t linearisable, uint64_t deadline_ms, uint64_t *value) {
    struct lrpc_call call = {.operation = MONITOR_KEY_GET,
                             .deadline_ms = deadline_ms + SLACK_MS,
                             .request = {key, linearisable, deadline_ms}};
    TRY(domain_ask(&call));
    *value = call.reply[1];
    return ERR_OK;
}

err_t key_read(uint64_t key, uint64_t deadline_ms, uint64_t *value) {
    return get(key, 1, deadline_ms, value);
}

err_t key_get(uint64_t key, uint64_t *value) {
    return get(key, 0, COPY_MS, value);
}
