/* See kv.h. A put's operation: key (3), value. */
#include <skerry/kv.h>

_Static_assert(offsetof(struct kv, copy) == 0, "so that a copy's sender finds the table");

void kv_init(struct kv *kv, struct agree *agree, unsigned client) {
    *kv = (struct kv){};
    copy_init(&kv->copy, agree, client);
}

static bool same(const struct kv_key *a, const struct kv_key *b) {
    return a->word[0] == b->word[0] && a->word[1] == b->word[1] && a->word[2] == b->word[2];
}

static struct kv_key key_in(const uint64_t op[]) {
    return (struct kv_key){{op[0], op[1], op[2]}};
}

static struct kv_entry *find(struct kv *kv, const struct kv_key *key) {
    for (unsigned i = 0; i < KV_ENTRIES; i++) {
        struct kv_entry *entry = &kv->entry[i];
        if ((entry->used || entry->by.number != 0) && same(&entry->key, key)) {
            return entry;
        }
    }
    return NULL;
}

static struct kv_entry *find_or_free(struct kv *kv, const struct kv_key *key) {
    struct kv_entry *entry = find(kv, key);
    for (unsigned i = 0; entry == NULL && i < KV_ENTRIES; i++) {
        bool is_free = !kv->entry[i].used && kv->entry[i].by.number == 0;
        entry = is_free ? &kv->entry[i] : NULL;
    }
    return entry;
}

err_t kv_request(const struct kv *kv, const struct kv_key *key, uint64_t value, struct agree_request *request) {
    *request = (struct agree_request){
        .client = (uint16_t)kv->copy.client,
        .phases = 2,
        .topology = AGREE_NUMA,
        .flags = AGREE_ALONE | AGREE_EVERYONE,
        .op = {key->word[0], key->word[1], key->word[2], value},
    };
    return kv->copy.ready ? ERR_OK : ERR_NOT_READY;
}

err_t kv_put(struct kv *kv, const struct kv_key *key, uint64_t value, uint64_t deadline, uint64_t cookie) {
    struct agree_request request;
    err_t error = kv_request(kv, key, value, &request);
    request.deadline = deadline;
    request.cookie = cookie;
    return error == ERR_OK ? agree_submit(kv->copy.agree, &request) : error;
}

err_t kv_get(const struct kv *kv, const struct kv_key *key, uint64_t *value) {
    if (!kv->copy.ready) {
        return ERR_NOT_READY;
    }
    for (unsigned i = 0; i < KV_ENTRIES; i++) {
        if (kv->entry[i].used && same(&kv->entry[i].key, key)) {
            *value = kv->entry[i].value;
            return ERR_OK;
        }
    }
    return ERR_NOT_FOUND;
}

err_t kv_read(const struct kv *kv, const struct kv_key *key, uint64_t *value) {
    for (unsigned i = 0; kv->copy.ready && i < KV_ENTRIES; i++) {
        if (kv->entry[i].by.number != 0 && same(&kv->entry[i].key, key)) {
            return ERR_BUSY;
        }
    }
    return kv_get(kv, key, value);
}

err_t kv_prepare(struct kv *kv, const struct agree_work *work, uint64_t *holder) {
    struct kv_key key = key_in(work->op[0]);
    struct kv_entry *entry = find_or_free(kv, &key);
    if (!kv->copy.ready) {
        return ERR_BUSY;
    }
    if (entry == NULL) {
        return ERR_NO_MEMORY;
    }
    if (entry->by.number != 0) {
        *holder = entry->stamp;
        return ERR_BUSY;
    }
    entry->key = key;
    entry->by = work->id;
    entry->stamp = work->stamp;
    return ERR_OK;
}

err_t kv_finish(struct kv *kv, const struct agree_work *work, enum agree_end end) {
    struct kv_key key = key_in(work->op[0]);
    struct kv_entry *entry = find(kv, &key);
    if (entry == NULL || entry->by.number != work->id.number || entry->by.core != work->id.core) {
        return ERR_OK;
    }
    entry->by = (struct agree_id){};
    entry->stamp = 0;
    if (end == AGREE_COMMIT) {
        entry->value = work->op[0][KV_KEY_WORDS];
        entry->used = entry->value != 0;
    }
    return ERR_OK;
}

static void send_copy(struct copy *copy, unsigned to) {
    const struct kv *kv = (const struct kv *)copy;
    for (unsigned i = 0; i < KV_ENTRIES; i++) {
        const struct kv_entry *entry = &kv->entry[i];
        if (entry->used) {
            const uint64_t *key = entry->key.word;
            copy_send(copy, to, (uint64_t[AGREE_WORDS]){COPY_PART, key[0], key[1], key[2], entry->value});
        }
    }
}

static void take_entry(struct kv *kv, const struct kv_key *key, uint64_t value) {
    struct kv_entry *entry = find_or_free(kv, key);
    if (entry != NULL) {
        entry->key = *key;
        entry->value = value;
        entry->used = true;
    }
}

void kv_note(struct kv *kv, unsigned from, const uint64_t op[AGREE_WORDS]) {
    if (copy_note(&kv->copy, from, op, send_copy)) {
        struct kv_key key = key_in(&op[1]);
        take_entry(kv, &key, op[1 + KV_KEY_WORDS]);
    }
}

void kv_viewed(struct kv *kv, const struct agree_set *dead) {
    copy_viewed(&kv->copy, dead, send_copy);
}

void kv_forget(struct kv *kv, bool (*of_the_dead)(const struct kv *kv, const struct kv_entry *entry)) {
    for (unsigned i = 0; i < KV_ENTRIES; i++) {
        if (kv->entry[i].used && of_the_dead(kv, &kv->entry[i])) {
            kv->entry[i].used = false;
        }
    }
}
