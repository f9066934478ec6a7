/*
 * The operations that every capability has, apart from retype (retype.c).
 */
#include "cap/cap.h"

#include "cap/invoke.h"
#include "cap/mdb.h"

static err_t copy_decode(const struct cap *cap) {
    return cap_is_linear(cap) ? ERR_NOT_COPYABLE : ERR_OK;
}

err_t inv_cap_copy(struct invocation *inv) {
    TRY(copy_decode(&inv->cap->cap));
    cap_copy(inv->cte[0], inv->cap);
    return ERR_OK;
}

/* A badge can be given once, to an endpoint or to a core, where it is the vector that notify sends. */
static err_t badge_decode(const struct cap *cap, uint64_t badge) {
    bool vector = badge >= VECTOR_USER_FIRST && badge <= VECTOR_USER_LAST;
    if (badge == 0 || (cap->extra == 0 && (cap->type == CAP_TYPE_ENDPOINT || (cap->type == CAP_TYPE_CORE && vector)))) {
        return ERR_OK;
    }
    return ERR_ARGUMENT;
}

static err_t mint_decode(const struct cap *cap, uint64_t rights, uint64_t badge) {
    TRY(copy_decode(cap));
    if ((rights & ~(uint64_t)cap->rights) != 0) {
        return ERR_CAP_RIGHTS;
    }
    return badge_decode(cap, badge);
}

err_t inv_cap_mint(struct invocation *inv) {
    uint64_t rights = inv->word[1], badge = inv->word[2];
    struct cap cap = inv->cap->cap;
    TRY(mint_decode(&cap, rights, badge));
    cap.rights = (uint8_t)rights;
    if (badge != 0) {
        cap.extra = badge;
    }
    cap_create(inv->cte[0], &cap);
    return ERR_OK;
}

err_t inv_cap_move(struct invocation *inv) {
    cap_move(inv->cte[0], inv->cap);
    return ERR_OK;
}

err_t inv_cap_delete(struct invocation *inv) {
    return cap_delete_step(inv->cap);
}

static err_t revoke_decode(const struct cap *cap) {
    if (cap_is_foreign(cap)) {
        return ERR_FOREIGN;
    }
    return mdb_shared(cap, cap->base, cap->size) ? ERR_SHARED : ERR_OK;
}

err_t inv_cap_revoke(struct invocation *inv) {
    TRY(revoke_decode(&inv->cap->cap));
    return cap_revoke_step(inv->cap);
}
