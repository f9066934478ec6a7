/* `members`: the view that each core has of who is alive. */
#include <skerry/print.h>
#include <skerry/string.h>

#include "shell/shell.h"

struct view {
    uint32_t epoch, transactions;
    struct agree_set live;
};

static bool ask_view(uint64_t core, struct view *view) {
    uint64_t reply[LRPC_PAYLOAD - 1];
    if (ask(MONITOR_MEMBERS, &core, 1, reply) != ERR_OK) {
        return false;
    }
    view->epoch = (uint32_t)reply[0];
    view->transactions = (uint32_t)(reply[0] >> 32);
    memcpy(view->live.word, &reply[1], sizeof(view->live.word));
    return true;
}

err_t ask_live(struct agree_set *live) {
    uint64_t core = machine->core, reply[LRPC_PAYLOAD - 1];
    TRY(ask(MONITOR_MEMBERS, &core, 1, reply));
    memcpy(live->word, &reply[1], sizeof(live->word));
    return ERR_OK;
}

void print_cores(const struct agree_set *set) {
    AGREE_FOR_EACH(first, set) {
        unsigned last = first;
        while (last + 1 < AGREE_CORES && agree_has(set, last + 1)) {
            last++;
        }
        printf(last == first ? " %u" : " %u-%u", first, last);
        first = last;
    }
}

static bool same(const struct view *a, const struct view *b) {
    return a->epoch == b->epoch && agree_same(&a->live, &b->live);
}

enum status command_members(unsigned count, char **words) {
    struct view own, view;
    unsigned agreeing = 0, live = 0;
    (void)words;
    if (count != 1) {
        return complain("takes no arguments: `members`");
    }
    if (!ask_view(machine->core, &own)) {
        return complain("this core's monitor takes part in no agreement");
    }
    printf("core  epoch  transactions  live\n");
    AGREE_FOR_EACH(core, &own.live) {
        live++;
        if (!ask_view(core, &view)) {
            printf("%4u  does not answer\n", core);
            continue;
        }
        agreeing += same(&own, &view);
        printf("%4u  %5u  %12u ", core, view.epoch, view.transactions);
        print_cores(&view.live);
        printf("\n");
    }
    printf("%u of %u live cores agree\n", agreeing, live);
    return agreeing == live ? STATUS_OK : STATUS_FAILED;
}
