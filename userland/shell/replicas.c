/* `skb replicas`: what each live core has been told, and whether all have the same. */
#include <skerry/print.h>

#include "shell/shell.h"

struct replica {
    uint64_t texts, hash;
    uint32_t bytes, room;
    bool runs; /* its knowledge base does */
    uint64_t taken_in;
};

static err_t ask_replica(uint64_t core, struct replica *replica) {
    uint64_t reply[LRPC_PAYLOAD - 1];
    TRY(ask(MONITOR_TOLD, &core, 1, reply));
    *replica =
        (struct replica){reply[0], reply[1], (uint32_t)reply[2], (uint32_t)(reply[2] >> 32), reply[3] == 1, reply[4]};
    return ERR_OK;
}

static void print_replica(unsigned core, const struct replica *replica) {
    printf("%4u  %5lu  %7u of %7u  %016lx  ", core, replica->texts, replica->bytes, replica->room, replica->hash);
    if (replica->runs) {
        printf("runs, has taken in %lu\n", replica->taken_in);
    } else {
        printf("starts when it is asked\n");
    }
}

enum status knowledge_replicas(void) {
    struct agree_set live;
    struct replica first, replica;
    unsigned same = 0, all = 0, heard = 0;
    if (ask_live(&live) != ERR_OK) {
        return complain("this core's monitor takes part in no agreement");
    }
    printf("core  texts  bytes               hash              knowledge base\n");
    AGREE_FOR_EACH(core, &live) {
        all++;
        err_t err = ask_replica(core, &replica);
        if (err != ERR_OK) {
            printf("%4u  %s\n", core, core_trouble(err));
            continue;
        }
        first = heard++ == 0 ? replica : first;
        same += replica.texts == first.texts && replica.hash == first.hash;
        print_replica(core, &replica);
    }
    printf("%u of %u live cores were told the same\n", same, all);
    return same == all ? STATUS_OK : STATUS_FAILED;
}
