/* One message that many read, for the engine's broadcasts: each core has a page that it alone writes to and that the others map,
   read only, when it has first had something for them. Entries have rising numbers; a reader looks at the next one whenever it
   looks for messages, and whoever sleeps is interrupted. What cannot go this way goes over the link.

   An entry is used again when its transaction has ended, so all whom it concerned have read it; a reader that has been passed by
   goes on with what it finds. It may overtake a view that is on its way over the link, and then waits for it. */
#ifndef MONITOR_BULLETINS_H
#define MONITOR_BULLETINS_H

#include <skerry/agree.h>

#include "monitor/agreement_ports.h"
#include "monitor/peers.h"

/* Before links_init: this event source is to be asked after the links' own. */
void bulletins_init(void);

/* With the engine. */
[[nodiscard]] err_t bulletins_start(agreement_receiver receiver);

/* For agree_config.send_all. */
void bulletins_send(const struct agree_set *to, const struct agree_message *message);

/* PEER_BULLETIN */
err_t bulletins_serve(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]);

/* The core runs no more: its page is unmapped here. */
void bulletins_end(coreid_t core);

#endif
