/* A core's replica of the knowledge base, as a domain: reads the texts that it was started with and what was told since the machine's
   start, then answers. Core 0's also finds out what is on the PCI bus. */
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
#include "skb/told.h"

#define ANSWERS_RAM (2ul << 20) /* for those who ask at the same time */

static struct datalog *base;

/* Maps a frame that the starter gave, whole. */
static void *map_given(enum knowledge_gift gift, unsigned flags, uint64_t *size) {
    struct vspace_request request = {.cap = CAP_GIVEN + gift, .flags = flags};
    void *at = NULL;
    err_t err = frame_identify(request.cap, NULL, &request.size);
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

static void take_what_was_told(void) {
    uint64_t size, desk_size;
    const void *journal = map_given(KNOWLEDGE_JOURNAL, MAP_READ, &size);
    told_begin(base, journal, size, map_given(KNOWLEDGE_DESK, MAP_READ | MAP_WRITE, &desk_size));
    told_catch_up();
    if (domain_args()->core == 0 && !told_has(KNOWLEDGE_TOPIC_PCI)) {
        facts_find_pci();
    }
}

int main(int argc, char **argv) {
    uint64_t size, all = (1ul << KNOWLEDGE_GIFTS) - 1;
    (void)argc, (void)argv;
    if ((domain_args()->given >> CAP_GIVEN & all) != all) {
        die("this domain is started by its core's monitor; ask it with the shell's `skb`");
    }
    const char *texts = map_given(KNOWLEDGE_TEXTS, MAP_READ, &size);
    void *memory = map_given(KNOWLEDGE_MEMORY, MAP_READ | MAP_WRITE, &size);
    base = datalog_make(memory, size);
    tell_texts(texts);
    take_what_was_told();
    (void)ram_more(ANSWERS_RAM, 0); /* a small machine has less to spare, and long answers are refused there */
    err_t err = service_begin(base);
    if (err != ERR_OK) {
        die("the service cannot be offered: %s", err_doc(err));
    }
    event_loop();
}
