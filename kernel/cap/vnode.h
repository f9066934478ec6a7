/*
 * Page tables as objects: 512 entries in a page of pool memory, each empty or part of a mapping's run.
 */
#pragma once

#include "cap/cap.h"

/* The entries, and how many of them domains may use: the upper half of a top table is the CPU driver's. */
uint64_t *vnode_table(const struct cap *vnode);
unsigned vnode_entries(const struct cap *vnode);

/* Fill the CPU driver's half of a new top table. */
void vnode_init_top(const struct cap *vnode);

/* The first entry in [from, end) that begins a mapping's run, or `end`. Entries made while booting belong to no mapping. */
unsigned vnode_next_run(const struct cap *vnode, unsigned from, unsigned end);

/* The capability of the mapping whose run begins at an entry. */
struct cte *vnode_mapping(const struct cap *vnode, unsigned index);
