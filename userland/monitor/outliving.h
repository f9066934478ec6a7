/* Memory that outlives the core that it came from: whole chunks of this core's RAM that are nobody's from then on (OWNER_COMMON),
   cut into frames that stay for good. */
#ifndef MONITOR_OUTLIVING_H
#define MONITOR_OUTLIVING_H

#include <skerry/base.h>

/* A frame below 4 GiB, of whole pages up to a chunk, aligned to its size rounded up to a power of two. */
[[nodiscard]] err_t outliving_frame(uint64_t size, capaddr_t *frame, paddr_t *base);

#endif
