/* A small key-value table, replicated on every live core by agreement (agree.h): the worked example of how to replicate
   state. A key is three words, a value one; the value 0 is none, and who puts it deletes the key. Storage is fixed.

   A put is a two-phase transaction over all live cores: each replica locks the key when it is asked and stores the value
   when it is told to. It is done when every live replica has it.

   What a reader may rely on:
   - kv_read() is linearisable with puts and with reads anywhere: it answers at once from the local replica while the key
     is not locked there, and BUSY while it is. All replicas lock before the first one stores, and each keeps its lock until
     it stores, too; so once anyone has read a new value, nobody can read an old one.
   - kv_get() never says BUSY: it gives the newest value stored here. It sees every put that was done before it began and
     never goes back in time on one core; of a put that is under way, one core may see it before another does.
   - What was read on a core that then died may be lost if the put was not done yet and all that had it died.

   A core that is let in finds nothing in flight (agree_pause). It asks the others for a copy (copy.h); until it has one it
   refuses to be asked (BUSY, so coordinators try again) and to be read (NOT_READY). While anyone lacks a copy no put can be
   agreed on, so it does not matter whose copy it is. */
#ifndef SKERRY_KV_H
#define SKERRY_KV_H

#include <skerry/copy.h>

#ifndef KV_ENTRIES
#define KV_ENTRIES 512
#endif

#define KV_KEY_WORDS 3

struct kv_key {
    uint64_t word[KV_KEY_WORDS];
};

struct kv_entry {
    struct kv_key key;
    uint64_t value;
    uint64_t used;      /* a value has been stored */
    struct agree_id by; /* who has it locked; number 0: nobody */
    uint64_t stamp;     /* of that one */
};

struct kv {
    struct copy copy;
    struct kv_entry entry[KV_ENTRIES];
};

/* At the start of the machine every replica is ready, and empty. A core that is let in later is not. */
void kv_init(struct kv *kv, struct agree *agree, unsigned client);

/* The transaction of a put, for an owner that submits it itself. NOT_READY. */
[[nodiscard]] err_t kv_request(const struct kv *kv, const struct kv_key *key, uint64_t value,
                               struct agree_request *request);

/* Submits it. Done by the engine's done() with this cookie: OK, or it has not happened (TIMEOUT, NO_MEMORY). */
[[nodiscard]] err_t kv_put(struct kv *kv, const struct kv_key *key, uint64_t value, uint64_t deadline, uint64_t cookie);

/* OK, NOT_FOUND, BUSY, NOT_READY */
[[nodiscard]] err_t kv_read(const struct kv *kv, const struct kv_key *key, uint64_t *value);

/* OK, NOT_FOUND, NOT_READY */
[[nodiscard]] err_t kv_get(const struct kv *kv, const struct kv_key *key, uint64_t *value);

/* For an owner whose values say whose they are: deletes here what is the dead's, and a put of theirs that the survivors finish
   is a deletion. Each replica does so under the same view. */
void kv_forget(struct kv *kv, bool (*of_the_dead)(const struct kv *kv, const struct kv_entry *entry));

/* For the owner's agree_client. */
err_t kv_prepare(struct kv *kv, const struct agree_work *work, uint64_t *holder);
err_t kv_finish(struct kv *kv, const struct agree_work *work, enum agree_end end);
void kv_note(struct kv *kv, unsigned from, const uint64_t op[AGREE_WORDS]);
void kv_viewed(struct kv *kv, const struct agree_set *dead);

#endif
