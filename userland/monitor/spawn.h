/* Starting a domain on this core from a program in the boot archive. */
#ifndef MONITOR_SPAWN_H
#define MONITOR_SPAWN_H

#include <if/monitor.h>
#include <skerry/base.h>

#define SPAWN_GIFTS 8
#define SPAWN_OWN_RAM (512ul << 10) /* the memory of its own that a domain begins with */
#define SPAWN_OWN_RAM_MAX (1ul << 20)

/* A capability that the new domain finds in a slot of its task CNode; moved there. */
struct spawn_gift {
    uint32_t slot;
    capaddr_t cap;
};

struct provision;

struct spawn_request {
    const char *program; /* bin/NAME in the archive */
    const char *text;    /* the arguments, each NUL-terminated, the name first */
    uint32_t argc;
    uint32_t bytes;
    struct spawn_gift gifts[SPAWN_GIFTS];
    unsigned gift_count;
    uint64_t own_ram; /* 0: SPAWN_OWN_RAM */
    /* RAM that the domain is made of, all that is left of it being its own; CAP_NULL: ours. Whoever gave it may take it back at
       any time, and the domain with it; so it is written to where a fault is survived, and not traced. */
    capaddr_t ram;
    uint64_t entry, argument; /* of a member of a span; 0: it begins with main() */
    bool operator;            /* see domains.h */
    uint32_t starter;         /* the same */
};

/* NOT_FOUND: no such program; FORMAT: damaged. The gifts are gone afterwards, whatever happens. */
[[nodiscard]] err_t spawn(const struct spawn_request *request, uint32_t *domain);

/* The same for a domain's order: the text is program and arguments with a NUL after each but the last. */
struct spawn_order {
    const char *text;
    size_t size;
    uint32_t starter;
    uint64_t own_ram;
    struct provision *provision; /* what goes along; NULL: nothing. Used up, whatever happens */
    unsigned failures;           /* of those in whose place it is started (supervision.h) */
};
[[nodiscard]] err_t spawn_ordered(const struct spawn_order *order, uint32_t *domain);

#endif
