/* One domain on several cores. domain_span() starts this program on another core as a member: with a dispatcher, capabilities,
   threads and a heap of its own, and a copy of the program's variables as they are in its file. What members have in common is
   the span: memory that is mapped here appears at the same address for each of them, when it first touches it there. A pointer
   into the span means the same on all cores, and so does one to a function; one to a variable does not.

   Unmap, protect and replace have happened on every core when they return: no core uses an old translation after that. They
   may be called by any member; mapping and starting members is for the domain on the core where it was started, its home.
   When that ends the members end with it; each is a domain to those who list, wait for or kill it.
   Sizes are bytes, whole pages. NOT_READY: there is no span, for domain_span_begin() was not called. */
#ifndef SKERRY_DOMAIN_SPAN_H
#define SKERRY_DOMAIN_SPAN_H

#include <skerry/agree_tree.h>
#include <skerry/vspace.h>

/* At the home, before the rest. Again: nothing. MAP_OCCUPIED: this domain has mapped something where spans lie. */
[[nodiscard]] err_t domain_span_begin(void);

/* A member that runs this with its argument, and ends with what it returns. FOREIGN: this is not the home; BUSY: there is one on
   that core, or it is this one. */
struct domain_span_start {
    coreid_t core;
    int (*run)(uint64_t argument);
    uint64_t argument;
};
[[nodiscard]] err_t domain_span(const struct domain_span_start *start, uint32_t *member);

/* Part of a frame of this core's memory. The capability stays the caller's; as long as a page of it is mapped, its memory
   cannot be revoked. FOREIGN: another core's memory. */
[[nodiscard]] err_t domain_span_map(const struct vspace_request *request, void **at);

/* The same where something is mapped already. */
[[nodiscard]] err_t domain_span_replace(void *at, const struct vspace_request *request);

/* NOT_FOUND: not all of it is mapped. Flags 0: nobody may touch it. */
[[nodiscard]] err_t domain_span_protect(void *at, uint64_t size, unsigned flags);
[[nodiscard]] err_t domain_span_unmap(void *at, uint64_t size);

/* How this member's changes reach the others from now on; what the monitor chooses by the machine's topology is the default. */
#define DOMAIN_SPAN_CHOOSE 0xff
void domain_span_topology(unsigned topology);

#endif
