/* The pages of a domain that spans cores, each core with its own table: which translation may a core use?

   One core, the domain's home, has the truth: frame, rights and a version for each page, one higher with each change. The
   others learn a translation when they first fault on a page (span_fault, a note to the home and one back). Map costs no
   message. Unmap and protect are one-phase transactions over all live cores (agree.h): each drops its translation, and the
   home's caller goes on when all have. After that no core uses an old one: it is gone at every live core, the dead are
   fenced, and an answer to a fault that was overtaken on its way carries a version below the floor that the transaction
   left, and is not taken.
   All changes begin at the home, so one-phase transactions need not commute. When the home dies the translations go, too. */
#ifndef SKERRY_SPAN_H
#define SKERRY_SPAN_H

#include <skerry/agree.h>

#ifndef SPAN_PAGES
#define SPAN_PAGES 512
#endif

struct span_page {
    uint64_t frame, rights, version; /* at the home: the truth */
    uint64_t mapped;                 /* yes or no */
};

struct span {
    struct agree *agree;
    uint32_t client, home;
    struct span_page truth[SPAN_PAGES]; /* at the home */
    struct span_page local[SPAN_PAGES]; /* what this core's table has */
    uint64_t floor[SPAN_PAGES];         /* translations below this version are over */
    void *context;
    /* Takes a translation out of this core's table and TLB, puts one in. */
    void (*drop)(void *context, uint64_t page);
    void (*fill)(void *context, uint64_t page, uint64_t frame, uint64_t rights);
};

/* `drop` and `fill` are set by the owner afterwards. */
void span_init(struct span *span, struct agree *agree, unsigned client, unsigned home);

/* At the home; others get FOREIGN. MAP_OCCUPIED, MAP_RANGE. */
[[nodiscard]] err_t span_map(struct span *span, uint64_t page, uint64_t frame, uint64_t rights);

/* At the home: no translation at all, or with fewer rights, when done() comes with this cookie. NOT_FOUND: is not mapped. */
[[nodiscard]] err_t span_unmap(struct span *span, uint64_t page, enum agree_topology topology, uint64_t cookie);
[[nodiscard]] err_t span_protect(struct span *span, uint64_t page, uint64_t rights, enum agree_topology topology,
                                 uint64_t cookie);

/* OK: there is a translation; NOT_READY: it has been asked for, `fill` will be called if there is one; PEER_DEAD. */
[[nodiscard]] err_t span_fault(struct span *span, uint64_t page);

/* For the owner's agree_client; prepare() is never asked. */
err_t span_finish(struct span *span, const struct agree_work *work);
void span_note(struct span *span, unsigned from, const uint64_t op[AGREE_WORDS]);
void span_viewed(struct span *span, const struct agree_set *dead);

#endif
