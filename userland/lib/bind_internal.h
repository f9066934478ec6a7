/* What the files behind bind.h share. */
#ifndef LIB_BIND_INTERNAL_H
#define LIB_BIND_INTERNAL_H

#include <if/monitor.h>
#include <skerry/bind.h>

struct channel_end {
    struct bind_channel channel; /* first */
    struct channel_end *next;
    capaddr_t frame;
    struct vspace_mapping mapping; /* no runs: not mapped */
    bool closed;                   /* the monitor said so while this end was being opened */
    bool open;                     /* its user has it */
};

/* The list of ends. The monitor's word for one is its id. */
void bind_end_add(struct channel_end *end);
void bind_end_take_out(struct channel_end *end);
struct channel_end *bind_end_find(uint32_t id);

/* An end in the list out of id, peer, size, place; NULL: no memory. */
struct channel_end *bind_end_make(const uint64_t words[4], unsigned side, capaddr_t frame);

/* Maps it and gets what wakes the other end. On failure the end is still to be freed. */
[[nodiscard]] err_t bind_end_open(struct channel_end *end, bool interruptible);

/* Unmaps and forgets an end that is in no list any more. */
void bind_end_free(struct channel_end *end);

/* From now on this domain answers what its monitor asks. */
[[nodiscard]] err_t bind_heed_monitor(struct lrpc_binding *monitor);

/* Makes this dispatcher reachable by wake-ups. */
[[nodiscard]] err_t bind_listen(void);

#endif
