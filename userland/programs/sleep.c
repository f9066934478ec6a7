/* Waits as many milliseconds as its argument says: something for `ps` to show. */
#include <skerry/domain.h>
#include <skerry/fibre.h>
#include <skerry/print.h>
#include <skerry/string.h>
#include <skerry/time.h>

int main(int argc, char **argv) {
    uint64_t ms;
    if (argc != 2 || !string_to_u64(argv[1], &ms) || ms > 86400000) {
        printf("sleep MILLISECONDS, at most a day\n");
        return 1;
    }
    fibre_sleep_until(time_deadline(ms));
    return 0;
}
