/* One text that grows. */
#include "skb/answers.h"

#include <skerry/heap.h>
#include <skerry/string.h>

#define ROOM_FIRST 4096

static bool make_room(struct answers *answers, size_t more) {
    size_t room = MAX(answers->room, (size_t)ROOM_FIRST);
    while (room < answers->size + more && room < ANSWERS_MAX) {
        room *= 2;
    }
    if (answers->size + more > room) {
        return false;
    }
    if (room == answers->room) {
        return true;
    }
    char *text = malloc(room);
    if (text == NULL) {
        return false;
    }
    memcpy(text, answers->text, answers->size);
    free(answers->text);
    answers->text = text;
    answers->room = room;
    return true;
}

static void put(struct answers *answers, const char *text, char after) {
    size_t size = strlen(text);
    if (answers->full || !make_room(answers, size + 1)) {
        answers->full = true;
        return;
    }
    memcpy(answers->text + answers->size, text, size);
    answers->text[answers->size + size] = after;
    answers->size += size + 1;
}

static void put_list(struct answers *answers, unsigned columns, const char *const texts[]) {
    if (columns == 0) {
        put(answers, "", '\n');
    }
    for (unsigned i = 0; i < columns; i++) {
        put(answers, texts[i], i + 1 < columns ? '\t' : '\n');
    }
}

static void take_row(struct datalog_reader *reader, unsigned columns, const char *const names[],
                     const char *const values[]) {
    struct answers *answers = (struct answers *)reader;
    if (answers->rows++ == 0) {
        put_list(answers, columns, names);
    }
    put_list(answers, columns, values);
}

void answers_begin(struct answers *answers) {
    answers->reader.row = take_row;
    answers->size = 0;
    answers->rows = 0;
    answers->full = false;
}

bool answers_line(void *to, const char *line) {
    struct answers *answers = to;
    answers->rows++;
    put(answers, line, '\n');
    return !answers->full;
}

err_t answers_end(struct answers *answers) {
    return answers->full ? ERR_NO_MEMORY : ERR_OK;
}

void answers_forget(struct answers *answers) {
    free(answers->text);
    *answers = (struct answers){0};
}
