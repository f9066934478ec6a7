/* More RAM than a domain is born with. */
#include <if/monitor.h>
#include <skerry/domain.h>
#include <skerry/ram.h>

err_t ram_more(uint64_t bytes, unsigned properties) {
    uint64_t size = ALIGN_UP(bytes, PAGE_SIZE);
    struct lrpc_call call = {.operation = MONITOR_RAM, .request = {size, (properties & RAM_POOL) != 0}};
    TRY(domain_ask(&call));
    if (call.reply_cap == CAP_NULL) {
        return ERR_FORMAT;
    }
    ram_add(call.reply_cap, 0, size, properties & RAM_POOL);
    return ERR_OK;
}
