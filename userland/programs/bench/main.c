/* bench SUITE [SAMPLES [CORES]] */
#include <skerry/domain.h>
#include <skerry/string.h>

#include "programs/bench/across.h"
#include "programs/bench/bench.h"
#include "programs/bench/far.h"

static const struct suite *const suites[] = {&suite_core,  &suite_boot,  &suite_messages, &suite_updates,
                                             &suite_urpc,  &suite_pairs, &suite_stubs,    &suite_pages,
                                             &suite_agree, &suite_spans, &suite_retypes,  &suite_caps};

uint64_t program_began, suite_cores;

static const struct suite *suite_find(const char *name) {
    for (unsigned i = 0; i < ARRAY_SIZE(suites); i++) {
        if (strcmp(suites[i]->name, name) == 0) {
            return suites[i];
        }
    }
    return NULL;
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    uint64_t samples = SAMPLES_DEFAULT;
    program_began = stamp_end();
    if (strcmp(what, BENCH_PEER) == 0) {
        peer_main();
        return 0;
    }
    if (strcmp(what, BENCH_FAR) == 0) {
        far_main();
        return 0;
    }
    if (strcmp(what, BENCH_OTHER) == 0) {
        other_main();
        return 0;
    }
    const struct suite *suite = suite_find(what);
    if (suite == NULL) {
        die("wants a suite: core, boot, messages, updates, urpc, pairs, stubs, pages, agree, spans, retypes, caps");
    }
    if (argc > 2 && (!string_to_u64(argv[2], &samples) || samples == 0 || samples > SAMPLES_MAX)) {
        die("wants 1 to %u samples", SAMPLES_MAX);
    }
    if (argc > 3 && !string_to_u64(argv[3], &suite_cores)) {
        die("wants a number of cores");
    }
    suite_run(suite, (unsigned)samples);
    return 0;
}
