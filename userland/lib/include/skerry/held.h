/* What this domain holds, to tell a leak from what the library keeps for its own use: CNodes, page tables, stacks and heap
   memory are made when they are first needed, used again, and never given back. */
#ifndef SKERRY_HELD_H
#define SKERRY_HELD_H

#include <skerry/base.h>

struct held {
    int64_t slots;        /* in use, without those kept */
    int64_t blocks;       /* of the heap, in use */
    int64_t ram;          /* bytes in use, without those kept */
    int64_t capabilities; /* at most: all slots in use, kept ones too, and the CNodes that they lie in */
};

void held_count(struct held *held);

/* The library's, and whoever else makes something once and keeps it: so much of what is held stays. */
void held_for_good(int64_t more_slots, int64_t more_ram);

/* For the files that hand out slots, CNodes, blocks of the heap. */
void held_slots(int64_t more);
void held_cnode(int64_t more);
void held_block(int64_t more);

#endif
