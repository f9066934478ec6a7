/* fuzz [SEED [COUNT]]: prints one character an answer, LINE of them a line, and a running hash of all results. */
#include <skerry/domain.h>
#include <skerry/print.h>
#include <skerry/string.h>

#include "programs/fuzz/arena.h"

#define LINE 100
#define HASH_PRIME 0x100000001b3
#define EXTENDED_LEAF 0x80000001
#define GIGABYTE_PAGES (1u << 26)

static bool gigabyte_pages(void) {
    uint32_t eax = EXTENDED_LEAF, ebx, ecx = 0, edx;
    __asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
    return (edx & GIGABYTE_PAGES) != 0;
}

static uint64_t hash_add(uint64_t hash, uint64_t word) {
    return (hash ^ word) * HASH_PRIME;
}

static char digit_of(err_t err) {
    return err < 32 ? "0123456789abcdefghijklmnopqrstuv"[err] : '?';
}

/* One line of answers. */
static uint64_t play(uint64_t step, uint64_t count, uint64_t hash) {
    char text[LINE + 1];
    for (unsigned i = 0; i < count; i++) {
        struct generated invocation;
        uint64_t result[INVOKE_RESULTS];
        if ((step + i) % ARENA_STEPS == 0) {
            arena_reset();
            generate_reset();
        }
        generate_next(&invocation);
        err_t err = arena_invoke(&invocation, result);
        generate_learn(&invocation, err);
        hash = hash_add(hash, err);
        for (unsigned j = 0; j < INVOKE_RESULTS; j++) {
            hash = hash_add(hash, result[j]);
        }
        text[i] = digit_of(err);
    }
    text[count] = '\0';
    printf("@ %lu %s %016lx\n", step, text, hash);
    return hash;
}

int main(int argc, char **argv) {
    uint64_t seed = 1, count = 1000, hash = 0;
    if ((argc > 1 && !string_to_u64(argv[1], &seed)) || (argc > 2 && !string_to_u64(argv[2], &count)) || argc > 3) {
        printf("fuzz SEED COUNT\n");
        return 1;
    }
    printf("@ seed %lu count %lu base 0x%lx gigabytes %u\n", seed, count, arena_init(), gigabyte_pages());
    generate_seed(seed);
    for (uint64_t step = 0; step < count; step += LINE) {
        hash = play(step, MIN(count - step, (uint64_t)LINE), hash);
    }
    printf("@ done\n");
    return 0;
}
