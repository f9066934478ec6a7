/*
 * libskerry's pure parts, the line editor and the shell's text work as a host program: requests come over standard input,
 * answers go out over standard output. Compiled with the sanitizers; user_host.py is the other end.
 *
 * Request: u32 operation, u32 blobs, then each blob as u32 size and bytes. Answer: u32 size and bytes.
 * Each blob is copied into memory of exactly its size, so that the address sanitizer sees a read past it.
 */
#include <stdio.h>
#include <stdlib.h>

#include <drivers/serial/editor.h>
#include <shell/text.h>
#include <skerry/print.h>
#include <skerry/string.h>

#include "user_host.h"

#define BLOBS 8
#define ANSWER 65536

static struct blob blobs[BLOBS];
static char answer[ANSWER];
static uint32_t answer_size;

void answer_bytes(const void *bytes, size_t size) {
    if (size > ANSWER - answer_size) {
        abort();
    }
    memcpy(answer + answer_size, bytes, size);
    answer_size += (uint32_t)size;
}

void answer_word(uint64_t word) {
    answer_bytes(&word, sizeof(word));
}

void answer_text(const char *text, size_t size) {
    answer_word(size);
    answer_bytes(text, size);
}

uint64_t blob_word(const struct blob *blob, unsigned index) {
    uint64_t word;
    memcpy(&word, blob->bytes + index * sizeof(word), sizeof(word));
    return word;
}

/* A NUL-terminated copy on the heap. */
static char *blob_string(const struct blob *blob) {
    char *text = malloc(blob->size + 1ul);
    memcpy(text, blob->bytes, blob->size);
    text[blob->size] = '\0';
    return text;
}

/* Format; kind (0 int, 1 long, 2 string), value, buffer size; string. */
static void op_print(void) {
    char *format = blob_string(&blobs[0]), *string = blob_string(&blobs[2]);
    uint64_t kind = blob_word(&blobs[1], 0), value = blob_word(&blobs[1], 1), size = blob_word(&blobs[1], 2);
    char *out = malloc(size + 1);
    int length = kind == 0   ? snprintf(out, size, format, (int)value)
                 : kind == 1 ? snprintf(out, size, format, value)
                             : snprintf(out, size, format, string);
    answer_word((uint64_t)length);
    answer_text(out, size == 0 ? 0 : strlen(out));
    free(out);
    free(format);
    free(string);
}

/* Which (0 copy, 1 move, 2 fill), to, from, size; the memory they work on. */
static void op_memory(void) {
    uint64_t which = blob_word(&blobs[0], 0), to = blob_word(&blobs[0], 1), from = blob_word(&blobs[0], 2);
    uint64_t size = blob_word(&blobs[0], 3);
    char *memory = blobs[1].bytes;
    if (which == 0) {
        memcpy(memory + to, memory + from, size);
    } else if (which == 1) {
        memmove(memory + to, memory + from, size);
    } else {
        memset(memory + to, (int)from, size);
    }
    answer_bytes(memory, blobs[1].size);
}

static void op_number(void) {
    char *text = blob_string(&blobs[0]);
    uint64_t value = 0;
    answer_word(string_to_u64(text, &value));
    answer_word(value);
    free(text);
}

static char screen[ANSWER / 2];
static size_t screen_size;

static void screen_put(const char *text, size_t size) {
    if (size > sizeof(screen) - screen_size) {
        abort();
    }
    memcpy(screen + screen_size, text, size);
    screen_size += size;
}

/* Keys, through a new editor; a line begins after each that ends. Answers each line with its end, then the screen. */
static void op_editor(void) {
    struct editor *editor = calloc(1, sizeof(*editor));
    screen_size = 0;
    editor->put = screen_put;
    editor_begin(editor, "> ");
    for (uint32_t i = 0; i < blobs[0].size; i++) {
        enum editor_result result = editor_key(editor, blobs[0].bytes[i]);
        if (result == EDITOR_MORE) {
            continue;
        }
        answer_word(result);
        answer_text(editor->line, editor->length);
        editor_begin(editor, "> ");
    }
    answer_word(EDITOR_MORE);
    answer_text(editor->line, editor->length);
    answer_word(editor->cursor);
    answer_text(screen, screen_size);
    free(editor);
}

/* Command line, key, room for the value. */
static void op_option(void) {
    char *cmdline = blob_string(&blobs[0]), *key = blob_string(&blobs[1]);
    uint64_t size = blob_word(&blobs[2], 0);
    char *value = malloc(size);
    bool found = text_option(cmdline, key, value, size);
    answer_word(found);
    if (found) {
        answer_text(value, strlen(value));
    }
    free(value);
    free(key);
    free(cmdline);
}

static void op_decode(void) {
    char *text = blob_string(&blobs[0]);
    bool good = text_percent_decode(text);
    answer_word(good);
    if (good) {
        answer_text(text, strlen(text));
    }
    free(text);
}

/* Commands, each as its number of words and the words. */
static void op_commands(void) {
    char *text = blob_string(&blobs[0]), *rest = text, *words[SHELL_WORDS_MAX];
    for (char *command; (command = text_next_command(&rest)) != NULL;) {
        unsigned count = text_split(command, words);
        answer_word(count);
        for (unsigned i = 0; i < count && i < SHELL_WORDS_MAX; i++) {
            answer_text(words[i], strlen(words[i]));
        }
    }
    free(text);
}

static bool read_request(uint32_t *operation) {
    uint32_t head[2];
    if (fread(head, sizeof(head), 1, stdin) != 1 || head[1] > BLOBS) {
        return false;
    }
    for (uint32_t i = 0; i < BLOBS; i++) {
        free(blobs[i].bytes);
        blobs[i] = (struct blob){0};
    }
    for (uint32_t i = 0; i < head[1]; i++) {
        if (fread(&blobs[i].size, sizeof(blobs[i].size), 1, stdin) != 1) {
            return false;
        }
        blobs[i].bytes = malloc(blobs[i].size);
        if (blobs[i].size > 0 && fread(blobs[i].bytes, blobs[i].size, 1, stdin) != 1) {
            return false;
        }
    }
    *operation = head[0];
    return true;
}

int main(void) {
    static void (*const operations[])(void) = {op_print,  op_memory, op_number,  op_editor,
                                               op_option, op_decode, op_commands};
    uint32_t operation;
    while (read_request(&operation)) {
        answer_size = 0;
        if (operation < ARRAY_SIZE(operations)) {
            operations[operation]();
        } else {
            urpc_operation(operation, blobs);
        }
        fwrite(&answer_size, sizeof(answer_size), 1, stdout);
        fwrite(answer, answer_size, 1, stdout);
        fflush(stdout);
    }
    return 0;
}
