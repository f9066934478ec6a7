/* channels serve | stress [MESSAGES [SEED [shared]]] | hostile [ROUNDS] | idle [SAMPLES] */
#include <skerry/domain.h>
#include <skerry/string.h>

#include "programs/channels/channels.h"

static uint64_t number(int argc, char **argv, int index, uint64_t usual) {
    uint64_t value = usual;
    if (index < argc && !string_to_u64(argv[index], &value)) {
        die("%s is not a number", argv[index]);
    }
    return value;
}

int main(int argc, char **argv) {
    const char *mode = argc > 1 ? argv[1] : "";
    if (strcmp(mode, CHANNELS_SERVE) == 0) {
        serve(argc > 2 ? CHANNELS_SHARED : CHANNELS_OWN);
    } else if (strcmp(mode, "stress") == 0) {
        bool shared = argc > 4 && strcmp(argv[4], CHANNELS_SHARE) == 0;
        return stress(number(argc, argv, 2, 5000), number(argc, argv, 3, 1), shared ? CHANNELS_SHARED : CHANNELS_OWN);
    } else if (strcmp(mode, "hostile") == 0) {
        return hostile(number(argc, argv, 2, 20));
    } else if (strcmp(mode, "idle") == 0) {
        return idle((unsigned)number(argc, argv, 2, 100));
    }
    die("wants serve, stress [MESSAGES [SEED [shared]]], hostile [ROUNDS] or idle [SAMPLES]");
}
