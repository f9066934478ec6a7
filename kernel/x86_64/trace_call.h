/*
 * trace_write() (core/trace.h) without the registers that a call costs its caller: whoever is traced saves none while
 * tracing is off. Not by the compilers' attribute for that: clang 22's callers take argument registers for kept, its
 * callees do not keep them.
 */
#pragma once

struct dispatcher;

static inline void x86_trace_keeping(unsigned kind, unsigned detail, const struct dispatcher *a,
                                     const struct dispatcher *b) {
    __asm__ volatile("call trace_keeping" : : "D"(kind), "S"(detail), "d"(a), "c"(b) : "memory", "cc");
}
