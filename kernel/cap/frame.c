/*
 * Frames and device memory: what domains map. The CPU driver never looks inside.
 */
#include "cap/invoke.h"

static void identify(struct invocation *inv) {
    inv->result[0] = inv->cap->cap.base;
    inv->result[1] = inv->cap->cap.size;
}

err_t inv_frame_identify(struct invocation *inv) {
    identify(inv);
    return ERR_OK;
}

err_t inv_device_identify(struct invocation *inv) {
    identify(inv);
    return ERR_OK;
}
