/* Between service.c and what brings it calls. */
#ifndef LIB_SERVICE_INTERNAL_H
#define LIB_SERVICE_INTERNAL_H

#include <skerry/service.h>

struct service *service_at(unsigned index);
struct service *service_named(const char *name);
const struct service_operation *service_operation_of(const struct service *service, unsigned number);

/* Words of the longest request with this operation word. */
uint32_t service_longest(uint16_t operation);

/* A client of the service that these RPC_OPEN words name; of one that is known. May wait. */
[[nodiscard]] err_t service_open(const uint64_t *open, uint64_t domain, struct service_client **client);
[[nodiscard]] err_t service_client_make(struct service *service, uint64_t domain, struct service_client **made);

/* RPC_BULK: what the client shares from now on, as its library asks. The capability is taken in any case. May wait. */
[[nodiscard]] err_t service_bulk(struct service_client *client, uint64_t pages, capaddr_t cap);
void service_bulk_drop(struct service_client *client);

/* It makes no calls any more, and gets no answers. Freed when its calls in work have ended. Does not wait. */
void service_client_gone(struct service_client *client, err_t why);
void service_client_leave(struct service_client *client);
void service_cancel(struct service_client *client, uint32_t token);

/* Serves a call, in a fibre of its own. */
void service_run(struct service_call *call, const struct service_operation *operation,
                 void (*answer)(const struct service_call *, err_t));

void service_local_init(void);
[[nodiscard]] err_t service_lrpc_export(struct service *service);

#endif
