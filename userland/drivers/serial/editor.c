/* Keys: printable bytes, backspace, delete, arrows, home, end, ctrl-A B C D E F H K L U W. What is typed at the end of
   the line is echoed byte by byte; everything else redraws the line. */
#include "drivers/serial/editor.h"

#include <skerry/print.h>
#include <skerry/string.h>

#define CTRL(letter) ((letter) - '@')
#define KEY_ESCAPE 0x1b
#define KEY_DELETE 0x7f

static void put_string(const struct editor *editor, const char *text) {
    editor->put(text, strlen(text));
}

void editor_show(struct editor *editor) {
    char back[16];
    put_string(editor, editor->prompt);
    editor->put(editor->line, editor->length);
    put_string(editor, "\x1b[K");
    if (editor->cursor == editor->length) {
        return;
    }
    snprintf(back, sizeof(back), "\x1b[%zuD", editor->length - editor->cursor);
    put_string(editor, back);
}

void editor_hide(struct editor *editor) {
    put_string(editor, "\r\x1b[K");
}

static void redraw(struct editor *editor) {
    put_string(editor, "\r");
    editor_show(editor);
}

void editor_begin(struct editor *editor, const char *prompt) {
    string_copy(editor->prompt, sizeof(editor->prompt), prompt);
    editor->length = editor->cursor = 0;
    editor->escape = 0;
    editor->history_back = 0;
    put_string(editor, editor->prompt);
}

static void insert(struct editor *editor, char key) {
    if (editor->length == SERIAL_LINE_MAX) {
        put_string(editor, "\a");
        return;
    }
    memmove(editor->line + editor->cursor + 1, editor->line + editor->cursor, editor->length - editor->cursor);
    editor->line[editor->cursor++] = key;
    editor->length++;
    if (editor->cursor == editor->length) {
        editor->put(&key, 1);
    } else {
        redraw(editor);
    }
}

/* Removes [from, to); the cursor goes to `from`. */
static void cut(struct editor *editor, size_t from, size_t to) {
    bool last_byte = to == editor->length && from + 1 == to && editor->cursor == to;
    memmove(editor->line + from, editor->line + to, editor->length - to);
    editor->length -= to - from;
    editor->cursor = from;
    if (last_byte) {
        put_string(editor, "\b \b");
    } else if (from != to) {
        redraw(editor);
    }
}

static void move(struct editor *editor, size_t cursor) {
    if (cursor == editor->cursor) {
        return;
    }
    editor->cursor = cursor;
    redraw(editor);
}

static size_t word_start(const struct editor *editor) {
    size_t at = editor->cursor;
    while (at > 0 && editor->line[at - 1] == ' ') {
        at--;
    }
    while (at > 0 && editor->line[at - 1] != ' ') {
        at--;
    }
    return at;
}

static void remember(struct editor *editor) {
    if (editor->length == 0) {
        return;
    }
    const char *last = editor->history[(editor->history_count - 1) % EDITOR_HISTORY];
    if (editor->history_count > 0 && strcmp(last, editor->line) == 0) {
        return;
    }
    string_copy(editor->history[editor->history_count++ % EDITOR_HISTORY], SERIAL_LINE_MAX + 1, editor->line);
}

static void take_line(struct editor *editor, const char *line) {
    editor->length = editor->cursor = string_copy(editor->line, sizeof(editor->line), line);
    redraw(editor);
}

static void walk_history(struct editor *editor, int step) {
    unsigned oldest = MIN(editor->history_count, (unsigned)EDITOR_HISTORY);
    unsigned back = editor->history_back + (unsigned)step;
    if (back > oldest) {
        return;
    }
    if (editor->history_back == 0) {
        editor->line[editor->length] = '\0';
        string_copy(editor->typed, sizeof(editor->typed), editor->line);
    }
    editor->history_back = back;
    take_line(editor, back == 0 ? editor->typed : editor->history[(editor->history_count - back) % EDITOR_HISTORY]);
}

static void erase_at_cursor(struct editor *editor) {
    if (editor->cursor < editor->length) {
        cut(editor, editor->cursor, editor->cursor + 1);
    }
}

/* ESC [ letter, ESC O letter, ESC [ digit ~ */
static void escape_end(struct editor *editor, char key) {
    char code = key == '~' ? editor->escape_first : key;
    switch (code) {
    case 'A':
        return walk_history(editor, 1);
    case 'B':
        return walk_history(editor, -1);
    case 'C':
        return move(editor, MIN(editor->cursor + 1, editor->length));
    case 'D':
        return move(editor, editor->cursor - (editor->cursor > 0));
    case 'H':
    case '1':
        return move(editor, 0);
    case 'F':
    case '4':
        return move(editor, editor->length);
    case '3':
        return erase_at_cursor(editor);
    default:
        return;
    }
}

static void escape_key(struct editor *editor, char key) {
    if (editor->escape == 1 && (key == '[' || key == 'O')) {
        editor->escape = 2;
    } else if (editor->escape == 2 && key >= '0' && key <= '9') {
        editor->escape_first = key;
        editor->escape = 3;
    } else if (editor->escape == 3 && ((key >= '0' && key <= '9') || key == ';')) {
        editor->escape_first = 0; /* with modifiers: nothing that we know */
    } else {
        bool whole = editor->escape >= 2;
        editor->escape = 0;
        if (whole) {
            escape_end(editor, key);
        }
    }
}

static void control_key(struct editor *editor, char key) {
    switch (key) {
    case CTRL('A'):
        return move(editor, 0);
    case CTRL('B'):
        return move(editor, editor->cursor - (editor->cursor > 0));
    case CTRL('D'):
        return erase_at_cursor(editor);
    case CTRL('E'):
        return move(editor, editor->length);
    case CTRL('F'):
        return move(editor, MIN(editor->cursor + 1, editor->length));
    case CTRL('K'):
        return cut(editor, editor->cursor, editor->length);
    case CTRL('L'):
        return redraw(editor);
    case CTRL('U'):
        return cut(editor, 0, editor->cursor);
    case CTRL('W'):
        return cut(editor, word_start(editor), editor->cursor);
    case CTRL('H'):
    case KEY_DELETE:
        return cut(editor, editor->cursor - (editor->cursor > 0), editor->cursor);
    case KEY_ESCAPE:
        editor->escape = 1;
        return;
    default:
        return;
    }
}

enum editor_result editor_key(struct editor *editor, char key) {
    if (editor->escape != 0) {
        escape_key(editor, key);
    } else if (key == '\r' || key == '\n') {
        editor->line[editor->length] = '\0';
        remember(editor);
        put_string(editor, "\r\n");
        return EDITOR_LINE;
    } else if (key == CTRL('C')) {
        put_string(editor, "^C\r\n");
        return EDITOR_CANCELLED;
    } else if ((unsigned char)key >= ' ' && key != KEY_DELETE) {
        insert(editor, key);
    } else {
        control_key(editor, key);
    }
    return EDITOR_MORE;
}
