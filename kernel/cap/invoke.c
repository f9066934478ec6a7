/*
 * The common part of decoding: the contract's table against what the domain gave.
 */
#include "cap/invoke.h"

#include "cap/cspace.h"

/*
 * The whole rule for the invoked capability; ERR_OK for what is allowed though it is no own, whole capability: one that is
 * going away answers to delete, which goes on with its end, and foreign ones to some operations.
 */
static err_t check(const struct cap *cap, uint64_t operation, const struct abi_op *op) {
    if (cap->type == CAP_TYPE_NULL || (cap_is_gone(cap) && operation != OP_CAP_DELETE)) {
        return ERR_CAP_EMPTY;
    }
    if (op == NULL) {
        return ERR_CAP_OPERATION;
    }
    if ((op->rights & ~cap->rights) != 0) {
        return ERR_CAP_RIGHTS;
    }
    return operation > OP_CAP_RETYPE && cap_is_foreign_object(cap) ? ERR_FOREIGN : ERR_OK;
}

static err_t decode_args(struct cspace space, const struct abi_op *op, struct invocation *inv) {
    const struct abi_arg *end = op->args + op->lookups;
    for (const struct abi_arg *arg = op->args; arg < end; arg++) {
        uint64_t word = inv->word[arg->place];
        struct cte **cte = &inv->cte[arg->place];
        if (arg->kind == ARG_CAP) {
            TRY(cspace_get(space, word, arg->types, arg->rights, cte));
        } else {
            TRY(cspace_slot(space, word, cte, &inv->room));
        }
    }
    return ERR_OK;
}

err_t invoke(const struct cte *root, uint64_t address, uint64_t operation, struct invocation *inv) {
    for (unsigned i = 0; i < INVOKE_RESULTS; i++) {
        inv->result[i] = 0;
    }
    struct cspace space = cspace_of(root);
    TRY(cspace_lookup(space, address, &inv->cap));
    const struct cap *cap = &inv->cap->cap;
    const struct abi_op *op = abi_op(cap->type, operation);
    if (UNLIKELY(op == NULL || !cap_is_plain(cap, op->rights))) {
        TRY(check(cap, operation, op));
    }
    TRY(decode_args(space, op, inv));
    return op->act(inv);
}
