/*
 * The fast paths of invocations that are made often: all checks of the contract's table and of the operation's own decoding,
 * in the form in which they pass, in one go. invoke() is complete; what a fast path does is what that would do, and
 * when it answers false, nothing has changed and invoke() has to be asked.
 */
#pragma once

#include "cap/cspace.h"
#include "cap/mapping.h"
#include "cap/mdb.h"
#include "cap/vnode.h"
#include "x86_64/startup.h"

/* Own, not going away, of this type, with these rights. */
static inline bool fast_is_own(const struct cap *cap, unsigned type, uint8_t rights) {
    return (cap_head(cap) & CAP_HEAD(UINT8_MAX, rights, CAP_GOING, UINT16_MAX)) == CAP_HEAD(type, rights, 0, cap_core);
}

/* NULL: there is no such capability. */
static inline struct cte *fast_get(struct cspace space, uint64_t address, unsigned type, uint8_t rights) {
    struct cte *found;
    return cspace_lookup(space, address, &found) == ERR_OK && fast_is_own(&found->cap, type, rights) ? found : NULL;
}

/* The words of OP_VNODE_MAP, `count` being 1. */
struct fast_map {
    uint64_t index, source, offset, flags, dst;
};

/* One page of a frame into the lowest page table. */
[[nodiscard]] static inline bool fast_map_page(const struct cte *root, uint64_t address, struct fast_map map) {
    struct cspace space = cspace_of(root);
    const struct cte *table = fast_get(space, address, CAP_TYPE_VNODE_L1, RIGHT_WRITE);
    const struct cte *source = fast_get(space, map.source, CAP_TYPE_FRAME, 0);
    const struct cte *cnode = fast_get(space, map.dst >> 32, CAP_TYPE_CNODE, RIGHT_WRITE);
    uint64_t place = map.dst & UINT32_MAX;
    if (table == NULL || source == NULL || cnode == NULL || map.index >= PTE_ENTRIES ||
        place >= cnode_slot_count(&cnode->cap)) {
        return false;
    }
    const struct cap *frame = &source->cap;
    uint64_t *entry = vnode_table(&table->cap) + map.index;
    struct cte *slot = cnode_slots(&cnode->cap) + place;
    if ((map.flags & ~(uint64_t)MAPPING_RIGHTS) != 0 || mapping_flags_decode(frame->rights, map.flags) != ERR_OK ||
        map.offset >= frame->size || map.offset % PAGE_SIZE != 0 || pte_present(*entry) ||
        slot->cap.type != CAP_TYPE_NULL) {
        return false;
    }
    paddr_t page = frame->base + map.offset;
    *entry = pte_page(page, 1, (uint32_t)map.flags) | PTE_HEAD;
    slot->cap = (struct cap){
        .type = CAP_TYPE_MAPPING,
        .rights = frame->rights,
        .owner = (uint16_t)cap_core,
        .span = 1,
        .base = page,
        .size = PAGE_SIZE,
        .extra = table->cap.base | map.index,
    };
    mdb_insert_mapping(slot);
    return true;
}

/* The end of such a mapping. */
[[nodiscard]] static inline bool fast_unmap_page(const struct cte *root, uint64_t address) {
    struct cte *slot = fast_get(cspace_of(root), address, CAP_TYPE_MAPPING, 0);
    if (slot == NULL || slot->cap.span != 1) {
        return false;
    }
    *mapping_entries(&slot->cap) = 0;
    cap_drop(slot);
    paging_flush();
    return true;
}

/* The wake-up of a sleeper on another core, by a capability for one core with a badge for its vector. */
[[nodiscard]] static inline bool fast_core_notify(const struct cte *root, uint64_t address) {
    const struct cte *slot = fast_get(cspace_of(root), address, CAP_TYPE_CORE, RIGHT_WRITE);
    if (slot == NULL) {
        return false;
    }
    const struct cap *core = &slot->cap;
    if (core->size != 1 || core->base >= CORE_APIC_BROADCAST || core->extra < VECTOR_USER_FIRST ||
        core->extra > VECTOR_USER_LAST) {
        return false;
    }
    startup_interrupt((uint32_t)core->base, (uint8_t)core->extra);
    return true;
}
