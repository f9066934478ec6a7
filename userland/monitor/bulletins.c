/* An entry: its number, written last and taken back first; the message's attempt; its words. */
#include "monitor/bulletins.h"

#include <abi/stubs.h>
#include <skerry/event.h>
#include <skerry/fibre.h>
#include <skerry/log.h>
#include <skerry/ram.h>
#include <skerry/slots.h>
#include <skerry/urpc_memory.h>
#include <skerry/vspace.h>

#include "monitor/agreement.h"
#include "monitor/agreement_wire.h"
#include "monitor/cores.h"
#include "monitor/leaks.h"
#include "monitor/links.h"
#include "monitor/machine.h"

#define ENTRIES 8
#define ENTRY_WORDS (PAGE_SIZE / ENTRIES / sizeof(uint64_t))

enum { ENTRY_NUMBER, ENTRY_ATTEMPT, ENTRY_MESSAGE };

_Static_assert(ENTRY_MESSAGE + AGREEMENT_WIRE_WORDS <= ENTRY_WORDS, "a message fits an entry");

/* Another core's page. */
struct bulletin {
    const uint64_t *page; /* NULL: not mapped */
    uint64_t next;
    capaddr_t frame;
    struct vspace_mapping mapping;
};

static agreement_receiver receive;
static struct bulletin others[MAX_CORES];
static coreid_t mapped[MAX_CORES]; /* the cores whose pages are */
static unsigned mapped_count;

static uint64_t *own;
static paddr_t own_base;
static uint64_t number; /* of the last entry */
static struct agree_id user[ENTRIES];
static struct agree_set readers; /* who has our page */
static struct agree_set wanted;  /* who is to be told of it */
static struct fibre_queue wanting;

/* Writing */

static err_t own_make(void) {
    struct held before = leaks_made_from();
    capaddr_t frame;
    void *at;
    TRY(ram_make(CAP_TYPE_FRAME, PAGE_SIZE, &frame, NULL));
    TRY(frame_identify(frame, &own_base, NULL));
    struct vspace_request request = {frame, 0, PAGE_SIZE, MAP_READ | MAP_WRITE};
    TRY(vspace_map(&request, &at, NULL));
    own = at;
    leaks_made_for_good(&before);
    return ERR_OK;
}

static void tell(coreid_t core) {
    struct peer_call call = {.to = core, .operation = PEER_BULLETIN, .request = {own_base, number + 1}};
    if (peer_call(&call) == ERR_OK) {
        agree_add(&readers, core);
    }
}

static void tell_all(void *argument) {
    (void)argument;
    for (;;) {
        unsigned core = agree_lowest(&wanted);
        if (core == AGREE_NOBODY) {
            (void)fibre_wait(&wanting, 0);
        } else if (own != NULL || own_make() == ERR_OK) {
            tell((coreid_t)core);
            agree_remove(&wanted, core);
        } else {
            wanted = (struct agree_set){}; /* links do */
        }
    }
}

static bool is_free(unsigned entry) {
    struct agree_message about = {.type = AGREE_ASK, .id = user[entry]};
    const struct agree_record *record = &agreement()->record[about.id.core * AGREE_WINDOW + about.id.slot];
    return about.id.number == 0 || record->id.number != about.id.number || !agree_goes_on(agreement(), &about);
}

static void write(unsigned entry, const struct agree_message *message) {
    uint64_t *at = own + entry * ENTRY_WORDS, word[AGREEMENT_WIRE_WORDS];
    unsigned words = agreement_pack(message, core_count(), word);
    urpc_store_release(&at[ENTRY_NUMBER], 0);
    __atomic_thread_fence(__ATOMIC_RELEASE);
    urpc_store(&at[ENTRY_ATTEMPT], message->attempt);
    for (unsigned i = 0; i < words; i++) {
        urpc_store(&at[ENTRY_MESSAGE + i], word[i]);
    }
    urpc_store_release(&at[ENTRY_NUMBER], ++number);
    user[entry] = message->id;
}

/* Its end of the link tells whether it sleeps: it marks that before it looks here for the last time. */
static void wake(unsigned core) {
    struct link *link = core_get((coreid_t)core)->link;
    if (!link_works(link)) {
        return;
    }
    if (urpc_peer_sleeps(&link->channel.urpc)) {
        err_t err = core_notify(link->channel.wake.core);
        if (err != ERR_OK) {
            log_line("core %u cannot be woken: %s", core, err_name(err));
        }
    }
    channel_expect(&link->channel);
}

void bulletins_send(const struct agree_set *to, const struct agree_message *message) {
    struct agree_set reached = agree_both(to, &readers), rest = *to;
    unsigned entry = (number + 1) % ENTRIES, first = agree_lowest(&reached);
    bool several =
        first != AGREE_NOBODY && agree_next(&reached, first + 1) != AGREE_NOBODY; /* for one a link is as good */
    if (several && is_free(entry)) {
        write(entry, message);
        __atomic_thread_fence(__ATOMIC_SEQ_CST); /* the entry, then who sleeps; a reader the other way round */
        AGREE_FOR_EACH(core, &reached) {
            wake(core);
        }
        rest = agree_without(to, &reached);
    }
    AGREE_FOR_EACH(core, &rest) {
        agreement_port_send(core, message);
    }
    wanted = agree_either(&wanted, &rest);
    wanted = agree_without(&wanted, &readers);
    if (!agree_empty(&wanted)) {
        (void)fibre_wake(&wanting);
    }
}

/* Reading */

/* What lies there now; 0: it is being written. */
static uint64_t number_at(const struct bulletin *bulletin) {
    return urpc_load_acquire(bulletin->page + bulletin->next % ENTRIES * ENTRY_WORDS);
}

/* False: it was written over meanwhile, or is none. */
static bool copy(const struct bulletin *bulletin, uint64_t found, struct agree_message *message) {
    const uint64_t *at = bulletin->page + bulletin->next % ENTRIES * ENTRY_WORDS;
    uint64_t word[AGREEMENT_WIRE_WORDS], attempt = urpc_load(&at[ENTRY_ATTEMPT]);
    word[0] = urpc_load(&at[ENTRY_MESSAGE]);
    unsigned words = agreement_words(word[0]);
    for (unsigned i = 1; i < words; i++) {
        word[i] = urpc_load(&at[ENTRY_MESSAGE + i]);
    }
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    if (words == 0 || urpc_load(&at[ENTRY_NUMBER]) != found) {
        return false;
    }
    agreement_unpack(word, message);
    message->attempt = (uint32_t)attempt;
    return true;
}

/* Not before the view that it belongs to. */
static bool is_early(const struct agree_message *message) {
    return message->attempt / AGREE_ATTEMPTS > agreement()->epoch;
}

static bool read(coreid_t core) {
    struct bulletin *bulletin = &others[core];
    struct agree_message message;
    uint64_t found = number_at(bulletin);
    if (found < bulletin->next) {
        return false;
    }
    if (found > bulletin->next) { /* passed by: the oldest one that may still be there is next */
        bulletin->next = found - ENTRIES + 1;
        return true;
    }
    bool whole = copy(bulletin, found, &message);
    if (whole && is_early(&message)) {
        return false;
    }
    bulletin->next = found + 1;
    if (whole && agree_has(&message.members, this_core())) {
        core_heard(core);
        receive(core, &message);
    }
    return true;
}

static bool poll(void) {
    bool any = false;
    for (unsigned i = 0; i < mapped_count; i++) {
        any |= read(mapped[i]);
    }
    return any;
}

static bool idle(void) {
    bool any = false;
    for (unsigned i = 0; i < mapped_count; i++) {
        any |= number_at(&others[mapped[i]]) >= others[mapped[i]].next;
    }
    return any;
}

static err_t map(struct bulletin *bulletin, coreid_t core, paddr_t base) {
    struct foreign what = {
        .type = CAP_TYPE_FRAME, .rights = RIGHT_READ, .owner = core, .base = base, .size = PAGE_SIZE};
    void *at;
    TRY(machine_forge(&what, &bulletin->frame));
    struct vspace_request request = {bulletin->frame, 0, PAGE_SIZE, MAP_READ};
    err_t err = vspace_map(&request, &at, &bulletin->mapping);
    if (err != ERR_OK) {
        slot_release(bulletin->frame);
        return err;
    }
    bulletin->page = at;
    return ERR_OK;
}

err_t bulletins_serve(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]) {
    (void)reply;
    struct bulletin *bulletin = &others[request->from];
    if (bulletin->page != NULL) {
        return ERR_BUSY;
    }
    if (request->word[0] % PAGE_SIZE != 0) {
        return ERR_ARGUMENT;
    }
    struct held before = leaks_made_from();
    err_t err = map(bulletin, request->from, request->word[0]);
    leaks_made_for_good(&before);
    if (err == ERR_OK) {
        bulletin->next = request->word[1];
        mapped[mapped_count++] = request->from;
    }
    return err;
}

void bulletins_end(coreid_t core) {
    struct bulletin *bulletin = &others[core];
    agree_remove(&readers, core);
    agree_remove(&wanted, core);
    if (bulletin->page == NULL) {
        return;
    }
    struct held before = leaks_made_from();
    (void)vspace_unmap(&bulletin->mapping);
    slot_release(bulletin->frame);
    *bulletin = (struct bulletin){};
    leaks_made_for_good(&before);
    unsigned at = 0;
    while (mapped[at] != core) {
        at++;
    }
    mapped[at] = mapped[--mapped_count];
}

void bulletins_init(void) {
    static struct event_source source = {.poll = poll, .idle = idle};
    event_source_add(&source);
}

err_t bulletins_start(agreement_receiver receiver) {
    receive = receiver;
    return fibre_spawn(tell_all, NULL, 0);
}
