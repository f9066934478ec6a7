/* Memory that client and server share: pieces of it in calls. */
#include <skerry/domain.h>
#include <skerry/print.h>
#include <skerry/string.h>
#include <skerry/vspace.h>

#include "programs/rpc/rpc.h"

#define LINGER_MS 300
#define ROB_MS 50

static void count_up(uint8_t *piece, size_t size) {
    for (size_t i = 0; i < size; i++) {
        piece[i] = (uint8_t)(i * 7 + size);
    }
}

static err_t turn(struct binding *probe, size_t size) {
    uint8_t *piece = binding_bulk_take(probe, size);
    uint64_t sum = 0, expected = 0;
    expect("a piece", piece != NULL);
    if (piece == NULL) {
        return ERR_NO_MEMORY;
    }
    count_up(piece, size);
    err_t err = probe_call_turn(probe, piece, size, &sum);
    for (size_t i = 0; i < size && err == ERR_OK; i++) {
        uint8_t byte = (uint8_t)((size - 1 - i) * 7 + size);
        expected += byte;
        if (piece[i] != byte) {
            expect("the piece turned where it is", false);
            break;
        }
    }
    expect("the sum of the piece", sum == expected);
    binding_bulk_free(probe, piece);
    return err;
}

static err_t pieces(struct binding *probe) {
    char *three = binding_bulk_take(probe, 2 * PAGE_SIZE + 1), *one = binding_bulk_take(probe, 1);
    expect("pieces side by side", three != NULL && one == three + 3 * PAGE_SIZE);
    expect("no fifth page", binding_bulk_take(probe, 1) == NULL);
    binding_bulk_free(probe, three);
    expect("three pages again", binding_bulk_take(probe, PAGE_SIZE) == three);
    expect("not more than is free", binding_bulk_take(probe, 3 * PAGE_SIZE) == NULL);
    binding_bulk_free(probe, three);
    binding_bulk_free(probe, one);
    return ERR_OK;
}

err_t bulk(struct binding *probe) {
    uint64_t sum, elsewhere = 1;
    TRY(pieces(probe));
    for (size_t size = 0; size < 40; size++) {
        TRY(turn(probe, size));
    }
    TRY(turn(probe, PAGE_SIZE));
    TRY(turn(probe, 4 * PAGE_SIZE));
    expect("nothing of the stack", probe_call_turn(probe, &elsewhere, sizeof(elsewhere), &sum) == ERR_ARGUMENT);
    return ERR_OK;
}

static void linger(void *argument) {
    struct binding *probe = *(struct binding **)argument;
    (void)probe_call_linger(probe, binding_bulk_take(probe, PAGE_SIZE), PAGE_SIZE, LINGER_MS);
}

/* Ends while the server works on its memory. */
err_t rob(struct binding *probe) {
    TRY(fibre_spawn(linger, &probe, sizeof(struct binding *)));
    sleep_ms(ROB_MS);
    printf("rpc: gone with the memory\n");
    domain_exit(0);
}

/* Lets go while the server works on its memory, and binds again: the memory is there once. */
err_t rebind(struct binding *probe) {
    for (unsigned i = 0; i < 3; i++) {
        struct binding other = {0};
        TRY(probe_bind(&other, 1000));
        struct binding *at = &other;
        TRY(fibre_spawn(linger, &at, sizeof(struct binding *)));
        fibre_yield();
        TRY(turn(probe, PAGE_SIZE));
        binding_unbind(&other);
    }
    return ERR_OK;
}
