/* Capabilities across cores: who owns a range, who holds copies, where it was divided; replicated on the cores that hold
   it and on no other, and changed by agreement (agree.h) among exactly these.

   An object is named by a word (its base). It has one owner, a set of holders (the owner among them) and, when it has been
   retyped, the core where its descendants are. Every change is a two-phase transaction over all holders, and the newcomer
   where there is one: each locks the object when it is asked, and nobody may use a locked one as its owner.
   - a local use (owner_may_use) asks nobody;
   - revoke leaves one holder: when it is done no live core has a copy or a descendant but the one that asked;
   - two retypes of one object cannot both happen, on whichever cores they began;
   - the owner may move, and when it dies the lowest live holder moves it to itself. An object whose holders have all died
     is known to nobody; authority over its memory is re-created from the record of who owns which memory.
   What a core knows may have changed before its transaction is asked elsewhere: a generation tells, the transaction is
   tried again with what is true now (agree_client.begin), and keeps its age, so that it comes through. */
#ifndef SKERRY_OWNER_H
#define SKERRY_OWNER_H

#include <skerry/agree.h>

#ifndef OWNER_OBJECTS
#define OWNER_OBJECTS 256
#endif

enum owner_change { OWNER_COPY = 1, OWNER_DELETE, OWNER_REVOKE, OWNER_RETYPE, OWNER_MOVE, OWNER_CHANGES };

struct owner_object {
    uint64_t name, used;
    uint64_t generation;
    uint32_t owner;
    uint32_t divided; /* 1 + the core where its descendants are; 0: it has none */
    struct agree_set holders;
    struct agree_id by; /* whose transaction has it locked; number 0: nobody's */
    uint64_t stamp;
    uint64_t claimed; /* yes or no: its owner died, and we have asked to be it */
};

#define OWNER_CLAIM UINT64_MAX /* the cookie with which a claim is done: nobody's */

struct owners {
    struct agree *agree;
    uint64_t client;
    struct owner_object object[OWNER_OBJECTS];
};

void owner_init(struct owners *owners, struct agree *agree, unsigned client);

/* A new object, of this core alone. NO_MEMORY; SLOT_OCCUPIED: there is one of this name here. */
[[nodiscard]] err_t owner_create(struct owners *owners, uint64_t name);

/* COPY gives `target` a copy, MOVE makes that holder the owner; DELETE, REVOKE and RETYPE are this core's own, with
   `target` unused. The engine's done() has this cookie: OK; NOT_FOUND: no copy here (any more); RETYPE_BUSY: it has
   descendants; ARGUMENT; TIMEOUT; NO_MEMORY. */
[[nodiscard]] err_t owner_change(struct owners *owners, enum owner_change change, uint64_t name, unsigned target,
                                 uint64_t deadline, uint64_t cookie);

/* NULL: no copy here. */
const struct owner_object *owner_find(const struct owners *owners, uint64_t name);

/* This core is its owner, and no change is under way. */
bool owner_may_use(const struct owners *owners, uint64_t name);

/* For the owner's agree_client. */
err_t owner_begin(struct owners *owners, struct agree_request *request);
err_t owner_prepare(struct owners *owners, const struct agree_work *work, uint64_t *holder);
err_t owner_finish(struct owners *owners, const struct agree_work *work, enum agree_end end);
void owner_viewed(struct owners *owners);

#endif
