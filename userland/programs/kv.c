/* The replicated table of keys by hand: `kv put KEY VALUE`, `kv get KEY`, `kv delete KEY`, up to eight characters each; `kv count KEY
   ROUNDS` puts 1, 2, 3 ... and sees each read at this core give what was put last, or more. */
#include <skerry/domain.h>
#include <skerry/keys.h>
#include <skerry/print.h>
#include <skerry/string.h>

#define DEADLINE_MS 10000

static void check(err_t err, const char *what) {
    if (err != ERR_OK) {
        die("%s: %s (%s)", what, err_doc(err), err_name(err));
    }
}

static uint64_t word_of(const char *text) {
    uint64_t word;
    if (key_from_text(text, &word) != ERR_OK) {
        die("wants one to eight characters, not \"%s\"", text);
    }
    return word;
}

static void get(uint64_t key) {
    char text[sizeof(uint64_t) + 1] = {};
    uint64_t value;
    check(key_read(key, DEADLINE_MS, &value), "get");
    memcpy(text, &value, sizeof(value));
    printf("core %u: %s\n", domain_args()->core, text);
}

/* Others may count the same key. */
static void count(uint64_t key, uint64_t rounds) {
    uint64_t value, seen = 0;
    for (uint64_t i = 1; i <= rounds; i++) {
        check(key_put(key, i, DEADLINE_MS), "put");
        check(key_read(key, DEADLINE_MS, &value), "read");
        seen += value != i;
    }
    printf("core %u: %lu puts, %lu of others seen\n", domain_args()->core, rounds, seen);
}

int main(int argc, char **argv) {
    uint64_t rounds;
    const char *what = argc > 2 ? argv[1] : "";
    if (argc == 4 && strcmp(what, "put") == 0) {
        check(key_put(word_of(argv[2]), word_of(argv[3]), DEADLINE_MS), "put");
    } else if (argc == 3 && strcmp(what, "get") == 0) {
        get(word_of(argv[2]));
    } else if (argc == 3 && strcmp(what, "delete") == 0) {
        check(key_put(word_of(argv[2]), 0, DEADLINE_MS), "delete");
    } else if (argc == 4 && strcmp(what, "count") == 0 && string_to_u64(argv[3], &rounds)) {
        count(word_of(argv[2]), rounds);
    } else {
        die("put KEY VALUE, get KEY, delete KEY, or count KEY ROUNDS");
    }
    return 0;
}
