/* Takes more capability slots than a root CNode of one page can lead to, so that the capability space has to grow, uses the
   last one, and gives all back. */
#include <skerry/domain.h>
#include <skerry/print.h>
#include <skerry/slots.h>

#define SLOTS 6000

static capaddr_t taken[SLOTS];

int main(int argc, char **argv) {
    (void)argc, (void)argv;
    unsigned count = 0;
    err_t err = ERR_OK;
    while (count < SLOTS && (err = slot_alloc(&taken[count])) == ERR_OK) {
        count++;
    }
    if (err != ERR_OK) {
        die("slot %u: %s", count, err_name(err));
    }
    err = dispatcher_notification(CAP_DISPATCHER, slot_word(taken[SLOTS - 1]), 1);
    if (err != ERR_OK) {
        die("the last slot, %u: %s", taken[SLOTS - 1], err_name(err));
    }
    while (count > 0) {
        slot_release(taken[--count]);
    }
    printf("%u slots taken and given back\n", SLOTS);
    return 0;
}
