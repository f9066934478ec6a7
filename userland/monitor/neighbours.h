/* Which of the other cores are near: the order in which they are asked for memory. Pure. */
#ifndef MONITOR_NEIGHBOURS_H
#define MONITOR_NEIGHBOURS_H

#include <skerry/base.h>

struct neighbour {
    coreid_t id;
    uint32_t apic; /* its APIC id, or, where that is not known here, its number: firmware numbers them alike */
};

/* APIC ids are made of package, core and thread numbers, from the top [SDM3 8.9.1]: the fewer low bits differ, the more two
   cores share. */
unsigned neighbours_distance(uint32_t a, uint32_t b);

/* Sorts: the nearest to `self` first, of those the one whose number is nearest, of those the lower one. */
void neighbours_sort(const struct neighbour *self, struct neighbour *others, unsigned count);

#endif
