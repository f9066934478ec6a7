/* Line editing with history: bytes from the terminal in, bytes for the terminal out, a finished line now and then.
   Pure: no ports, no allocation; the unit tests drive it on the host. */
#ifndef SERIAL_EDITOR_H
#define SERIAL_EDITOR_H

#include <if/serial.h>
#include <skerry/base.h>

#define EDITOR_HISTORY 16

enum editor_result { EDITOR_MORE, EDITOR_LINE, EDITOR_CANCELLED };

struct editor {
    void (*put)(const char *text, size_t size);
    char prompt[SERIAL_PROMPT_MAX + 1];
    char line[SERIAL_LINE_MAX + 1];
    size_t length;
    size_t cursor;
    unsigned escape;   /* bytes of an escape sequence seen so far */
    char escape_first; /* of these, the parameter */
    char history[EDITOR_HISTORY][SERIAL_LINE_MAX + 1];
    unsigned history_count; /* lines ever remembered */
    unsigned history_back;  /* how far back the one shown is; 0: the line being typed */
    char typed[SERIAL_LINE_MAX + 1];
};

/* Begins a line: shows the prompt. */
void editor_begin(struct editor *editor, const char *prompt);

/* LINE: editor->line is finished, NUL-terminated, and in the history. CANCELLED: ctrl-C. */
enum editor_result editor_key(struct editor *editor, char key);

/* Removes the line from the screen, and shows it again, so that other output can come between. */
void editor_hide(struct editor *editor);
void editor_show(struct editor *editor);

#endif
