/* A key is name and core, a value domain | 1 << 32 where it takes channels | 1 << 33. Each core speaks of its own names only, in the
   order in which they come and go. */
#include "monitor/directory.h"

#include <skerry/fibre.h>
#include <skerry/kv.h>
#include <skerry/log.h>
#include <skerry/sync.h>
#include <skerry/time.h>

#include "monitor/agreement.h"
#include "monitor/cores.h"
#include "monitor/machine.h"

#define PATIENCE 5 /* times a peer's deadline, for all to be told */
#define DROPS 64

#define TAKES_CHANNELS (1UL << 32)
#define OFFERED (1UL << 33)

struct drop {
    struct name name;
    uint32_t domain;
};

static struct kv table;
static struct mutex telling; /* one change after the other */
static struct drop drops[DROPS];
static unsigned drops_first, drops_count;
static struct fibre_queue dropped, ready;

static bool of_the_dead(const struct kv *kv, const struct kv_entry *entry) {
    return !agree_has(&kv->copy.agree->live, (unsigned)entry->key.word[2]);
}

static err_t prepare(void *context, const struct agree_work *work, uint64_t *holder) {
    (void)context;
    return work->op[0][2] == work->id.core ? kv_prepare(&table, work, holder) : ERR_ARGUMENT;
}

static err_t finish(void *context, const struct agree_work *work, enum agree_end end) {
    (void)context;
    err_t err = kv_finish(&table, work, end);
    kv_forget(&table, of_the_dead);
    names_changed();
    return err;
}

static void note(void *context, unsigned from, const uint64_t op[AGREE_WORDS]) {
    (void)context;
    kv_note(&table, from, op);
    fibre_wake_all(&ready);
    names_changed();
}

static void viewed(void *context, const struct agree_set *dead, const struct agree_set *joined) {
    (void)context, (void)joined;
    kv_viewed(&table, dead);
    kv_forget(&table, of_the_dead);
    fibre_wake_all(&ready);
    names_changed();
}

static const struct agree_client client = {
    .prepare = prepare,
    .finish = finish,
    .done = agreement_done,
    .note = note,
    .view = viewed,
};

void directory_init(void) {
    agreement_register(AGREEMENT_NAMES, &client);
}

/* Changes */

static struct kv_key key_of(const struct name *name, coreid_t core) {
    return (struct kv_key){{name->word[0], name->word[1], core}};
}

static err_t put(const struct name *name, uint64_t value) {
    struct kv_key key = key_of(name, this_core());
    uint64_t deadline = time_deadline(PATIENCE * peer_deadline_ms());
    struct agree_request request;
    while (kv_request(&table, &key, value, &request) == ERR_NOT_READY) {
        if (!fibre_wait(&ready, deadline)) {
            return ERR_TIMEOUT;
        }
    }
    request.deadline = deadline;
    return agreement_do(&request);
}

err_t directory_add(const struct name *name, const struct exporter *exporter) {
    mutex_lock(&telling);
    err_t err = put(name, exporter->domain | (exporter->takes_channels ? TAKES_CHANNELS : 0) | OFFERED);
    mutex_unlock(&telling);
    return err;
}

/* Another domain may offer the same name by now. */
static bool is_listed(const struct drop *gone) {
    struct kv_key key = key_of(&gone->name, this_core());
    uint64_t value;
    return kv_get(&table, &key, &value) == ERR_OK && (uint32_t)value == gone->domain;
}

/* A time-out is tried again: somebody is being found dead. */
static void drop(const struct drop *gone) {
    err_t err = ERR_TIMEOUT;
    mutex_lock(&telling);
    while (err == ERR_TIMEOUT && is_listed(gone)) {
        err = put(&gone->name, 0);
    }
    mutex_unlock(&telling);
    if (err != ERR_OK && err != ERR_TIMEOUT) {
        log_line("the directory keeps a name of domain %u: %s", gone->domain, err_name(err));
    }
}

static void drop_all(void *argument) {
    (void)argument;
    for (;;) {
        while (drops_count == 0) {
            (void)fibre_wait(&dropped, 0);
        }
        struct drop gone = drops[drops_first];
        drops_first = (drops_first + 1) % DROPS;
        drops_count--;
        drop(&gone);
    }
}

void directory_drop(const struct name *name, uint32_t domain) {
    if (drops_count == DROPS) {
        log_line("the directory keeps a name of domain %u: too many end at once", domain);
        return;
    }
    drops[(drops_first + drops_count) % DROPS] = (struct drop){*name, domain};
    drops_count++;
    (void)fibre_wake(&dropped);
}

err_t directory_begin(void) {
    kv_init(&table, agreement(), AGREEMENT_NAMES);
    return fibre_spawn(drop_all, NULL, 0);
}

/* Looking up */

static unsigned distance(unsigned core) {
    return core > this_core() ? core - this_core() : this_core() - core;
}

err_t directory_find(const struct name *name, struct exporter *exporter) {
    unsigned nearest = UINT32_MAX;
    for (unsigned i = 0; table.copy.ready && i < KV_ENTRIES; i++) {
        const struct kv_entry *entry = &table.entry[i];
        unsigned core = (unsigned)entry->key.word[2];
        bool same = entry->key.word[0] == name->word[0] && entry->key.word[1] == name->word[1];
        if (!entry->used || !same || core == this_core() || distance(core) >= nearest) {
            continue;
        }
        nearest = distance(core);
        *exporter = (struct exporter){(uint32_t)entry->value, (entry->value & TAKES_CHANNELS) != 0};
    }
    return nearest != UINT32_MAX ? ERR_OK : table.copy.ready ? ERR_NOT_FOUND : ERR_NOT_READY;
}
