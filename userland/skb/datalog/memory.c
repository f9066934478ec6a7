/* The two ends of the memory, and changes that can be undone. */
#include <skerry/string.h>

#include "skb/datalog/internal.h"

static char *memory_of(struct datalog *base) {
    return (char *)base;
}

void *memory_low(struct datalog *base, size_t size) {
    size = ALIGN_UP(size, sizeof(uint64_t));
    if (size > base->high - base->low) {
        return NULL;
    }
    void *memory = memory_of(base) + base->low;
    base->low += size;
    return memset(memory, 0, size);
}

void *memory_high(struct datalog *base, size_t size) {
    size = ALIGN_UP(size, sizeof(uint64_t));
    if (size > base->high - base->low) {
        return NULL;
    }
    base->high -= size;
    return memset(memory_of(base) + base->high, 0, size);
}

/* A question's notes lie with what it parsed, so that they go with it; a change's lie where the derived rows were. */
bool change_word(struct datalog *base, void *word, uint64_t value) {
    struct undo *undo = base->undo_low ? memory_low(base, sizeof(*undo)) : memory_high(base, sizeof(*undo));
    if (undo == NULL) {
        return false;
    }
    *undo = (struct undo){.next = base->undo, .word = word};
    memcpy(&undo->old, word, sizeof(undo->old));
    base->undo = undo;
    memcpy(word, &value, sizeof(value));
    return true;
}

void change_begin(struct datalog *base, bool question) {
    base->undo = NULL;
    base->undo_low = question;
    if (!question) {
        derived_forget(base);
    }
}

void change_keep(struct datalog *base) {
    base->undo = NULL;
    base->high = base->size;
}

void change_undo(struct datalog *base, size_t low) {
    for (const struct undo *undo = base->undo; undo != NULL; undo = undo->next) {
        memcpy(undo->word, &undo->old, sizeof(undo->old));
    }
    base->undo = NULL;
    base->low = low;
    if (!base->undo_low) {
        base->high = base->size;
    }
}

void derived_forget(struct datalog *base) {
    for (struct predicate *predicate = base->predicates; predicate != NULL; predicate = predicate->next) {
        predicate->relation = NULL;
        predicate->complete = false;
    }
    base->high = base->size;
}
