/*
 * The end of objects.
 *
 * When the last capability of a CNode, page table or dispatcher goes, what the object holds must go first, and that
 * may be the last capability of another object, and so on. This is done without recursion by a stack of capabilities
 * that are going away, linked through their own `extra`. The bottom is the one whose deletion was asked for; every
 * other lies in a slot of the object of the one below it. So when an object has been emptied, the place of its
 * capability says where to go on below, and nothing else need be remembered but the place within the topmost object.
 *
 * The capability at the bottom may lie anywhere, also in an object further up (CNodes that name each other). When that
 * object has ended, the capability moves down into the slot that has just become free.
 *
 * All objects on the stack are out of reach for domains: their last capabilities are going, which lookups refuse.
 * They stay in the mapping database until they are empty, so their memory stays busy. There is one stack a core; if
 * who asked does not come back, the next who deletes, or the idle loop, goes on with it.
 */
#include "cap/ending.h"

#include "cap/cspace.h"
#include "cap/mapping.h"
#include "cap/mdb.h"
#include "cap/vnode.h"
#include "core/mem.h"

static struct {
    struct cte *bottom, *top;
    uint64_t place; /* next slot or entry of the topmost object */
} ending;

static void spend(unsigned *work, unsigned units) {
    *work = *work > units ? *work - units : 0;
}

bool ending_needed(const struct cte *slot) {
    const struct cap *cap = &slot->cap;
    if (cap_is_foreign(cap) ||
        (cap->type != CAP_TYPE_CNODE && cap->type != CAP_TYPE_DISPATCHER && !cap_is_vnode(cap))) {
        return false;
    }
    return !cap_has_copy(slot);
}

bool ending_active(void) {
    return ending.top != NULL;
}

/* The slots of an object; none for a page table. */
static struct cte *object_slots(const struct cap *cap, uint64_t *count) {
    unsigned kept = 0;
    struct cte *slots = NULL;
    if (cap->type == CAP_TYPE_CNODE) {
        *count = cnode_slot_count(cap);
        return cnode_slots(cap);
    }
    if (cap->type == CAP_TYPE_DISPATCHER) {
        slots = dispatcher_slots(cap, &kept);
    }
    *count = kept;
    return slots;
}

/* The bottom may move, so nothing links to it: 0 stands for it. */
static void stack_push(struct cte *slot) {
    slot->cap.flags |= CAP_GOING;
    slot->cap.extra = ending.top == ending.bottom ? 0 : (uintptr_t)ending.top;
    ending.top = slot;
    ending.place = 0;
    if (ending.bottom == NULL) {
        ending.bottom = slot;
    }
}

/* Delete what takes no steps. */
static void delete_now(struct cte *slot, unsigned *work) {
    struct cap *cap = &slot->cap;
    if (cap->type == CAP_TYPE_MAPPING) {
        spend(work, cap->span / CAP_WORK_ENTRIES);
        mapping_clear(cap);
    } else if (cap->type == CAP_TYPE_IRQ && !cap_is_foreign(cap) && !cap_has_copy(slot)) {
        irq_end(cap);
    }
    cap_drop(slot);
}

/* Delete a capability, or put it on the stack. */
static void delete_or_push(struct cte *slot, unsigned *work) {
    spend(work, CAP_WORK_DELETE);
    if (!ending_needed(slot)) {
        delete_now(slot, work);
        return;
    }
    if (slot->cap.type == CAP_TYPE_DISPATCHER) {
        dispatcher_end(&slot->cap);
    }
    stack_push(slot);
}

void ending_delete(struct cte *slot, unsigned *work) {
    KASSERT(!ending_active() || !ending_needed(slot));
    delete_or_push(slot, work);
}

/* Take the topmost capability, whose object is empty, off the stack. */
static void stack_pop(void) {
    struct cte *slot = ending.top;
    struct cap object = slot->cap;
    cap_drop(slot);
    if (slot == ending.bottom) {
        ending.bottom = ending.top = NULL;
        return;
    }
    bool above_bottom = object.extra == 0;
    if ((uintptr_t)ending.bottom - (uintptr_t)mem_direct(object.base) < object.size) {
        cap_move(slot, ending.bottom);
        slot->cap.flags |= object.flags & CAP_KEPT; /* it may be a dispatcher's own slot */
        ending.bottom = slot;
    }
    ending.top = above_bottom ? ending.bottom : (struct cte *)(uintptr_t)object.extra;
    uint64_t count;
    ending.place = (uint64_t)(slot - object_slots(&ending.top->cap, &count));
}

/* Look at the next slot of a CNode or dispatcher. Going: the bottom of the stack. */
static void step_slot(struct cte *slot, unsigned *work) {
    if (cap_is_gone(&slot->cap)) {
        spend(work, 1);
        ending.place++;
    } else {
        delete_or_push(slot, work);
    }
}

/* Go to the next run of a page table, at most CAP_WORK_ENTRIES on, and delete its mapping. */
static void step_entries(const struct cap *vnode, unsigned *work) {
    unsigned end = MIN((unsigned)ending.place + CAP_WORK_ENTRIES, vnode_entries(vnode));
    spend(work, 1);
    ending.place = vnode_next_run(vnode, (unsigned)ending.place, end);
    if (ending.place < end) {
        delete_or_push(vnode_mapping(vnode, (unsigned)ending.place), work);
    }
}

static void step(unsigned *work) {
    const struct cap *cap = &ending.top->cap;
    uint64_t count;
    struct cte *slots = object_slots(cap, &count);
    if (cap_is_vnode(cap) && ending.place < vnode_entries(cap)) {
        step_entries(cap, work);
    } else if (!cap_is_vnode(cap) && ending.place < count) {
        step_slot(slots + ending.place, work);
    } else {
        spend(work, CAP_WORK_DELETE);
        stack_pop();
    }
}

void ending_run(unsigned *work) {
    while (ending_active() && *work > 0) {
        step(work);
    }
}
