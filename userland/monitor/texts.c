/* A sender has one text at a time; its first piece, at offset 0, begins a new one. Pieces come in order. */
#include "monitor/texts.h"

#include <if/monitor.h>
#include <skerry/string.h>

#define TEXTS_MAX 8

struct text {
    uint64_t sender;
    uint64_t filled;
    uint64_t whole; /* 0: this entry is free */
    char bytes[MONITOR_SPAWN_TEXT];
};

static struct text texts[TEXTS_MAX];
static unsigned next_victim;

static struct text *text_of(uint64_t sender) {
    for (unsigned i = 0; i < TEXTS_MAX; i++) {
        if (texts[i].whole != 0 && texts[i].sender == sender) {
            return &texts[i];
        }
    }
    return NULL;
}

static struct text *text_begin(uint64_t sender, uint64_t whole) {
    struct text *text = text_of(sender);
    if (text == NULL) {
        text = &texts[next_victim++ % TEXTS_MAX];
    }
    text->sender = sender;
    text->whole = whole;
    text->filled = 0;
    return text;
}

err_t texts_add(const struct text_piece *piece, char *out) {
    if (piece->whole == 0 || piece->whole > MONITOR_SPAWN_TEXT || piece->offset >= piece->whole) {
        return ERR_ARGUMENT;
    }
    struct text *text = piece->offset == 0 ? text_begin(piece->sender, piece->whole) : text_of(piece->sender);
    if (text == NULL || text->whole != piece->whole || text->filled != piece->offset) {
        return ERR_ARGUMENT;
    }
    uint64_t bytes = MIN(piece->size, piece->whole - piece->offset);
    memcpy(text->bytes + piece->offset, piece->bytes, bytes);
    text->filled += bytes;
    if (text->filled < text->whole) {
        return ERR_CONTINUE;
    }
    memcpy(out, text->bytes, text->whole);
    text->whole = 0;
    return ERR_OK;
}
