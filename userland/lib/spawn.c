/* Orders go in pieces, so one at a time. */
#include <skerry/spawn.h>

#include <skerry/domain.h>
#include <skerry/slots.h>
#include <skerry/string.h>
#include <skerry/sync.h>

#define WAIT_SLACK_MS 20000 /* beyond the deadline that the monitor was given */

struct text {
    char bytes[MONITOR_SPAWN_TEXT];
    uint64_t size;
};

static struct mutex ordering;

static err_t join(const struct spawn *spawn, struct text *text) {
    text->size = 0;
    for (unsigned i = 0; i < spawn->argc; i++) {
        size_t length = strlen(spawn->argv[i]) + 1;
        if (text->size + length > sizeof(text->bytes) + (i + 1 == spawn->argc)) {
            return ERR_ARGUMENT;
        }
        memcpy(text->bytes + text->size, spawn->argv[i], MIN(length, sizeof(text->bytes) - text->size));
        text->size += length;
    }
    text->size--; /* the last NUL does not travel */
    return spawn->argc > 0 && spawn->give_count <= SPAWN_CAPABILITIES ? ERR_OK : ERR_ARGUMENT;
}

static err_t provide(capaddr_t cap, uint64_t place) {
    struct lrpc_call call = {.operation = MONITOR_PROVIDE, .cap = cap, .request = {place}};
    err_t err = domain_ask(&call);
    if (call.cap != CAP_NULL) {
        slot_release(call.cap);
    }
    return err;
}

/* All of them leave this domain, even after a failure. */
static err_t provide_all(const struct spawn *spawn) {
    err_t err = spawn->ram != CAP_NULL ? provide(spawn->ram, MONITOR_PROVIDE_RAM) : ERR_OK;
    for (unsigned i = 0; i < spawn->give_count; i++) {
        if (err == ERR_OK) {
            err = provide(spawn->give[i], i);
        } else {
            slot_release(spawn->give[i]);
        }
    }
    return err;
}

static err_t send(const struct spawn *spawn, const struct text *text, uint32_t *domain) {
    coreid_t core = spawn->core == SPAWN_HERE ? domain_args()->core : spawn->core;
    uint64_t along = spawn->give_count + (spawn->ram != CAP_NULL);
    if (core >= MAX_CORES) {
        return ERR_NOT_FOUND;
    }
    for (uint64_t at = 0; at < text->size; at += MONITOR_SPAWN_PIECE) {
        struct lrpc_call call = {.operation = MONITOR_SPAWN};
        call.request[0] = core | along << 8 | spawn->own_ram_pages << 32;
        call.request[1] = at << 32 | text->size;
        memcpy(&call.request[2], text->bytes + at, MIN(text->size - at, (uint64_t)MONITOR_SPAWN_PIECE));
        TRY(domain_ask(&call));
        *domain = (uint32_t)call.reply[1];
    }
    return ERR_OK;
}

err_t spawn_domain(const struct spawn *spawn, uint32_t *domain) {
    struct text text;
    mutex_lock(&ordering);
    err_t err = provide_all(spawn);
    err_t joined = join(spawn, &text);
    if (err == ERR_OK) {
        err = joined == ERR_OK ? send(spawn, &text, domain) : joined;
    }
    mutex_unlock(&ordering);
    return err;
}

err_t spawn_wait(uint32_t domain, uint64_t deadline_ms, struct spawn_end *end) {
    struct lrpc_call call = {.operation = MONITOR_WAIT, .deadline_ms = deadline_ms + WAIT_SLACK_MS};
    call.request[0] = domain;
    call.request[1] = deadline_ms;
    TRY(domain_ask(&call));
    *end = (struct spawn_end){(enum monitor_end)call.reply[1], (int64_t)call.reply[2]};
    return ERR_OK;
}

err_t spawn_kill(uint32_t domain) {
    struct lrpc_call call = {.operation = MONITOR_KILL, .request = {domain}};
    return domain_ask(&call);
}
