/* Takes memory from this core's monitor, a portion at a time, until it has so many MiB or there is no more; writes all of it,
   and looks whether each word is still what it was when all is written: `spawn eat 40 on 2`. */
#include <skerry/domain.h>
#include <skerry/print.h>
#include <skerry/ram.h>
#include <skerry/string.h>
#include <skerry/vspace.h>

#define MIB (1ul << 20)
#define PORTION (2 * MIB)
#define PORTIONS 90
#define TABLES_FOR 32 /* portions whose page tables fit in so much pool memory: */
#define TABLES_BYTES (64 * PAGE_SIZE)

static uint64_t *portion[PORTIONS];

static uint64_t word_at(unsigned p, uint64_t i) {
    return (p * PORTION + i) * 0x9e3779b97f4a7c15ull;
}

static err_t eat(unsigned p) {
    void *at;
    if (p % TABLES_FOR == 0) {
        TRY(ram_more(TABLES_BYTES, RAM_POOL));
    }
    TRY(ram_more(PORTION, 0));
    TRY(vspace_pages(PORTION, &at));
    portion[p] = at;
    for (uint64_t i = 0; i < PORTION / sizeof(uint64_t); i += 8) { /* a word in each line */
        portion[p][i] = word_at(p, i);
    }
    return ERR_OK;
}

static bool is_whole(unsigned p) {
    for (uint64_t i = 0; i < PORTION / sizeof(uint64_t); i++) {
        if (portion[p][i] != (i % 8 == 0 ? word_at(p, i) : 0)) {
            return false;
        }
    }
    return true;
}

int main(int argc, char **argv) {
    uint64_t wanted;
    unsigned eaten = 0;
    err_t err = ERR_OK;
    if (argc != 2 || !string_to_u64(argv[1], &wanted) || wanted == 0 || wanted > PORTIONS * PORTION / MIB) {
        die("give a number of MiB, at most %lu: spawn eat 40 on 2", PORTIONS * PORTION / MIB);
    }
    while (eaten * PORTION < wanted * MIB && (err = eat(eaten)) == ERR_OK) {
        eaten++;
    }
    for (unsigned p = 0; p < eaten; p++) {
        if (!is_whole(p)) {
            die("portion %u is not what was written", p);
        }
    }
    printf("core %u: %lu of %lu MiB eaten, all as written%s%s\n", domain_args()->core, eaten * PORTION / MIB, wanted,
           err == ERR_OK ? "" : ": ", err == ERR_OK ? "" : err_doc(err));
    return 0;
}
