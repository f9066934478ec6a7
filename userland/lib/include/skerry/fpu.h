/* The registers of x87, SSE and AVX. The CPU driver keeps them for each dispatcher; between contexts of one dispatcher they
   change hands here. At a call the compiler keeps nothing in them, so only what interrupts a context saves them. */
#ifndef SKERRY_FPU_H
#define SKERRY_FPU_H

#include <skerry/base.h>

/* As much as the CPU driver enables: x87, SSE, AVX, AVX-512. */
#define FPU_STATE_SIZE 2816

struct fpu_state {
    _Alignas(64) uint8_t bytes[FPU_STATE_SIZE];
};

void fpu_save(struct fpu_state *state);
void fpu_load(const struct fpu_state *state);

#endif
