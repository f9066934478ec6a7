/* The knowledge base as a domain: reads the texts that it was started with, finds out the rest, then answers. */
#include <abi/stubs.h>
#include <skerry/domain.h>
#include <skerry/fibre.h>
#include <skerry/print.h>
#include <skerry/ram.h>
#include <skerry/string.h>
#include <skerry/vspace.h>

#include "skb/datalog/datalog.h"
#include "skb/facts.h"
#include "skb/service.h"

#define START_ROUNDS 3
#define ANSWERS_RAM (2ul << 20) /* for those who ask at the same time */

static struct datalog *base;

/* Maps a frame that the starter gave, whole. */
static void *map_given(capaddr_t frame, unsigned flags, uint64_t *size) {
    struct vspace_request request = {.cap = frame, .flags = flags};
    void *at = NULL;
    err_t err = frame_identify(frame, NULL, &request.size);
    if (err == ERR_OK) {
        err = vspace_map(&request, &at, NULL);
    }
    if (err != ERR_OK) {
        die("the memory that was given: %s", err_doc(err));
    }
    *size = request.size;
    return at;
}

/* Each is told by itself: a mistake in one leaves the others. */
static void tell_texts(const char *at) {
    while (*at != '\0') {
        const char *name = at, *text = name + strlen(name) + 1;
        struct datalog_error error;
        if (!datalog_tell(base, text, strlen(text), &error)) {
            printf("skb: %s:%u:%u: %s\n", name, error.line, error.column, error.text);
        }
        at = text + strlen(text) + 1;
    }
}

int main(int argc, char **argv) {
    uint64_t size;
    (void)argc, (void)argv;
    if ((domain_args()->given >> CAP_GIVEN & 3) != 3) {
        die("this domain is started by core 0's monitor; ask it with the shell's `skb`");
    }
    const char *texts = map_given(CAP_GIVEN, MAP_READ, &size);
    void *memory = map_given(CAP_GIVEN + 1, MAP_READ | MAP_WRITE, &size);
    base = datalog_make(memory, size);
    tell_texts(texts);
    facts_find_pci(base);
    (void)ram_more(ANSWERS_RAM, 0); /* a small machine has less to spare, and long answers are refused there */
    err_t err = service_begin(base);
    if (err != ERR_OK) {
        die("the service cannot be offered: %s", err_doc(err));
    }
    (void)facts_measure(base, domain_args()->core, START_ROUNDS);
    event_loop();
}
