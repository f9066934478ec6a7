/* The part of a domain's address space that is the same on all cores it spans, as this core's page tables have it. The tables are
   the monitor's: the domain gave its top table, and has no other capability for what lies below USER_SPAN_BASE's slot. */
#ifndef MONITOR_SPAN_TABLES_H
#define MONITOR_SPAN_TABLES_H

#include <skerry/ram.h>
#include <skerry/span.h>

#define SPAN_LEVEL1 (SPAN_PAGES / 512)

struct span_table {
    capaddr_t table, mapping; /* mapping: of the table in the one above */
    struct ram_block block;
};

struct span_tables {
    struct span_table level3, level2, level1[SPAN_LEVEL1];
    capaddr_t page[SPAN_PAGES]; /* the mapping's capability; CAP_NULL: none */
};

/* Below a domain's top table. MAP_OCCUPIED: the domain has mapped something there itself. */
[[nodiscard]] err_t span_tables_make(struct span_tables *tables, capaddr_t vspace);
void span_tables_free(struct span_tables *tables);

/* A page of this frame; `rights` are MAP_*. */
[[nodiscard]] err_t span_tables_fill(struct span_tables *tables, uint64_t page, capaddr_t frame, uint64_t offset,
                                     uint64_t rights);
void span_tables_drop(struct span_tables *tables, uint64_t page);

/* False: there was none, or whose memory it is has revoked it. */
bool span_tables_has(const struct span_tables *tables, uint64_t page, uint64_t rights);

#endif
