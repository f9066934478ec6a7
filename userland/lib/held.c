/* Counters; each is kept by the file that hands out what it counts. */
#include <skerry/held.h>
#include <skerry/ram.h>

static int64_t slots, blocks, cnodes, kept_slots, kept_ram;

void held_count(struct held *held) {
    struct ram_totals ram;
    ram_count(&ram);
    *held = (struct held){
        .slots = slots - kept_slots,
        .blocks = blocks,
        .ram = (int64_t)(ram.total - ram.free) - kept_ram,
        .capabilities = slots + cnodes,
    };
}

void held_for_good(int64_t more_slots, int64_t more_ram) {
    kept_slots += more_slots;
    kept_ram += more_ram;
}

void held_block(int64_t more) {
    blocks += more;
}

void held_slots(int64_t more) {
    slots += more;
}

void held_cnode(int64_t more) {
    cnodes += more;
}
