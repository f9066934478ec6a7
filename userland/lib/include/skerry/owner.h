/* Capabilities across cores: who owns a range and who holds copies; replicated on the cores that hold it and on no other, and
   changed by agreement (agree.h) among exactly these.

   An object is named by a word (its base). It has one owner, a set of holders (the owner among them) and a home, the core whose
   memory it is, which holds it for as long as anybody does: that core must know when it may use the memory for something else.
   What descendants an object has stands nowhere but at the core that has them: it says so when it is asked (`refuses`). Every
   change is a two-phase transaction over all holders, and the newcomer where there is one: each locks the object when it is
   asked, and nobody may use a locked one as its owner.
   - a local use (owner_may_use) asks nobody;
   - revoke leaves one holder, and the home: when it is done no live core has a copy or a descendant but the one that asked;
   - two retypes that overlap cannot both happen, on whichever cores they began: each holder is asked while it is locked;
   - the owner may move, and when it dies the lowest live holder moves it to itself. Without its home it lives on. An object
     whose holders have all died
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
    uint32_t home; /* OWNER_NOBODY: that has died */
    struct agree_set holders;
    struct agree_id by; /* whose transaction has it locked; number 0: nobody's */
    uint64_t stamp;
    uint64_t claimed; /* yes or no: its owner died, and we have asked to be it */
};

#define OWNER_CLAIM UINT64_MAX /* the cookie with which a claim is done: nobody's */
#define OWNER_NOBODY AGREE_NOBODY
#define OWNER_ARGUMENTS 3

/* A change as the holders see it. */
struct owner_operation {
    enum owner_change change;
    unsigned target, owner, home; /* owner: of what remains; home: for a newcomer */
    uint64_t name, generation;
    const uint64_t *argument;
};

struct owners {
    struct agree *agree;
    uint64_t client;
    /* Asked at every holder before a RETYPE, and at the target before its DELETE: not OK is its end. Descendants that are in the
       way are RETYPE_BUSY. */
    err_t (*refuses)(void *context, const struct owner_operation *operation);
    void *context;
    struct owner_object object[OWNER_OBJECTS];
};

/* `owners` names `refuses` and its context already. */
void owner_init(struct owners *owners, struct agree *agree, unsigned client);

/* False: that is none. */
bool owner_read(const struct owners *owners, const uint64_t op[AGREE_WORDS], struct owner_operation *operation);

/* A new object, of this core alone, which is its home. NO_MEMORY; SLOT_OCCUPIED: there is one of this name here. */
[[nodiscard]] err_t owner_create(struct owners *owners, uint64_t name);

/* One that never left this core, gone again. */
void owner_forget(struct owners *owners, uint64_t name);

/* COPY gives `target` a copy, MOVE makes that holder the owner; DELETE, REVOKE and RETYPE are this core's own, with
   `target` unused. The arguments are whatever the holders should know. */
struct owner_wish {
    enum owner_change change;
    unsigned target;
    uint64_t name;
    uint64_t argument[OWNER_ARGUMENTS];
};

/* A request for the engine, to be given a deadline and a cookie. ARGUMENT. Its end: OK; NOT_FOUND: no copy here (any more);
   RETYPE_BUSY: it has descendants; SHARED: this core is its home and others hold it; ARGUMENT: the target has a copy, or none;
   TIMEOUT; NO_MEMORY. */
[[nodiscard]] err_t owner_request(const struct owners *owners, const struct owner_wish *wish,
                                  struct agree_request *request);

/* NULL: no copy here. */
const struct owner_object *owner_find(const struct owners *owners, uint64_t name);

/* Who owns it; or, when its owner has died, who is about to. */
unsigned owner_of(const struct owner_object *object);

/* This transaction has its object locked here: what is to be done at its end is to be done. */
bool owner_locked(struct owners *owners, const struct agree_work *work);

/* This core is its owner, and no change is under way. */
bool owner_may_use(const struct owners *owners, uint64_t name);

/* For the owner's agree_client. */
err_t owner_begin(struct owners *owners, struct agree_request *request);
err_t owner_prepare(struct owners *owners, const struct agree_work *work, uint64_t *holder);
err_t owner_finish(struct owners *owners, const struct agree_work *work, enum agree_end end);
void owner_viewed(struct owners *owners);

#endif
