/* The monitor has the frame. */
#include "programs/bench/commons.h"

#include <if/monitor.h>
#include <skerry/domain.h>
#include <skerry/vspace.h>

err_t commons_map(struct commons **commons) {
    static struct commons *mapped;
    if (mapped == NULL) {
        struct lrpc_call call = {.operation = MONITOR_COMMONS, .request = {COMMONS_PAGES}};
        void *at;
        TRY(domain_ask(&call));
        struct vspace_request request = {call.reply_cap, 0, COMMONS_PAGES * PAGE_SIZE, MAP_READ | MAP_WRITE};
        TRY(vspace_map(&request, &at, NULL));
        mapped = at;
    }
    *commons = mapped;
    return ERR_OK;
}
