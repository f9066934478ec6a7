/* Entries in the memory: appending, and throwing out what is superfluous. See journal.h. */
#include "journal.h"

static uint64_t bytes_of(uint64_t size) {
    return ALIGN_UP(sizeof(struct journal_entry) + size, 8ul);
}

const struct journal_entry *journal_next(const struct journal_memory *memory, const struct journal_entry *entry) {
    const uint8_t *at = entry == NULL ? memory->entries : (const uint8_t *)entry + bytes_of(entry->size);
    return at < memory->entries + memory->used ? (const struct journal_entry *)(const void *)at : NULL;
}

static bool is_superfluous(const struct journal_memory *memory, const struct journal_entry *entry, unsigned topic) {
    bool found = entry->topic != 0 && entry->topic == topic;
    const struct journal_entry *later = entry;
    while (entry->topic != 0 && !found && (later = journal_next(memory, later)) != NULL) {
        found = later->topic == entry->topic;
    }
    return found;
}

static uint64_t bytes_that_stay(const struct journal_memory *memory, unsigned topic) {
    uint64_t stay = 0;
    for (const struct journal_entry *entry = NULL; (entry = journal_next(memory, entry)) != NULL;) {
        stay += is_superfluous(memory, entry, topic) ? 0 : bytes_of(entry->size);
    }
    return stay;
}

bool journal_has_room(const struct journal *journal, unsigned topic, unsigned size) {
    const struct journal_memory *memory = journal->memory;
    return memory->used + bytes_of(size) <= journal->size ||
           bytes_that_stay(memory, topic) + bytes_of(size) <= journal->size;
}

/* Readers hold the order of these by (1) to (3). */
static void step(uint64_t *word, uint64_t value) {
    __atomic_store_n(word, value, __ATOMIC_SEQ_CST);
}

static void throw_out(struct journal_memory *memory, unsigned topic) {
    uint64_t kept = 0, end = memory->used;
    step(&memory->moves, memory->moves + 1); /* (a) */
    for (uint64_t at = 0, size; at < end; at += size) {
        const struct journal_entry *entry = (const void *)(memory->entries + at);
        size = bytes_of(entry->size);
        if (!is_superfluous(memory, entry, topic)) { /* (b) what is looked at lies behind what was moved */
            __builtin_memmove(memory->entries + kept, entry, size);
            kept += size;
        }
    }
    __builtin_memset(memory->entries + kept, 0, end - kept);
    step(&memory->used, kept);
    step(&memory->moves, memory->moves + 1); /* (c) */
}

static uint64_t hash_of(uint64_t hash, const void *data, size_t size) {
    const uint8_t *byte = data;
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ byte[i]) * 0x100000001b3UL;
    }
    return hash;
}

void journal_append(struct journal *journal) {
    struct journal_memory *memory = journal->memory;
    unsigned topic = (unsigned)journal->pending[2], size = (unsigned)journal->pending[3];
    if (memory->used + bytes_of(size) > journal->size) {
        throw_out(memory, topic);
    }
    struct journal_entry *entry = (void *)(memory->entries + memory->used);
    *entry = (struct journal_entry){
        .number = memory->newest + 1,
        .core = (uint16_t)journal->pending[0],
        .kind = (uint16_t)journal->pending[1],
        .topic = (uint16_t)topic,
        .size = (uint16_t)size,
    };
    __builtin_memcpy(entry->text, journal->text, size);
    memory->hash = hash_of(memory->hash, entry, sizeof(*entry) + size);
    step(&memory->newest, entry->number); /* (d) */
    step(&memory->used, memory->used + bytes_of(size));
}
