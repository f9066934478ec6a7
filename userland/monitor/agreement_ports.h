/* The engine's way to the other monitors: lines of the direct links, in order. A port takes everything: what finds no room, or
   no link yet, waits in its queue, and a fibre sends it on. */
#ifndef MONITOR_AGREEMENT_PORTS_H
#define MONITOR_AGREEMENT_PORTS_H

#include <skerry/agree.h>
#include <skerry/urpc.h>

/* A whole message has come from this core. */
typedef void (*agreement_receiver)(unsigned from, const struct agree_message *message);

/* Before the first message; `cores`: of this machine. */
[[nodiscard]] err_t agreement_ports_init(unsigned cores, agreement_receiver receiver);

void agreement_port_send(unsigned to, const struct agree_message *message);
void agreement_port_send_each(const uint16_t to[], unsigned number, const struct agree_message *message);

/* PEER_AGREE, PEER_AGREE_MORE: a line that came by the direct link to that core. */
void agreement_port_take(unsigned from, const struct urpc_message *line);

/* The core is dead, or lives anew: what is on the way to it, or half here, is dropped. */
void agreement_port_end(unsigned core);

#endif
