/* The second domain of pair.h answers; this one takes the answers raw. */
#include "programs/bench/lrpc.h"

#include <skerry/dispatcher.h>

#include "programs/bench/pair.h"
#include "programs/bench/raw.h"

static vaddr_t own_entry_lrpc;

/* The peer plays a role while this domain takes its answers raw. */
static err_t raw_begin(struct pair *pair, enum peer_role role, void (*entry)(void)) {
    TRY(pair_role(pair, role));
    own_entry_lrpc = dispatcher_frame()->entry_lrpc;
    dispatcher_frame()->entry_lrpc = (vaddr_t)entry;
    return ERR_OK;
}

err_t lrpc_finish(struct pair *pair) {
    dispatcher_frame()->entry_lrpc = own_entry_lrpc;
    return pair_leave(pair);
}

err_t lrpc_one_way_prepare(struct pair *pair) {
    return raw_begin(pair, ROLE_STAMP, raw_entry_reply4);
}

err_t lrpc_round_trip_prepare(struct pair *pair) {
    return raw_begin(pair, ROLE_ANSWER, raw_entry_reply4);
}

err_t lrpc_round_trip10_prepare(struct pair *pair) {
    return raw_begin(pair, ROLE_ANSWER, raw_entry_reply10);
}

/* From the sender's stub to the receiver's first instruction, which sends its time back. */
err_t lrpc_one_way_measure(struct pair *pair, uint64_t *ticks) {
    struct raw_words words = {{1, 2, 3, 4}};
    uint64_t begin = stamp_begin();
    err_t err = raw_call4(pair->endpoint, &words);
    *ticks = words.word[0] - begin;
    return err;
}

err_t lrpc_round_trip_measure(struct pair *pair, uint64_t *ticks) {
    struct raw_words words = {{1, 2, 3, 4}};
    uint64_t begin = stamp_begin();
    err_t err = raw_call4(pair->endpoint, &words);
    *ticks = stamp_end() - begin;
    return err != ERR_OK || words.word[3] == 4 ? err : ERR_FORMAT;
}

err_t lrpc_round_trip10_measure(struct pair *pair, uint64_t *ticks) {
    struct raw_words words = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}};
    uint64_t begin = stamp_begin();
    err_t err = raw_call10(pair->endpoint, &words);
    *ticks = stamp_end() - begin;
    return err != ERR_OK || words.word[9] == 10 ? err : ERR_FORMAT;
}
