/* Changes at random, and what must hold whoever else changes it: what one made of it is one's own. A page that two had made
   something of would not keep the first one's tag: it is zeroed when it is retyped, and the second one writes its own. */
#include "programs/shares/shares.h"

#include <skerry/domain.h>
#include <skerry/print.h>
#include <skerry/slots.h>
#include <skerry/time.h>

#define CHANGES 40 /* of a storm */
#define CORES 3    /* among which the owner moves */
#define WATCH_MS 60000

struct share share;

static uint64_t random_below(uint64_t n) {
    share.random ^= share.random << 13;
    share.random ^= share.random >> 7;
    share.random ^= share.random << 17;
    return share.random % n;
}

static void bad(const char *what, err_t err) {
    share.bad++;
    printf("core %u: %s: %s\n", domain_args()->core, what, err_name(err));
}

static bool exists(capaddr_t cap) {
    capaddr_t copy;
    if (cap == CAP_NULL || slot_copy(cap, &copy) != ERR_OK) {
        return false;
    }
    slot_release(copy);
    return true;
}

/* The capability was revoked, and all that was made of it: nothing of that may be left. */
static void lost(void) {
    for (unsigned i = 0; i < share.children; i++) {
        if (exists(share.child[i].cap)) {
            bad("something outlives its revoke", ERR_OK);
        }
        slot_release(share.child[i].cap);
    }
    share.children = 0;
}

static void forget(void) {
    lost();
    slot_release(share.cap);
    share.cap = CAP_NULL;
}

/* Writes the tag to each page, or looks whether it is there. */
static void touch(const struct child *child, uint64_t write, bool zeroed) {
    struct vspace_request map = {child->cap, 0, child->pages * PAGE_SIZE, MAP_READ | MAP_WRITE};
    struct vspace_mapping mapping;
    void *at;
    err_t err = vspace_map(&map, &at, &mapping);
    if (err != ERR_OK) {
        return bad("what was made cannot be mapped", err);
    }
    for (uint64_t page = 0; page < child->pages; page++) {
        volatile uint64_t *word = (uint64_t *)((char *)at + page * PAGE_SIZE);
        uint64_t wanted = write != 0 ? 0 : share.tag;
        if ((write == 0 || zeroed) && *word != wanted) {
            bad("a page is somebody else's, too", ERR_OK);
        }
        *word = write;
    }
    err = vspace_unmap(&mapping);
    if (err != ERR_OK) {
        bad("unmapping it", err);
    }
}

static void make(uint64_t flags) {
    struct child *child = &share.child[share.children];
    *child = (struct child){.first = random_below(PAGES), .pages = 1 + random_below(4)};
    if (share.children == CHILDREN || child->first + child->pages > PAGES) {
        return;
    }
    err_t err =
        shared_cap_retype(share.cap, CAP_TYPE_FRAME, child->first * PAGE_SIZE, child->pages * PAGE_SIZE, &child->cap);
    if (err == ERR_OK) {
        share.won++;
        share.children++;
        if ((flags & STORM_REVOKES) == 0) {
            touch(child, share.tag, (flags & STORM_FRAME) == 0);
        }
    } else if (err == ERR_RETYPE_BUSY) {
        share.busy++;
    } else if (err == ERR_CAP_EMPTY) {
        forget();
    } else if (err != ERR_TIMEOUT) { /* a core that is asked may have died, and nobody knows yet */
        bad("a retype", err);
    }
}

static void drop_child(uint64_t flags) {
    if (share.children == 0) {
        return;
    }
    uint64_t which = random_below(share.children);
    if ((flags & STORM_REVOKES) == 0) {
        touch(&share.child[which], 0, false);
    }
    slot_release(share.child[which].cap);
    share.child[which] = share.child[--share.children];
}

static void revoke(void) {
    err_t err = shared_cap_revoke(share.cap);
    if (err == ERR_OK) {
        share.revoked = true;
        share.revokes++;
        lost();
    } else if (err == ERR_CAP_EMPTY) {
        forget();
    } else {
        bad("a revoke", err);
    }
}

static void move(void) {
    err_t err = shared_cap_move(share.cap, (unsigned)random_below(CORES));
    if (err == ERR_OK) {
        share.moves++;
    } else if (err == ERR_CAP_EMPTY) {
        forget();
    } else if (err != ERR_ARGUMENT && err != ERR_TIMEOUT) { /* that core holds it no more; as above */
        bad("a move", err);
    }
}

static void look(void) {
    struct shared_cap_info info;
    err_t err = shared_cap_info(share.cap, &info);
    if (err == ERR_CAP_EMPTY) {
        forget();
    } else if (err != ERR_OK || (info.holders[info.owner / 64] >> info.owner % 64 & 1) == 0) {
        bad("its owner is none of its holders", err);
    }
}

static void change(uint64_t flags) {
    uint64_t what = random_below(16);
    if (what < 8) {
        make(flags);
    } else if (what < 11) {
        drop_child(flags);
    } else if (what < 13) {
        move();
    } else if (what < 15 || (flags & STORM_REVOKES) == 0) {
        look();
    } else {
        revoke();
    }
}

void share_storm(uint64_t seed, uint64_t flags) {
    share.random = seed != 0 ? seed : 1;
    share.tag = seed ^ (uint64_t)domain_args()->core << 56 ^ 0x5a5aul;
    share.revoked = false;
    for (unsigned i = 0; i < CHANGES && share.cap != CAP_NULL; i++) {
        change(flags);
    }
    for (unsigned i = 0; (flags & STORM_REVOKES) == 0 && i < share.children; i++) {
        touch(&share.child[i], share.tag, false);
    }
}

void share_status(uint64_t words[STATUS_WORDS]) {
    struct shared_cap_info info = {.owner = SHARED_CAP_NOBODY};
    uint64_t pages = 0;
    bool has = exists(share.cap);
    for (unsigned i = 0; i < share.children; i++) {
        const struct child *child = &share.child[i];
        pages |= exists(child->cap) ? ((1ul << child->pages) - 1) << child->first : 0;
    }
    if (has && shared_cap_info(share.cap, &info) != ERR_OK) {
        share.bad++;
    }
    words[STATUS_HAS] = has;
    words[STATUS_PAGES] = pages;
    words[STATUS_OWNER] = info.owner;
    words[STATUS_REVOKED] = share.revoked;
    words[STATUS_BAD] = share.bad;
    words[STATUS_COUNTS] = share.won | share.busy << 16 | share.revokes << 32 | share.moves << 48;
    if (!has && share.cap != CAP_NULL) {
        forget();
    }
}

/* Two halves of one part: a frame is no part of itself. */
err_t share_race(void) {
    struct child *child = &share.child[share.children];
    *child = (struct child){.pages = PAGES - 1};
    err_t err = shared_cap_retype(share.cap, CAP_TYPE_FRAME, 0, child->pages * PAGE_SIZE, &child->cap);
    share.children += err == ERR_OK;
    return err;
}

void share_clean(void) {
    for (unsigned i = 0; i < share.children; i++) {
        slot_release(share.child[i].cap);
    }
    share.children = 0;
}

void share_drop(void) {
    share_clean();
    err_t err = share.cap != CAP_NULL ? shared_cap_delete(share.cap) : ERR_OK;
    share.cap = CAP_NULL;
    if (err != ERR_OK) {
        bad("a delete", err);
    }
}

void share_watch(bool home_dies) {
    struct shared_cap_info before, now;
    uint64_t deadline = time_deadline(WATCH_MS);
    err_t err = shared_cap_info(share.cap, &before);
    now = before;
    while (err == ERR_OK && time_now() < deadline &&
           (now.owner == before.owner || (home_dies && now.home != SHARED_CAP_NOBODY))) {
        fibre_sleep_until(time_deadline(5));
        err = shared_cap_info(share.cap, &now);
    }
    if (err != ERR_OK) {
        return bad("watching it", err);
    }
    printf("core %u: the owner was core %u and is core %u%s\n", domain_args()->core, before.owner, now.owner,
           now.home == SHARED_CAP_NOBODY ? "; its home is dead" : "");
}
