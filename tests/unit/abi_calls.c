/*
 * One plain function round each user stub of the sample contract, for ctypes to call, and the state of abi_recorder.S.
 */
#include <abi/stubs.h>

#define LOCAL __attribute__((visibility("hidden")))
#define SCRIPT_LENGTH 8

extern int32_t calls LOCAL;
extern uint64_t seen[6] LOCAL;
extern uint64_t script[SCRIPT_LENGTH] LOCAL;
int32_t calls;
uint64_t seen[6];
uint64_t script[SCRIPT_LENGTH];

uint64_t *call_reset(const uint64_t *results);
int32_t call_count(void);
err_t call_null(void);
err_t call_sleep(uint64_t until);
err_t call_copy(capaddr_t cap, capaddr_t cnode, uint32_t index);
err_t call_delete(capaddr_t cap);
err_t call_identify(capaddr_t cap, uint64_t *base, uint64_t *size);
err_t call_map(capaddr_t cap, uint64_t index, capaddr_t source, uint64_t dst);
err_t call_in(capaddr_t cap, uint64_t port, uint64_t *value);
err_t call_lend(capaddr_t cap, capaddr_t to, uint64_t *bits);
err_t call_any(capaddr_t cap, uint64_t operation, const uint64_t *word, uint64_t *result);

uint64_t *call_reset(const uint64_t *results) {
    calls = 0;
    for (int i = 0; i < SCRIPT_LENGTH; i++)
        script[i] = results[i];
    return seen;
}

int32_t call_count(void) {
    return calls;
}

err_t call_null(void) {
    return sys_null();
}

err_t call_sleep(uint64_t until) {
    return sys_sleep(until);
}

err_t call_copy(capaddr_t cap, capaddr_t cnode, uint32_t index) {
    return cap_copy(cap, SLOT(cnode, index));
}

err_t call_delete(capaddr_t cap) {
    return cap_delete(cap);
}

err_t call_identify(capaddr_t cap, uint64_t *base, uint64_t *size) {
    return frame_identify(cap, base, size);
}

/* Twice, with values that live across the first: what the stub says it changes must be all that changes. */
err_t call_map(capaddr_t cap, uint64_t index, capaddr_t source, uint64_t dst) {
    err_t first = table_map(cap, index, source, dst);
    err_t second = table_map(cap, index, source, dst);
    return first == second ? second : ERR_LATE;
}

err_t call_in(capaddr_t cap, uint64_t port, uint64_t *value) {
    return port_in(cap, port, value);
}

err_t call_lend(capaddr_t cap, capaddr_t to, uint64_t *bits) {
    return port_lend(cap, to, bits);
}

err_t call_any(capaddr_t cap, uint64_t operation, const uint64_t *word, uint64_t *result) {
    return sys_invoke(cap, operation, word, result);
}
