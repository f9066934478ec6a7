/* What all that share one capability do, the leader and the workers. */
#ifndef SHARES_H
#define SHARES_H

#include <skerry/shared_cap.h>

#define PAGES 16 /* of the memory that is shared */
#define CHILDREN PAGES

/* The leader's commands, the first word of a message; the answer to each begins with the same word. */
enum command {
    COMMAND_STORM = 1, /* seed, storm_flag: random changes -> */
    COMMAND_STATUS,    /* -> enum status */
    COMMAND_RACE,      /* retypes all of it -> err_t */
    COMMAND_CLEAN,     /* deletes all that was made of it -> */
    COMMAND_SEND,      /* sends the capability to the leader -> err_t */
    COMMAND_DROP,      /* deletes the capability -> */
    COMMAND_WATCH      /* says when the owner is another; waits until its home has died if 1 follows -> */
};

enum storm_flag { STORM_REVOKES = 1, STORM_FRAME = 2 };

enum status { STATUS_HAS = 1, STATUS_PAGES, STATUS_OWNER, STATUS_REVOKED, STATUS_BAD, STATUS_COUNTS, STATUS_WORDS };

/* Two each: a capability that one has, and what one made of it. */
struct child {
    capaddr_t cap;
    uint64_t first, pages;
};

struct share {
    capaddr_t cap; /* CAP_NULL: none was given, or it was found gone */
    struct child child[CHILDREN];
    unsigned children;
    uint64_t random, tag;
    bool revoked; /* in the last storm */
    uint64_t bad, won, busy, revokes, moves;
};

extern struct share share;

void share_storm(uint64_t seed, uint64_t flags);
void share_status(uint64_t words[STATUS_WORDS]);
err_t share_race(void);
void share_clean(void);
void share_drop(void);
void share_watch(bool home_dies);

/* rules.c: memory that nobody else has, and errors. */
int share_alone(void);
int share_rules(struct bind_channel *channel);

int share_serve(const char *name);
int share_lead(uint64_t seed, uint64_t rounds, int names, char **name);
int share_keep_rules(char *name);
int share_storms(uint64_t seed, int names, char **name);
int share_lose(uint64_t core, bool home_dies, int names, char **name);

#endif
