/*
 * The whole rule for capabilities that are looked up. cspace.h finds them and passes the common case.
 */
#include "cap/cspace.h"

err_t cspace_check(const struct cap *cap, uint32_t types, uint8_t rights) {
    if (cap_is_gone(cap)) {
        return ERR_CAP_EMPTY;
    }
    if (types != 0 && (types & 1u << cap->type) == 0) {
        return ERR_CAP_TYPE;
    }
    if ((rights & ~cap->rights) != 0) {
        return ERR_CAP_RIGHTS;
    }
    return types != 0 && cap_is_foreign_object(cap) ? ERR_FOREIGN : ERR_OK;
}
