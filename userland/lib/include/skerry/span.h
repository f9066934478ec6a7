/* The pages of a domain that spans cores, each core with its own table: which translation may a core use?

   One core, the domain's home, has the truth: frame, rights and a version for each page, one higher with each change. The
   others learn a translation when they first fault on a page (span_fault, a note to the home and one back); the home
   remembers who has asked since a page was mapped: those have a stake in it. Map costs no message. Unmap, protect and remap are
   one-phase transactions over the home and those with a stake (agree.h): each drops its translation, and the home's caller goes
   on when all have. After that no core uses an old one: it is gone wherever it may have been, the dead are fenced, and an
   answer to a fault that was overtaken on its way carries a version below the floor that the transaction left, and is not
   taken. Who asks only after a change has begun is told of what it made.
   All changes begin at the home, so one-phase transactions need not commute. When the home dies the translations go, too. */
#ifndef SKERRY_SPAN_H
#define SKERRY_SPAN_H

#include <skerry/agree.h>

#ifndef SPAN_PAGES
#define SPAN_PAGES 1024
#endif

struct span_page {
    uint64_t frame, rights, version; /* at the home: the truth */
    uint64_t mapped;                 /* yes or no */
};

struct span {
    struct agree *agree;
    uint64_t id; /* goes with all that is said about it: one engine has many. Below 2^32 */
    uint32_t client, home;
    struct span_page truth[SPAN_PAGES]; /* at the home */
    struct agree_set stake[SPAN_PAGES]; /* at the home: who may have a translation */
    uint64_t changing[SPAN_PAGES];      /* at the home: transactions about it that are under way */
    struct span_page local[SPAN_PAGES]; /* what this core's table has */
    uint64_t floor[SPAN_PAGES];         /* translations below this version are over */
    void *context;
    /* Takes a translation out of this core's table and TLB, puts one in. */
    void (*drop)(void *context, uint64_t page);
    void (*fill)(void *context, uint64_t page, uint64_t frame, uint64_t rights);
};

struct span_range {
    uint64_t first, count; /* pages */
};

enum span_wish { SPAN_UNMAP, SPAN_PROTECT, SPAN_REMAP };

struct span_change {
    enum span_wish wish;
    struct span_range range;
    uint64_t frame; /* REMAP: of the first page; the others' follow, `step` apart */
    uint64_t step;
    uint64_t rights; /* not of UNMAP */
    enum agree_topology topology;
};

/* `drop` and `fill` are set by the owner afterwards. */
void span_init(struct span *span, struct agree *agree, unsigned client, unsigned home);

/* At the home; others get FOREIGN. Change's frame, step, rights and range. MAP_OCCUPIED: also while an unmap is under way;
   MAP_RANGE. */
[[nodiscard]] err_t span_map(struct span *span, const struct span_change *map);

/* At the home: what holds from now on, and the transaction that makes it hold everywhere, which the owner submits at once
   and follows by span_done() when it has ended. NOT_FOUND: one of the pages is not mapped. */
[[nodiscard]] err_t span_change(struct span *span, const struct span_change *change, struct agree_request *request);
void span_done(struct span *span, const struct span_range *range);

/* OK: there is a translation; NOT_READY: it has been asked for, `fill` will be called if there is one; NOT_FOUND, at the home:
   there is none; PEER_DEAD: the home is. */
[[nodiscard]] err_t span_fault(struct span *span, uint64_t page);

/* For the owner's agree_client; prepare() is never asked. An operation's span is span_of(op). */
static inline uint64_t span_of(const uint64_t op[AGREE_WORDS]) {
    return (uint32_t)op[0];
}
void span_finish(struct span *span, const uint64_t op[AGREE_WORDS]);
void span_note(struct span *span, unsigned from, const uint64_t op[AGREE_WORDS]);
void span_viewed(struct span *span, const struct agree_set *dead);

/* A note that answers a fault: the page, and whether there is a translation. */
bool span_answers(const uint64_t op[AGREE_WORDS], uint64_t *page, bool *mapped);

#endif
