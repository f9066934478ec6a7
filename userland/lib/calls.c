/* The table grows by chunks, which stay. Free indices form a list, used first in, last out, so that the table stays dense. */
#include "lib/calls.h"

#include <skerry/heap.h>
#include <skerry/held.h>
#include <skerry/string.h>

#define CHUNK 128
#define CHUNKS (CALLS_MAX / CHUNK)

struct entry {
    struct call_wait *wait; /* NULL: free */
    uint16_t uses;
    uint16_t next_free; /* while free; 0: the last */
};

static struct entry first_chunk[CHUNK];
static struct entry *chunks[CHUNKS] = {first_chunk};
static uint32_t made = 1; /* indices that have been used; 0 never is */
static uint32_t first_free;

static struct entry *entry_at(uint32_t index) {
    return &chunks[index / CHUNK][index % CHUNK];
}

static err_t index_take(uint32_t *index) {
    if (first_free != 0) {
        *index = first_free;
        first_free = entry_at(first_free)->next_free;
        return ERR_OK;
    }
    if (made == CALLS_MAX) {
        return ERR_NO_MEMORY;
    }
    if (chunks[made / CHUNK] == NULL) {
        chunks[made / CHUNK] = calloc(CHUNK, sizeof(struct entry));
        if (chunks[made / CHUNK] == NULL) {
            return ERR_NO_MEMORY;
        }
        held_block(-1); /* it stays */
    }
    *index = made++;
    return ERR_OK;
}

err_t calls_add(struct call_wait *wait) {
    uint32_t index;
    TRY(index_take(&index));
    struct entry *entry = entry_at(index);
    entry->wait = wait;
    wait->token = (uint32_t)++entry->uses << 16 | index;
    return ERR_OK;
}

void calls_remove(const struct call_wait *wait) {
    uint32_t index = wait->token & 0xffff;
    struct entry *entry = entry_at(index);
    entry->wait = NULL;
    entry->next_free = (uint16_t)first_free;
    first_free = index;
}

struct call_wait *calls_find(uint64_t from, uint32_t token) {
    uint32_t index = token & 0xffff;
    if (index >= made) {
        return NULL;
    }
    struct call_wait *wait = entry_at(index)->wait;
    return wait != NULL && wait->token == token && wait->from == from && wait->state == CALL_WAITING ? wait : NULL;
}

void calls_check(bool (*gone)(capaddr_t endpoint)) {
    for (uint32_t index = 1; index < made; index++) {
        struct call_wait *wait = entry_at(index)->wait;
        if (wait != NULL && wait->endpoint != CAP_NULL && gone(wait->endpoint)) {
            calls_end(wait, ERR_PEER_DEAD);
        }
    }
}

bool calls_refuse(uint64_t from, uint32_t token, capaddr_t cap) {
    struct call_wait *wait = calls_find(from, token);
    if (wait == NULL || wait->cap != CAP_NULL) {
        return false;
    }
    wait->state = CALL_REFUSED;
    wait->cap = cap;
    (void)fibre_wake(&wait->queue);
    return true;
}

void calls_end(struct call_wait *wait, err_t why) {
    if (wait->state == CALL_WAITING) {
        wait->state = CALL_ENDED;
        wait->err = why;
        (void)fibre_wake(&wait->queue);
    }
}

void calls_abandon(uint64_t from, err_t why) {
    for (uint32_t index = 1; index < made; index++) {
        struct call_wait *wait = entry_at(index)->wait;
        if (wait != NULL && wait->from == from) {
            calls_end(wait, why);
        }
    }
}

/* What does not fit is the mistake of whoever answers. */
static bool takes(const struct call_wait *wait, const struct call_part *part) {
    return part->total <= wait->reply_room && part->offset == wait->reply_words &&
           part->words <= part->total - wait->reply_words;
}

bool calls_answer(const struct call_part *part) {
    struct call_wait *wait = calls_find(part->from, part->token);
    if (wait == NULL || (part->cap != CAP_NULL && wait->cap != CAP_NULL)) {
        return false;
    }
    if (part->cap != CAP_NULL) {
        wait->cap = part->cap;
    }
    if (!takes(wait, part)) {
        calls_end(wait, ERR_FORMAT);
        return true;
    }
    memcpy(wait->reply + wait->reply_words, part->word, part->words * sizeof(uint64_t));
    wait->reply_words += part->words;
    if (wait->reply_words == part->total) {
        wait->state = CALL_ANSWERED;
        wait->err = part->err;
        (void)fibre_wake(&wait->queue);
    }
    return true;
}
