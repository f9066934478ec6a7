/* The heap of an ordinary C program grows until its core has no more to give. */
#include <skerry/heap.h>
#include <skerry/ram.h>

#define STEP (1ul << 20)
#define TABLES (64ul << 10) /* page tables for 32 MiB, and for what goes with them */

bool heap_grow(size_t size) {
    struct ram_totals totals;
    ram_count(&totals);
    if (totals.pool_free < TABLES && ram_more(TABLES, RAM_POOL) != ERR_OK) {
        return false;
    }
    return ram_more(ALIGN_UP(size, STEP), 0) == ERR_OK;
}
