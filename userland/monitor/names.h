/* Services that domains of this core offer under a name. */
#ifndef MONITOR_NAMES_H
#define MONITOR_NAMES_H

#include <if/monitor.h>
#include <skerry/base.h>

struct name {
    uint64_t word[MONITOR_NAME_WORDS];
};

struct exporter {
    uint32_t domain;
    bool takes_channels; /* clients of other cores, too */
};

/* The endpoint becomes the table's. Every core finds the name when it returns. BUSY: it is taken; NO_MEMORY: table full. */
[[nodiscard]] err_t names_add(const struct name *name, const struct exporter *exporter, capaddr_t endpoint);

/* A new endpoint with the client's badge; waits for the name to appear until the deadline (TSC). */
[[nodiscard]] err_t names_find(const struct name *name, uint64_t badge, uint64_t deadline, capaddr_t *endpoint);

bool names_has(const struct name *name);

/* Who offers it on this core; NOT_FOUND. */
[[nodiscard]] err_t names_exporter(const struct name *name, struct exporter *exporter);

/* Until another name appears, here or in the directory, a domain ends, or the deadline passes; at once if that has happened since
   names_news() was `news`. */
uint64_t names_news(void);
void names_wait(uint64_t news, uint64_t deadline);

void names_changed(void); /* in the directory */

/* Names in the table. */
unsigned names_count(void);

/* The names of a domain that has ended, and what it waited for; the others who offer names are told that it calls no more. */
void names_drop(uint32_t domain);

#endif
