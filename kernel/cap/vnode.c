/*
 * Page tables: mapping frames, device memory and lower tables into them.
 *
 * A mapping is a run of entries, made at once and removed at once. Its first entry carries PTE_HEAD, so that a table
 * that ends can tell the runs apart and find their capabilities: physical address, length, table and index name one
 * exactly.
 */
#include "cap/vnode.h"

#include "cap/invoke.h"
#include "cap/mapping.h"
#include "cap/mdb.h"
#include "core/mem.h"
#include "x86_64/pte.h"

uint64_t *vnode_table(const struct cap *vnode) {
    return mem_direct(vnode->base);
}

unsigned vnode_entries(const struct cap *vnode) {
    return vnode->type == CAP_TYPE_VNODE_L4 ? USER_L4_SLOTS : PTE_ENTRIES;
}

void vnode_init_top(const struct cap *vnode) {
    paging_kernel_half(vnode_table(vnode));
}

/* Number of entries in the run that begins at `index`. */
static unsigned run_length(const uint64_t *table, unsigned index, unsigned entries) {
    unsigned end = index + 1;
    while (end < entries && pte_present(table[end]) && (table[end] & PTE_HEAD) == 0) {
        end++;
    }
    return end - index;
}

unsigned vnode_next_run(const struct cap *vnode, unsigned from, unsigned end) {
    const uint64_t *table = vnode_table(vnode), head = PTE_PRESENT | PTE_HEAD;
    while (from < end && (table[from] & head) != head) {
        from++;
    }
    return from;
}

struct cte *vnode_mapping(const struct cap *vnode, unsigned index) {
    const uint64_t *table = vnode_table(vnode);
    uint64_t entry = table[index];
    unsigned level = cap_vnode_level(vnode);
    bool page = level == 1 || (entry & PTE_LARGE) != 0;
    uint64_t size = page ? run_length(table, index, vnode_entries(vnode)) * mapping_page_size(level) : PAGE_SIZE;
    struct cte *mapping = mdb_mapping(pte_addr(entry), size, vnode->base | index);
    KASSERT(mapping != NULL);
    return mapping;
}

/* What map is asked to do, as the domain's words. */
struct request {
    const struct cap *vnode, *source;
    uint64_t index, offset, count, flags;
};

static inline err_t decode_entries(const struct cap *vnode, uint64_t index, uint64_t count) {
    unsigned entries = vnode_entries(vnode);
    if (index >= entries || count > entries - index) {
        return ERR_MAP_SLOT;
    }
    const uint64_t *table = vnode_table(vnode) + index;
    for (uint64_t i = 0; i < count; i++) {
        if (pte_present(table[i])) {
            return ERR_MAP_OCCUPIED;
        }
    }
    return ERR_OK;
}

/* A table below this one: its own entries decide what they allow, so the flags say nothing but must be known. */
static err_t decode_table(const struct request *m) {
    if (cap_vnode_level(m->source) + 1 != cap_vnode_level(m->vnode)) {
        return ERR_MAP_LEVEL;
    }
    if ((m->flags & ~(uint64_t)MAPPING_RIGHTS) != 0) {
        return ERR_MAP_FLAGS;
    }
    return m->offset == 0 && m->count == 1 ? decode_entries(m->vnode, m->index, 1) : ERR_MAP_RANGE;
}

static err_t decode_level(const struct request *m, unsigned level) {
    bool large = (m->flags & MAP_LARGE) != 0;
    if (level == 4 || large != (level > 1)) {
        return ERR_MAP_LEVEL;
    }
    return level == 3 && !mem_gigabyte_pages() ? ERR_UNSUPPORTED : ERR_OK;
}

static err_t decode_pages(const struct request *m, unsigned level) {
    uint64_t page = mapping_page_size(level), size = m->source->size;
    TRY(decode_level(m, level));
    TRY(mapping_flags_decode(m->source->rights, m->flags));
    if (m->count == 0 || m->count > PTE_ENTRIES || m->offset > size || m->count * page > size - m->offset ||
        !IS_ALIGNED(m->source->base + m->offset, page)) {
        return ERR_MAP_RANGE;
    }
    return decode_entries(m->vnode, m->index, m->count);
}

/* The capability of a mapping from a place in a table on. */
static inline void make_mapping(const struct request *m, uint64_t size, uint8_t rights, struct cte *slot) {
    struct cap cap = cap_make(CAP_TYPE_MAPPING, m->source->base + m->offset, size);
    cap.rights = rights;
    cap.span = (uint16_t)m->count;
    cap.extra = m->vnode->base | m->index;
    cap_create(slot, &cap);
}

/* Without rights, so that it cannot be protected. */
static void act_table(const struct request *m, struct cte *slot) {
    vnode_table(m->vnode)[m->index] = pte_table(m->source->base) | PTE_HEAD;
    make_mapping(m, PAGE_SIZE, 0, slot);
}

static void act_pages(const struct request *m, unsigned level, struct cte *slot) {
    uint64_t first = pte_page(m->source->base + m->offset, level, (uint32_t)m->flags), page = mapping_page_size(level);
    mapping_write(vnode_table(m->vnode) + m->index, first, page, m->count);
    make_mapping(m, m->count * page, m->source->rights, slot);
}

err_t inv_vnode_map(struct invocation *inv) {
    const uint64_t *word = inv->word;
    struct request m = {&inv->cap->cap, &inv->cte[1]->cap, word[0], word[2], word[3], word[4]};
    if (cap_is_vnode(m.source)) {
        TRY(decode_table(&m));
        act_table(&m, inv->cte[5]);
    } else {
        unsigned level = cap_vnode_level(m.vnode);
        TRY(decode_pages(&m, level));
        act_pages(&m, level, inv->cte[5]);
    }
    return ERR_OK;
}
