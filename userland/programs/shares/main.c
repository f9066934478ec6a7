/* Memory that domains on several cores share as equals (shared_cap.h), changed from all of them at once.
   `serve NAME` is a worker, on each of the other cores. `lead SEED ROUNDS NAME...` shares memory with these workers, first RAM, then a
   frame; all retype, revoke, delete and move it at random, and after each storm what they have is compared. `storms SEED NAME...` goes on with
   that until a worker's core dies. `lose CORE NAME...` makes that core the owner and waits until it dies; `orphan CORE NAME...` is itself where the memory comes from, on
   the core that is to die. `rules NAME` tries what is refused, `alone` asks nobody for anything. */
#include "programs/shares/shares.h"

#include <skerry/print.h>
#include <skerry/string.h>

int main(int argc, char **argv) {
    uint64_t number = 0, rounds = 0;
    if (argc == 3 && strcmp(argv[1], "serve") == 0) {
        return share_serve(argv[2]);
    }
    if (argc == 3 && strcmp(argv[1], "rules") == 0) {
        return share_keep_rules(argv[2]);
    }
    if (argc == 2 && strcmp(argv[1], "alone") == 0) {
        return share_alone();
    }
    if (argc >= 5 && strcmp(argv[1], "lead") == 0 && string_to_u64(argv[2], &number) &&
        string_to_u64(argv[3], &rounds)) {
        return share_lead(number, rounds, argc - 4, argv + 4);
    }
    if (argc >= 4 && strcmp(argv[1], "storms") == 0 && string_to_u64(argv[2], &number)) {
        return share_storms(number, argc - 3, argv + 3);
    }
    if (argc >= 4 && string_to_u64(argv[2], &number)) {
        bool orphan = strcmp(argv[1], "orphan") == 0;
        if (orphan || strcmp(argv[1], "lose") == 0) {
            return share_lose(number, orphan, argc - 3, argv + 3);
        }
    }
    printf("shares serve NAME, shares lead SEED ROUNDS NAME..., shares storms SEED NAME..., shares lose | orphan CORE "
           "NAME..., shares rules "
           "NAME, shares alone\n");
    return 1;
}
