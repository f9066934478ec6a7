/* Its frames are made once and given to each life of it. */
#include "monitor/skb.h"

#include <if/knowledge.h>
#include <skerry/fibre.h>
#include <skerry/log.h>
#include <skerry/print.h>
#include <skerry/slots.h>
#include <skerry/string.h>
#include <skerry/time.h>
#include <skerry/vspace.h>

#include "monitor/cores.h"
#include "monitor/domains.h"
#include "monitor/knowledge.h"
#include "monitor/leaks.h"
#include "monitor/machine.h"
#include "monitor/memory.h"
#include "monitor/numa.h"
#include "monitor/spawn.h"
#include "monitor/told.h"

#define TELL_MAX_MS 3600000
#define MEMORY_MS 1000

static const struct name own_name = {{0x626b73}}; /* skb */
static uint32_t domain;                           /* 0: none has been started */
static bool starting;
static capaddr_t frames[KNOWLEDGE_GIFTS];
static const struct knowledge_desk *desk;

/* Frames */

static err_t make_desk(void) {
    struct vspace_request request = {0, 0, ALIGN_UP(sizeof(*desk), PAGE_SIZE), MAP_READ};
    void *at;
    TRY(ram_make(CAP_TYPE_FRAME, request.size, &frames[KNOWLEDGE_DESK], NULL));
    request.cap = frames[KNOWLEDGE_DESK];
    TRY(vspace_map(&request, &at, NULL));
    desk = at;
    return ERR_OK;
}

/* What was made before something failed is there the next time. */
static err_t make_frames(const struct acpi_machine *machine) {
    err_t err = ERR_OK;
    if (frames[KNOWLEDGE_TEXTS] == CAP_NULL) {
        err = knowledge_texts(machine, &frames[KNOWLEDGE_TEXTS]);
    }
    if (err == ERR_OK && frames[KNOWLEDGE_MEMORY] == CAP_NULL) {
        err = knowledge_memory(machine->core_count, &frames[KNOWLEDGE_MEMORY]);
    }
    if (err == ERR_OK && frames[KNOWLEDGE_JOURNAL] == CAP_NULL) {
        err = told_share(&frames[KNOWLEDGE_JOURNAL]);
    }
    return err == ERR_OK && desk == NULL ? make_desk() : err;
}

static err_t make_frames_for_good(const struct acpi_machine *machine) {
    struct held before = leaks_made_from();
    err_t err = make_frames(machine);
    leaks_made_for_good(&before);
    return err;
}

static err_t give(struct spawn_request *request, enum knowledge_gift gift) {
    capaddr_t copy;
    TRY(slot_copy(frames[gift], &copy));
    request->gifts[request->gift_count++] = (struct spawn_gift){CAP_GIVEN + gift, copy};
    return ERR_OK;
}

/* Starting */

static err_t start(const struct acpi_machine *machine) {
    struct spawn_request request = {.program = "skb", .text = "skb", .argc = 1, .bytes = sizeof("skb")};
    TRY(make_frames_for_good(machine));
    err_t err = ERR_OK;
    for (unsigned gift = 0; gift < KNOWLEDGE_GIFTS && err == ERR_OK; gift++) {
        err = give(&request, gift);
    }
    if (err == ERR_OK) {
        return spawn(&request, &domain);
    }
    for (unsigned i = 0; i < request.gift_count; i++) {
        slot_release(request.gifts[i].cap);
    }
    return err;
}

static void start_or_say_why(const struct acpi_machine *machine) {
    err_t err = start(machine);
    if (err != ERR_OK) {
        log_line("skb was not started: %s (%s): other cores are asked", err_doc(err), err_name(err));
    }
}

/* The neighbours are asked before anything is made. */
static void find_memory(const struct acpi_machine *machine) {
    struct ram_request request = {.size = knowledge_memory_size(machine->core_count)};
    struct ram_block block;
    if (memory_alloc(&request, &block) == ERR_OK) {
        ram_free(&block);
    }
}

static void start_later(void *argument) {
    static struct acpi_machine machine;
    (void)argument;
    if (machine.core_count == 0) {
        acpi_read(&machine);
    }
    find_memory(&machine);
    start_or_say_why(&machine);
    starting = false;
    names_changed();
}

/* On a machine whose firmware says nothing of nodes all of its memory is one, and only core 0 has counted it. */
static void tell_memory(void) {
    char line[64];
    struct ram_totals ram;
    uint64_t number;
    ram_count(&ram);
    int size = snprintf(line, sizeof(line), "memory(0, 0, %lu).", ram.total);
    struct journal_text text = {line, KNOWLEDGE_TELL, KNOWLEDGE_TOPIC_MEMORY, (uint16_t)size};
    err_t err = told_put(&text, time_deadline(MEMORY_MS), &number);
    if (err != ERR_OK) {
        log_line("skb: how much memory there is was not told: %s", err_name(err));
    }
}

static bool is_on_its_way(void) {
    return starting || (domain != 0 && domain_lives(domain));
}

/* On a new home there may be one already. */
void skb_begin(const struct acpi_machine *machine) {
    if (machine_booted_here() && numa_machine()->range_count == 0) {
        tell_memory();
    }
    if (!is_on_its_way()) {
        start_or_say_why(machine);
    }
}

static bool is_missing(const struct name *name) {
    return memcmp(name, &own_name, sizeof(own_name)) == 0 && !names_has(name);
}

void skb_wanted(const struct name *name) {
    if (is_missing(name) && !is_on_its_way()) {
        starting = fibre_spawn(start_later, NULL, 0) == ERR_OK;
    }
}

bool skb_is_coming(const struct name *name) {
    return is_missing(name) && is_on_its_way();
}

/* Calls */

err_t skb_serve_tell(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)cap;
    uint8_t bytes[JOURNAL_TEXT];
    const uint64_t *word = request->payload;
    if (domain == 0 || request->badge != domain) {
        return ERR_CAP_RIGHTS;
    }
    if (word[0] > KNOWLEDGE_COSTS || word[1] > UINT16_MAX || word[2] > sizeof(bytes)) {
        return ERR_ARGUMENT;
    }
    memcpy(bytes, desk->text, word[2]);
    struct journal_text text = {bytes, (uint16_t)word[0], (uint16_t)word[1], (uint16_t)word[2]};
    return told_put(&text, time_deadline(MIN(word[3], (uint64_t)TELL_MAX_MS)), &reply[0]);
}

bool skb_applied(uint64_t *number) {
    bool runs = domain != 0 && domain_lives(domain);
    *number = runs ? desk->applied : 0;
    return runs;
}
