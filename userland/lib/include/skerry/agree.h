/* Agreement among cores: one engine for everything that several cores must do together or not at all.

   Free of transport, machine and allocation: the owner gives functions that send and act, hands in what arrives, and
   calls agree_tick() as time passes. Nothing here waits, and every word from a peer is checked before it is used.

   A transaction starts at one core, its coordinator, and concerns a set of members, the cores with a stake. One phase:
   DECIDE goes out, each member acts, ACK comes back. Two phases: ASK goes out, VOTE comes back, then DECIDE says commit
   (all said yes) or abort. Messages go down a tree (agree_tree.h); votes and acknowledgements are gathered on the way
   up, one message an edge. The outcome is reported when every live member has acted on it, never earlier.

   Same outcome everywhere. A core is live or dead by a *view*: an epoch and the live cores; a core is declared dead
   only after it was fenced. A view goes ahead of the first message that a core sends under it, messages from the dead
   are dropped, and every transaction that a death touches goes through a new *attempt*, numbered by the epoch first:
   - a member dies: the coordinator asks or decides anew among the live members; who has voted or acted says so again.
   - the coordinator dies: under the new view every live core reports what it knows of the dead one's transactions to
     the lowest live core, which, having heard from all, commits what anyone has committed and aborts the rest. This is
     right because (1) a commit implies that all live members voted yes, so commit is possible everywhere; (2) who
     has reported under a view takes nothing more from the dead, and what live cores still forward to each other is
     what the forwarder had done, and so reported, itself; (3) nothing is forgotten too early: a member keeps a
     transaction until its coordinator uses the same slot again, which it does only when all live members have acted.
   - the lowest live core dies, too: the next view repeats this, and what it had decided anywhere is a decision found.
   - a core comes back: its new life is no member of anything that was begun before. So the dead leave all records with
     the view that says so, and attempts older than its return pass it by.
   A one-phase transaction is one that is committed from the start: known to anyone, it is done everywhere.

   No deadlock. Where two two-phase transactions conflict, the client names the one that stands in the way. The older
   one (by stamp) waits at that core; the younger is refused, and its coordinator aborts it everywhere, rests, and tries
   again with its old stamp. So waiting goes from older to younger only, and no circle can close.
   No livelock. A stamp is above every stamp that its core had seen, and each core numbers its own in rising order, so
   only finitely many transactions are ever older than a given one. The oldest is never refused for a conflict and waits
   only for some that are younger, the last of which waits for none and ends; so the oldest ends, and every transaction
   becomes the oldest in time, unless its deadline comes first: then an undecided one is aborted.
   A decided one cannot be; when it does not come to its end, its members are doubted aloud (`doubt`), and whoever keeps
   the membership finds which of them is dead.

   One-phase operations of different coordinators arrive in any order: they must commute, or be started by one core. */
#ifndef SKERRY_AGREE_H
#define SKERRY_AGREE_H

#include <skerry/agree_tree.h>

#ifndef AGREE_WINDOW
#define AGREE_WINDOW 8 /* transactions in flight from one coordinator */
#endif
#ifndef AGREE_QUEUE
#define AGREE_QUEUE 32 /* requests that wait for one of them to end */
#endif
#ifndef AGREE_BATCH
#define AGREE_BATCH 4 /* operations in one transaction */
#endif
#define AGREE_WORDS 6 /* of an operation */
#define AGREE_CLIENTS 12
#define AGREE_ATTEMPTS AGREE_CORES /* under one view: one more for each core that is shunned */

enum agree_type {
    AGREE_ASK,      /* to branches: will you? */
    AGREE_VOTE,     /* to the parent: `result` */
    AGREE_DECIDE,   /* to branches: `result` OK is commit, else why not */
    AGREE_ACK,      /* to the parent: done, here and below */
    AGREE_VIEW,     /* epoch and live cores (members) */
    AGREE_REPORT,   /* to the lowest live core: a dead coordinator's transaction; `result` CONTINUE: undecided */
    AGREE_REPORTED, /* ... and that was all of them */
    AGREE_NOTE,     /* one operation for a client, about no transaction */
    AGREE_TYPES
};

/* The structures from here on have no padding, so that a model of the whole machine can be hashed.

   Numbers rise for the life of a core and over its lives. */
struct agree_id {
    uint64_t number;
    uint32_t core; /* coordinator */
    uint32_t slot; /* of its window */
};

struct agree_message {
    uint8_t type, client, phases, topology, flags, count;
    uint16_t root;    /* of the tree */
    uint32_t attempt; /* epoch * AGREE_ATTEMPTS, and one more for each under the same; of VIEW, REPORT*: the epoch */
    err_t result;
    struct agree_id id;
    uint64_t stamp;
    struct agree_set members;              /* the transaction's */
    struct agree_set below;                /* for whom the receiver answers, besides itself */
    uint64_t op[AGREE_BATCH][AGREE_WORDS]; /* `count` of them, one of a NOTE; the others are not looked at */
};

enum agree_flag {
    AGREE_NEEDS_ALL = 1,       /* abort when a member dies before it has voted */
    AGREE_ALONE = 2,           /* do not put it into one transaction with others */
    AGREE_EVERYONE = 8,        /* the members are all that are live when it begins */
    AGREE_AFTER_THE_DEAD = 16, /* does not end before all that those have begun who are dead when it begins */
    AGREE_URGENT = 4, /* a place in the window is kept for one of these; does not wait for members that are shunned */
};

struct agree_request {
    uint16_t client, phases, topology, flags;
    struct agree_set members;
    uint64_t deadline;
    uint64_t cookie; /* the owner's, for done() */
    uint64_t op[AGREE_WORDS];
};

/* What a client is asked to do: operations that stand or fall together. */
struct agree_work {
    struct agree_id id;
    uint64_t stamp;
    struct agree_set members;
    unsigned count;
    const uint64_t (*op)[AGREE_WORDS];
};

enum agree_end { AGREE_COMMIT, AGREE_ABORT };

struct agree_client {
    /* At the coordinator, before each try: may say anew who the members are and what the operation is (it may have waited, or
       been refused for a conflict). Not OK: that is its end. May be NULL. For requests that go ALONE. */
    err_t (*begin)(void *context, struct agree_request *request);
    /* OK: yes, and nothing that conflicts may begin until finish(). BUSY: it conflicts with transactions that are being
       asked or decided here; *holder is the oldest one's stamp. CONTINUE: agree_answer() will say. Else: no. */
    err_t (*prepare)(void *context, const struct agree_work *work, uint64_t *holder);
    /* After a yes or CONTINUE; a commit also without having been asked. OK or CONTINUE, as above. */
    err_t (*finish)(void *context, const struct agree_work *work, enum agree_end end);
    /* At the coordinator, once for each request. */
    void (*done)(void *context, uint64_t cookie, err_t result);
    void (*note)(void *context, unsigned from, const uint64_t op[AGREE_WORDS]);
    /* After a new view was installed; `dead` and `joined` are the differences. May be NULL. */
    void (*view)(void *context, const struct agree_set *dead, const struct agree_set *joined);
    /* At the lowest live core: all transactions of the dead have ended. May be NULL. */
    void (*recovered)(void *context);
};

struct agree_record;

struct agree_config {
    unsigned self, cores;  /* cores: all numbers are below it */
    unsigned coordinators; /* who begins transactions is below it; there are this many times AGREE_WINDOW records */
    uint32_t epoch;        /* at the start */
    struct agree_set live;
    uint64_t patience; /* until members of something that does not go on are doubted */
    uint64_t rest;     /* before a transaction that was refused for a conflict is tried again */
    void *context;     /* for all functions */
    void (*send)(void *context, unsigned to, const struct agree_message *message); /* in order; takes it always */
    /* One message that several read (BROADCAST); NULL: they are sent one each. */
    void (*send_all)(void *context, const struct agree_set *to, const struct agree_message *message);
    /* The same as `send` to each of these, in their order; NULL: one by one. */
    void (*send_each)(void *context, const uint16_t to[], unsigned count, const struct agree_message *message);
    struct agree_branches *branches; /* engines of one thread may share it */
    /* NULL: a star. */
    const struct agree_tree *(*tree)(void *context, enum agree_topology topology, unsigned root);
    void (*doubt)(void *context, const struct agree_set *members);
    /* For a timeline, or NULL: asked or decided and passed on below (ASK, DECIDE); all is in from there and here, and on its way
       up (VOTE, ACK), which at the root is where the vote and the whole transaction end. */
    void (*trace)(void *context, const struct agree_record *record, enum agree_type phase);
    const struct agree_client *client[AGREE_CLIENTS];
};

enum agree_state { AGREE_IDLE, AGREE_VOTING, AGREE_COMMITTED, AGREE_ABORTED };

enum agree_own {
    AGREE_OWN_NONE,
    AGREE_OWN_ASKED,   /* prepare() said CONTINUE */
    AGREE_OWN_WAITING, /* for a younger one in the way */
    AGREE_OWN_YES,
    AGREE_OWN_NO,
    AGREE_OWN_FINISHING, /* finish() said CONTINUE */
    AGREE_OWN_DONE
};

/* A transaction as one core sees it, kept for each coordinator and slot. */
struct agree_record {
    struct agree_id id;
    uint64_t stamp;
    uint64_t doubt_at;
    uint32_t attempt;
    uint16_t parent, root; /* parent: self at the root */
    uint8_t client, phases, topology, flags, count;
    uint8_t phase; /* of this attempt: 1 ASK, 2 DECIDE has come */
    uint8_t state, own;
    uint8_t told;          /* the parent, in this phase */
    uint8_t open;          /* something is still to be done for it, here or below */
    uint16_t commit_found; /* a report says that someone has committed */
    err_t result;
    struct agree_set members;
    struct agree_set waiting; /* branches that have not answered in this phase */
    uint64_t op[AGREE_BATCH][AGREE_WORDS];
};

/* A transaction of this core's own. */
struct agree_slot {
    uint8_t state, first, count, split;
    err_t result;
    uint64_t tries, stamp, rests_until, deadline;
    struct agree_request request[AGREE_BATCH];
};

struct agree_counters {
    uint64_t started, committed, aborted, retried, batched, dropped, refused, orphans;
};

struct agree {
    const struct agree_config *config;
    struct agree_record *record; /* coordinators * AGREE_WINDOW */
    uint64_t now, number, clock;
    uint32_t epoch;
    uint32_t orphans; /* that we are finishing */
    struct agree_set live, shunned;
    uint32_t told[AGREE_CORES];   /* the newest view that a core has from us, or we from it */
    uint32_t joined[AGREE_CORES]; /* the epoch in which a core came back; what is older does not concern it */
    struct agree_set reported;    /* to us, under this view */
    uint32_t recovering, settling, unblocked; /* yes or no */
    uint32_t waiters, queued, queue_head;
    uint64_t open;                /* records */
    uint64_t free, ended;         /* slots, a bit each; ended: their clients have not been told */
    uint64_t paused;              /* yes or no */
    struct agree_id pause_answer; /* number 0: none is owed */
    struct agree_slot slot[AGREE_WINDOW];
    struct agree_request queue[AGREE_QUEUE];
    struct agree_counters counters;
};

void agree_init(struct agree *agree, const struct agree_config *config, struct agree_record *records);

/* Starts a transaction, or queues it: requests that wait for a place in the window and differ in their operation only
   go together. done() always comes. BUSY: the queue is full, or an urgent one is under way; NOT_READY:
   this core is in no view, or no coordinator; ARGUMENT. */
[[nodiscard]] err_t agree_submit(struct agree *agree, const struct agree_request *request);

/* FORMAT: not a message that a peer may send; PEER_DEAD: from the dead. In both cases nothing has changed. */
[[nodiscard]] err_t agree_receive(struct agree *agree, unsigned from, const struct agree_message *message);

/* The answer that prepare() or finish() owes. */
void agree_answer(struct agree *agree, struct agree_id id, err_t result);

void agree_tick(struct agree *agree, uint64_t now);

/* The next time at which agree_tick() has something to do; UINT64_MAX: none. */
uint64_t agree_next_tick(const struct agree *agree);

/* Installs a view. An older or equal epoch is ignored. */
void agree_view(struct agree *agree, uint32_t epoch, const struct agree_set *live);

/* Takes nothing more from these cores: they have been fenced, and a view that says so is on its way. */
void agree_shun(struct agree *agree, const struct agree_set *dead);

/* Begins no transaction until agree_resume(), and answers OK to this one, which prepare() put off, when all that this
   core has begun has ended. Every core does so before a core is let in: it finds nothing in flight. */
void agree_pause(struct agree *agree, struct agree_id then_answer);
void agree_resume(struct agree *agree);

/* Aborts the urgent one of ours if it is still being asked. */
void agree_withdraw(struct agree *agree);

/* This core knows of a change with that stamp, otherwise than by its transaction: its own will be above it. */
void agree_seen(struct agree *agree, uint64_t stamp);

/* One operation to one core's client; FIFO with everything else. */
void agree_note(struct agree *agree, unsigned to, unsigned client, const uint64_t op[AGREE_WORDS]);

/* Something is left to do of what this message, which has just been received, is about. */
bool agree_goes_on(const struct agree *agree, const struct agree_message *message);

/* No transaction is under way that this core takes part in, and none is queued. */
bool agree_quiet(const struct agree *agree);

#endif
