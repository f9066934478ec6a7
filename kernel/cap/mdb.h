/*
 * The mapping database: every capability of this core, in balanced trees.
 *
 * It answers who is an ancestor, a descendant or a copy of a capability and which capabilities overlap a range, each in
 * O(log n). Relations follow from ranges and types; nothing else is stored:
 *   copy        same type, range and badge
 *   descendant  RAM: everything inside; frames and devices: strict sub-ranges of the type, and mappings inside; page
 *               tables: mappings of them; dispatchers: their endpoints and notifications; endpoints and cores without a
 *               badge: the same with one; ports, vectors, cores: strict sub-ranges of the type
 * Retype refuses overlaps, so own ranges in memory nest. Only linked slots may be asked about.
 */
#pragma once

#include "cap/cap.h"

/* Link and unlink a slot whose capability is complete. The key of a linked slot must not change. */
void mdb_insert(struct cte *slot);
void mdb_remove(struct cte *slot);

/* mdb_insert() for a MAPPING. */
void mdb_insert_mapping(struct cte *slot);

/* Capabilities in the database. */
uint64_t mdb_count(void);

/* Is `other` a copy, is it a descendant? Pure arithmetic. */
bool mdb_is_copy(const struct cap *cap, const struct cap *other);
bool mdb_is_descendant(const struct cap *cap, const struct cap *other);

/* Some other copy, or NULL. */
struct cte *mdb_copy(const struct cte *slot);

/* First descendant in the order of the database, or NULL. An ancestor comes before its descendants. */
struct cte *mdb_descendant(const struct cte *slot);

/* Nearest ancestor, or NULL. */
struct cte *mdb_ancestor(const struct cte *slot);

/*
 * First descendant of `slot` that overlaps the given part of it, or NULL. Mappings count only for RAM: a mapped frame
 * can be divided, and its pages stay mapped.
 */
struct cte *mdb_overlap(const struct cte *slot, uint64_t base, uint64_t size);

/* Any capability whose range overlaps that of `cap`, which need not be linked, in its space; or NULL. */
struct cte *mdb_anything(const struct cap *cap);

/*
 * Is memory in this part of the range of a capability marked as shared with another core? What was made of a capability
 * that is nobody's is its maker's alone.
 */
bool mdb_shared(const struct cap *cap, uint64_t base, uint64_t size);

/* The mapping that covers exactly [base, base + size) from entry `place` (table | index) on, or NULL. */
struct cte *mdb_mapping(paddr_t base, uint64_t size, uint64_t place);

/* The root of a region's tree (mdb_key.h); also for the tests' checker and for auditors. */
struct cte *mdb_root(unsigned region);
