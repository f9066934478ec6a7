/* Starting a domain on this core from a program in the boot archive. */
#ifndef MONITOR_SPAWN_H
#define MONITOR_SPAWN_H

#include <skerry/base.h>

#define SPAWN_GIFTS 4

/* A capability that the new domain finds in a slot of its task CNode; moved there. */
struct spawn_gift {
    uint32_t slot;
    capaddr_t cap;
};

struct spawn_request {
    const char *program; /* bin/NAME in the archive */
    const char *text;    /* the arguments, each NUL-terminated, the name first */
    uint32_t argc;
    uint32_t bytes;
    struct spawn_gift gifts[SPAWN_GIFTS];
    unsigned gift_count;
    bool operator;    /* see domains.h */
    uint32_t starter; /* the same */
};

/* NOT_FOUND: no such program; FORMAT: damaged. The gifts are gone afterwards, whatever happens. */
[[nodiscard]] err_t spawn(const struct spawn_request *request, uint32_t *domain);

/* The same from one text with single spaces between program and arguments. */
struct spawn_text {
    const char *text;
    size_t size;
    uint32_t starter;
};
[[nodiscard]] err_t spawn_text(const struct spawn_text *order, uint32_t *domain);

#endif
