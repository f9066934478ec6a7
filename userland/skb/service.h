/* The calls of userland/if/skb.toml. */
#ifndef SKB_SERVICE_H
#define SKB_SERVICE_H

#include "skb/datalog/datalog.h"

/* Offers the knowledge base under the name "skb". */
[[nodiscard]] err_t service_begin(struct datalog *base);

#endif
