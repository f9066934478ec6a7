/*
 * Capabilities: what a slot holds, and what every object type may do with slots.
 *
 * A CNode is an array of slots (struct cte, 64 bytes) in pool memory. A few kernel objects keep capabilities of their
 * own in slots inside the object ("kept" slots, such as a dispatcher's three). Every slot that holds a capability
 * is a node of this core's mapping database (mdb.h); the functions here keep it so, so nobody else writes to
 * a slot or links one. A slot of zeroed memory is empty.
 *
 * Life: cap_create() puts in the first capability of an object; copies, moves and retype make more; cap_delete_step()
 * takes one away, and with the last one of a CNode, page table or dispatcher the object ends, in bounded steps,
 * while the capability is marked CAP_GOING. A capability so marked is as good as gone: lookups answer CAP_EMPTY.
 */
#pragma once

#include <abi/kernel.h>

#include "core/base.h"

/* Bits of cap.flags. The upper four are the mapping database's (mdb_key.h). */
enum {
    CAP_GOING = 1,  /* the last capability of an object that is ending; extra links the endings (delete.c) */
    CAP_KEPT = 2,   /* lies in a kernel object's own slot, not in a CNode */
    CAP_SHARED = 4, /* marks memory that another core has a capability for; relates to no other capability */
};

struct cap {
    uint8_t type;   /* CAP_TYPE_*; NULL is an empty slot */
    uint8_t rights; /* RIGHT_* */
    uint8_t flags;  /* CAP_GOING, CAP_KEPT, CAP_SHARED; the mapping database's region */
    uint8_t height; /* its rank among the mapping database's nodes (mdb.c) */
    uint16_t owner; /* the core whose object it is, or OWNER_SHARED */
    uint16_t span;  /* MAPPING: entries in its run, else 0 */
    uint64_t base;  /* first address, port, vector or APIC id */
    uint64_t size;  /* how many */
    uint64_t extra; /* ENDPOINT, CORE: badge; NOTIFICATION: bit; MAPPING: table | index; RAM: zeroing progress */
};

struct cte {
    struct cap cap;
    struct cte *left, *right;  /* children in the mapping database */
    uint64_t min_end, max_end; /* over the subtree, see mdb.c */
};
_Static_assert(sizeof(struct cap) == 32, "a capability is half a slot");
_Static_assert(sizeof(struct cte) == 64, "slots fill CNodes without rest");

/*
 * Work that one kernel entry may do. A unit is about what it takes to look at one empty slot.
 */
enum {
    CAP_WORK = 56,        /* units an entry spends on deleting and revoking before it answers CONTINUE */
    CAP_WORK_DELETE = 4,  /* units of one capability: at most 14 deleted in an entry */
    CAP_WORK_ENTRIES = 8, /* page-table entries that are cleared for one unit */
    CAP_ZERO_PAGES = 4,   /* pages zeroed in an entry: 16 KiB */
    CAP_RETYPE_MAX = 32,  /* capabilities made by one retype */
};
#define CAP_RAM_SIZE_MAX (1ULL << 43) /* RAM beyond cannot be named: progress counts pages in 32 bits */
#define CAP_ADDRESS_MAX (1ULL << 52)  /* physical addresses lie below */

/* A capability's first eight bytes as one number, which can be compared with what they should be. */
static inline uint64_t cap_head(const struct cap *cap) {
    uint64_t head;
    __builtin_memcpy(&head, cap, sizeof head);
    return head;
}

#define CAP_HEAD(type_, rights_, flags_, owner_)                                                                       \
    ((uint64_t)(type_) << 8 * offsetof(struct cap, type) | (uint64_t)(rights_) << 8 * offsetof(struct cap, rights) |   \
     (uint64_t)(flags_) << 8 * offsetof(struct cap, flags) | (uint64_t)(owner_) << 8 * offsetof(struct cap, owner))

/* The slot is empty or as good as empty. */
static inline bool cap_is_gone(const struct cap *cap) {
    return cap->type == CAP_TYPE_NULL || (cap->flags & CAP_GOING) != 0;
}

static inline bool cap_is_vnode(const struct cap *cap) {
    return cap->type >= CAP_TYPE_VNODE_L4 && cap->type <= CAP_TYPE_VNODE_L1;
}

/* Level of a page table: 4 is the top. */
static inline unsigned cap_vnode_level(const struct cap *cap) {
    return 4 - (cap->type - CAP_TYPE_VNODE_L4);
}

/* What cannot be copied: mappings, and RAM of this core or another, have one capability each. */
static inline bool cap_is_linear(const struct cap *cap) {
    return (cap->type == CAP_TYPE_RAM && cap->owner != OWNER_SHARED) || cap->type == CAP_TYPE_MAPPING;
}

/* The range is not empty, does not wrap, and lies where its type's names do. */
bool cap_range_valid(const struct cap *cap);

/* The core that this CPU driver runs, set once by cap_init(). */
extern coreid_t cap_core;

/* Owned by another core. */
static inline bool cap_is_foreign(const struct cap *cap) {
    return cap->owner != cap_core;
}

/* Owned by another core, and of a kind that only that core can use: its kernel's memory or its vectors. */
bool cap_is_foreign_object(const struct cap *cap);

/* Before the first cap_create(). */
void cap_init(coreid_t core);

/* Own, not going away, and with these rights: what most operations are asked of. */
static inline bool cap_is_plain(const struct cap *cap, uint8_t rights) {
    return (cap->flags & CAP_GOING) == 0 && cap->owner == cap_core && (rights & ~cap->rights) == 0;
}

/* A CNode of this core that is not going away. */
static inline bool cap_is_cnode(const struct cap *cap) {
    return (cap_head(cap) & CAP_HEAD(UINT8_MAX, 0, CAP_GOING, UINT16_MAX)) == CAP_HEAD(CAP_TYPE_CNODE, 0, 0, cap_core);
}

/* A slot has been filled in, with a valid range: make it known. For the functions below. */
void cap_link(struct cte *slot);

/*
 * Put a capability into an empty slot. `cap` needs type, rights, owner, base, size, and span and extra where its type
 * uses them; the rest is ignored. The range must be valid.
 */
static inline void cap_create(struct cte *slot, const struct cap *cap) {
    KASSERT(slot->cap.type == CAP_TYPE_NULL);
    slot->cap = *cap;
    slot->cap.flags = 0;
    cap_link(slot);
}

/* An own capability of `type` over [base, base + size) with all rights: for boot, and for objects' own operations. */
static inline struct cap cap_make(unsigned type, uint64_t base, uint64_t size) {
    return (struct cap){
        .type = (uint8_t)type, .rights = RIGHT_ALL, .owner = (uint16_t)cap_core, .base = base, .size = size};
}

/* Copy with the source's rights and badge into an empty slot. The source is not linear. */
void cap_copy(struct cte *slot, const struct cte *source);

/*
 * The same into a kernel object's kept slot. The copy counts as a capability of its object, so that does not end
 * while it is kept. If a revoke takes it, cap_kept_lost() is called.
 */
void cap_keep(struct cte *slot, const struct cte *source);

/* Move a capability, linear or not, into an empty slot. */
void cap_move(struct cte *slot, struct cte *source);

/* Take a capability out of the database and its slot, ending and unmapping nothing. */
void cap_drop(struct cte *slot);

/*
 * Delete in bounded steps. CONTINUE: call again (the slot still holds the capability, marked going). OK: the slot is
 * empty. Slots of a kernel object that is ending need no call: they are emptied with it.
 */
[[nodiscard]] err_t cap_delete_step(struct cte *slot);

/*
 * Delete all other copies, then all descendants, in bounded steps. OK: none is left. The slot itself may have been
 * emptied on the way, if it lies in a CNode that is a descendant.
 */
[[nodiscard]] err_t cap_revoke_step(struct cte *slot);

/* Work on endings that their invoker has abandoned; for the idle loop. CONTINUE while some is left. */
[[nodiscard]] err_t cap_end_step(void);

/* True if another own capability of the same object exists. */
bool cap_has_copy(const struct cte *slot);

/*
 * Hooks, supplied by the files of the object types.
 *
 * dispatcher_init: memory is zeroed; called before the capability is in its slot.
 * dispatcher_end: the last DISPATCHER capability is being deleted. Stop it and forget it everywhere; its slots are
 *   emptied afterwards, its memory stays while endpoints and notifications name it.
 * dispatcher_slots: its kept slots.
 * irq_end: the last capability over exactly this range of vectors is being deleted; others may contain it.
 * cap_kept_lost: a revoke is about to empty a kept slot whose object lives on. The object must not use it again: a
 *   dispatcher is stopped, and its address space left.
 */
void dispatcher_init(struct cap *cap);
void dispatcher_end(struct cap *cap);
struct cte *dispatcher_slots(const struct cap *cap, unsigned *count);
void irq_end(struct cap *cap);
void cap_kept_lost(struct cte *slot);
