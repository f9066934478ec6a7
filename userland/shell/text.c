/* No allocation, no output: driven by the unit tests on the host, too. */
#include "shell/text.h"

#include <skerry/string.h>

bool text_option(const char *cmdline, const char *key, char *value, size_t size) {
    size_t key_length = strlen(key);
    for (const char *at = cmdline; *at != '\0';) {
        const char *end = at;
        while (*end != '\0' && *end != ' ') {
            end++;
        }
        if ((size_t)(end - at) > key_length && strncmp(at, key, key_length) == 0 && at[key_length] == '=') {
            size_t length = (size_t)(end - at) - key_length - 1;
            if (length >= size) {
                return false;
            }
            memcpy(value, at + key_length + 1, length);
            value[length] = '\0';
            return true;
        }
        at = *end == '\0' ? end : end + 1;
    }
    return false;
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

bool text_percent_decode(char *text) {
    char *to = text;
    for (const char *from = text; *from != '\0'; from++) {
        if (*from != '%') {
            *to++ = *from;
            continue;
        }
        int high = hex_digit(from[1]);
        int low = high < 0 ? -1 : hex_digit(from[2]);
        if (low < 0 || (high == 0 && low == 0)) {
            return false;
        }
        *to++ = (char)(high * 16 + low);
        from += 2;
    }
    *to = '\0';
    return true;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

char *text_next_command(char **rest) {
    char *command = *rest;
    if (command == NULL) {
        return NULL;
    }
    char *end = strchr(command, ';');
    *rest = end == NULL ? NULL : end + 1;
    if (end == NULL) {
        end = command + strlen(command);
    }
    while (is_blank(*command)) {
        command++;
    }
    while (end > command && is_blank(end[-1])) {
        end--;
    }
    *end = '\0';
    return command;
}

unsigned text_split(char *command, char *words[SHELL_WORDS_MAX]) {
    unsigned count = 0;
    for (char *at = command; *at != '\0';) {
        if (is_blank(*at)) {
            *at++ = '\0';
            continue;
        }
        if (count == SHELL_WORDS_MAX) {
            return SHELL_WORDS_MAX + 1;
        }
        words[count++] = at;
        while (*at != '\0' && !is_blank(*at)) {
            at++;
        }
    }
    return count;
}
