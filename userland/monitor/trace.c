/* Emptying the rings. Nothing is written while nothing is wrong: a ring is looked at when its writer signals that half of it
   is new, and when tracing ends. */
#include "monitor/trace.h"

#include <abi/stubs.h>
#include <skerry/event.h>
#include <skerry/fibre.h>
#include <skerry/log.h>
#include <skerry/slots.h>
#include <skerry/string.h>
#include <skerry/time.h>

#include "monitor/cores.h"
#include "monitor/leaks.h"
#include "monitor/machine.h"
#include "monitor/peers.h"

#define CAPACITY(bytes) ((uint32_t)(((bytes) - sizeof(struct trace_ring)) / sizeof(struct trace_record)))

static bool tracing;
static struct trace_source cpu = {.at = (struct trace_ring *)USER_CORE_TRACE_VADDR};
static struct trace_source own = {
    .next = &cpu, .at = (struct trace_ring *)USER_TRACE_VADDR, .capacity = CAPACITY(TRACE_RING_SIZE)};
static struct trace_source *sources = &own;

/* Records on their way to the port, as many as one invocation takes. */
static struct {
    struct trace_record record[2];
    unsigned count;
} batch;

static uint16_t port(void) {
    return (uint16_t)(PORT_TRACE_BASE + this_core());
}

static void flush(void) {
    uint64_t word[4] = {0};
    memcpy(word, batch.record, batch.count * sizeof(batch.record[0]));
    err_t err =
        ioport_write(CAP_TRACE_PORT, port(), batch.count * sizeof(batch.record[0]), word[0], word[1], word[2], word[3]);
    if (err != ERR_OK) {
        log_line("trace port: %s", err_name(err));
    }
    batch.count = 0;
}

static void put(const struct trace_record *record) {
    batch.record[batch.count++] = *record;
    if (batch.count == ARRAY_SIZE(batch.record)) {
        flush();
    }
}

/* A record of our own about what is in the file. */
static void put_note(enum trace_kind kind, uint64_t a, uint64_t b) {
    struct trace_record record = {(time_now() - boot_data()->start_tsc) << 16 | kind, (uint32_t)a, (uint32_t)b};
    put(&record);
}

/* The writer has overwritten what was not taken. */
static void skip_lost(struct trace_source *source, uint64_t head) {
    uint64_t fresh = head - source->taken;
    if (fresh > source->capacity) {
        put_note(TRACE_KIND_LOST, MIN(fresh - source->capacity, (uint64_t)UINT32_MAX), 0);
        source->taken = head - source->capacity;
    }
}

static uint64_t head_of(const struct trace_source *source) {
    return __atomic_load_n(&source->at->head, __ATOMIC_ACQUIRE);
}

/* Never more than a ring's worth: a writer that counts faster than this reads does not hold up the others. */
static void drain(struct trace_source *source) {
    const struct trace_record *records = (const struct trace_record *)(source->at + 1);
    if (head_of(source) == source->taken) {
        return;
    }
    put_note(TRACE_KIND_SOURCE, source->number, 0);
    for (uint32_t i = 0; i < source->capacity && head_of(source) != source->taken; i++) {
        skip_lost(source, head_of(source));
        struct trace_record record = records[source->taken % source->capacity];
        if (head_of(source) - source->taken <= source->capacity) { /* else it changed under us */
            source->taken++;
            put(&record);
        }
    }
}

static void drain_all(void) {
    for (struct trace_source *source = sources; source != NULL; source = source->next) {
        if (source->at != NULL) {
            drain(source);
        }
    }
    if (batch.count > 0) {
        flush();
    }
}

static void serve(void *argument) {
    (void)argument;
    for (;;) {
        (void)notification_wait(NOTIFY_TRACE, 0);
        if (tracing) {
            drain_all();
        }
    }
}

static void write_on(struct trace_source *source, bool on) {
    __atomic_store_n(&source->at->on, on, __ATOMIC_RELEASE);
}

/* Map it, and let the domain write. */
static void attach(struct trace_source *source) {
    struct vspace_request request = {source->ring, 0, TRACE_RING_SIZE, MAP_READ | MAP_WRITE};
    void *at;
    struct held before = leaks_made_from();
    err_t err = vspace_map(&request, &at, &source->mapping);
    leaks_made_for_good(&before); /* as far as `leaks` goes: tracing may end later than what is measured */
    if (err != ERR_OK) {
        log_line("a domain is not traced: %s", err_name(err));
        return;
    }
    source->at = at;
    source->taken = head_of(source);
    write_on(source, true);
}

static void detach(struct trace_source *source) {
    write_on(source, false);
    source->at = NULL;
    struct held before = leaks_made_from();
    err_t err = vspace_unmap(&source->mapping);
    leaks_made_for_good(&before);
    if (err != ERR_OK) {
        log_line("a trace ring stays mapped: %s", err_name(err));
    }
}

static uint32_t number_of(capaddr_t dispatcher) {
    uint64_t base = 0;
    err_t err = kernel_identify(CAP_KERNEL, dispatcher, NULL, &base, NULL, NULL);
    return err == ERR_OK ? (uint32_t)(base / PAGE_SIZE) : 0;
}

void trace_adopt(struct trace_source *source, capaddr_t dispatcher) {
    source->number = number_of(dispatcher);
    source->capacity = CAPACITY(TRACE_RING_SIZE);
    source->next = sources;
    sources = source;
    if (tracing) {
        attach(source);
    }
}

static bool unlink_source(struct trace_source *source) {
    for (struct trace_source **at = &sources; *at != NULL; at = &(*at)->next) {
        if (*at == source) {
            *at = source->next;
            return true;
        }
    }
    return false;
}

void trace_release(struct trace_source *source) {
    if (source->ring == CAP_NULL) {
        return;
    }
    if (unlink_source(source) && source->at != NULL) {
        drain(source);
        detach(source);
    }
    slot_release(source->ring);
    source->ring = CAP_NULL;
}

static bool has_port(void) {
    uint64_t value;
    return ioport_in(CAP_TRACE_PORT, port(), 1, &value) == ERR_OK && value == PORT_PRESENT;
}

static void begin(void) {
    put_note(TRACE_KIND_BEGIN, boot_data()->tsc_khz, this_core());
    cpu.taken = head_of(&cpu);
    own.taken = head_of(&own);
    write_on(&own, true);
    for (struct trace_source *source = sources; source != NULL; source = source->next) {
        if (source->ring != CAP_NULL) {
            attach(source);
        }
    }
}

static void end(void) {
    write_on(&own, false);
    drain_all();
    put_note(TRACE_KIND_END, 0, 0);
    flush();
    for (struct trace_source *source = sources; source != NULL; source = source->next) {
        if (source->ring != CAP_NULL && source->at != NULL) {
            detach(source);
        }
    }
}

err_t trace_set(bool on) {
    if (on == tracing) {
        return ERR_OK;
    }
    if (on && !has_port()) {
        return ERR_NOT_FOUND;
    }
    if (on) {
        begin();
    }
    TRY(kernel_trace(CAP_KERNEL, on));
    tracing = on;
    if (!on) {
        end();
    }
    return ERR_OK;
}

err_t trace_set_all(bool on, uint64_t *cores) {
    *cores = 0;
    for (coreid_t id = 0; (on || tracing) && id < core_count(); id++) {
        struct peer_call call = {.to = id, .operation = PEER_TRACE, .request = {on}};
        *cores += id != this_core() && peer_call(&call) == ERR_OK;
    }
    TRY(trace_set(on));
    ++*cores;
    return ERR_OK;
}

err_t trace_init(void) {
    cpu.capacity = cpu.at->capacity;
    own.number = number_of(CAP_DISPATCHER);
    TRY(dispatcher_notification(CAP_DISPATCHER, slot_word(CAP_TRACE), NOTIFY_TRACE));
    TRY(fibre_spawn(serve, NULL, 0));
    if (machine_option("trace")) {
        err_t err = trace_set(true);
        if (err != ERR_OK) {
            log_line("not traced: %s", err_name(err));
        }
    }
    return ERR_OK;
}
