/* Who sends to whom: topology as data.

   A message carries the set of cores that it is for. Whoever receives it takes itself out and divides the rest into
   groups by its own table, one group a branch; each group goes to its head, with the group's others as what is below
   it. So tables shape the traffic and cannot break a protocol: whatever they say, and even when cores have different
   ones for a while, each core of the set is sent to exactly once, because groups are disjoint and shrink.

   A branch's head is the branch's own node when that has a stake, else the first one of the group in send order: cores
   without a stake are never asked to forward. */
#ifndef SKERRY_AGREE_TREE_H
#define SKERRY_AGREE_TREE_H

#include <skerry/agree_set.h>

enum agree_topology {
    AGREE_UNICAST,   /* the root to each */
    AGREE_BROADCAST, /* the root to all by one message that all read, where the transport can */
    AGREE_MULTICAST, /* a tree of caches and sockets */
    AGREE_NUMA,      /* the same, and the farthest first */
    AGREE_TOPOLOGIES
};

/* From one root: each core's parent, and its place in the order of sending (any distinct numbers). */
struct agree_tree {
    uint64_t made; /* a number that no other table ever has; 0: what it divides is not kept */
    uint16_t parent[AGREE_CORES];
    uint16_t rank[AGREE_CORES];
};

struct agree_branch {
    unsigned node, head;
    struct agree_set below;
};

/* Room for dividing, and what was divided last: the same root mostly sends to the same cores again. */
struct agree_branches {
    uint64_t made; /* of the tree that it was divided by; 0: it is of no use any more */
    struct agree_set cores;
    unsigned self;
    unsigned count;
    struct agree_branch branch[AGREE_CORES];
    uint16_t order[AGREE_CORES]; /* of sending: indices of these */
    uint16_t place[AGREE_CORES]; /* of a branch's node among these */
};

/* True when every core below `cores` comes to the root by way of parents below `cores`. */
bool agree_tree_valid(const struct agree_tree *tree, unsigned root, unsigned cores);

/* Divides the cores that `self` has to reach. */
void agree_tree_divide(const struct agree_tree *tree, unsigned self, const struct agree_set *cores,
                       struct agree_branches *branches);

#endif
