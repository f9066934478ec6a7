/* A domain that is started anew: `supervised here` on its core, when that is back; `supervised elsewhere` at once on another; with
   `faulting` behind it reads a null pointer each time, until it is given up. It says where it is and waits. */
#include <skerry/domain.h>
#include <skerry/event.h>
#include <skerry/print.h>
#include <skerry/string.h>

static void choose(const char *word) {
    bool here = strcmp(word, "here") == 0;
    err_t err = domain_supervise(here ? MONITOR_SUPERVISE_HERE : MONITOR_SUPERVISE_ELSEWHERE);
    if (err != ERR_OK) {
        die("no supervision: %s", err_doc(err));
    }
}

int main(int argc, char **argv) {
    bool faulting = argc == 3 && strcmp(argv[2], "faulting") == 0;
    bool good = (argc == 2 || faulting) && (strcmp(argv[1], "here") == 0 || strcmp(argv[1], "elsewhere") == 0);
    if (!good) {
        die("supervised here, or supervised elsewhere; `faulting` behind it, to see that");
    }
    choose(argv[1]);
    printf("supervised %s on core %u\n", argv[1], domain_args()->core);
    if (faulting) {
        return *(volatile int *)NULL;
    }
    event_loop();
}
