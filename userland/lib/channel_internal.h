/* Channels and the monitor: the ways to and from wake-ups that lead through it (channel_monitor.c), what it may know of them
   (channel_counts.c). */
#ifndef LIB_CHANNEL_INTERNAL_H
#define LIB_CHANNEL_INTERNAL_H

#include <if/monitor.h>
#include <skerry/channel.h>

/* The notification is the monitor's from now on: bound to a vector, or signalled by it. */
[[nodiscard]] err_t channel_listen_by_monitor(capaddr_t notification, enum monitor_listen how);

/* For urpc.wake: by the capability that came with the channel, or by the monitor. */
void channel_wake_peer(struct urpc *urpc);

/* Has the monitor wake the peer of this channel, soon. */
void channel_wake_by_monitor(struct channel *channel);
void channel_wake_forget(struct channel *channel);

/* This dispatcher's open channel in that frame; NULL: there is none. */
const struct channel *channel_in(const void *frame);

#endif
