/* The shell's pure text work: options of the kernel command line, percent-decoding, commands, words, numbers. */
#ifndef SHELL_TEXT_H
#define SHELL_TEXT_H

#include <skerry/base.h>

#define SHELL_WORDS_MAX 32

/* Copies the value of ` key=value ` from a command line of words; false when there is none or it does not fit. */
[[nodiscard]] bool text_option(const char *cmdline, const char *key, char *value, size_t size);

/* In place; false when a % is not followed by two hexadecimal digits, or decodes to NUL. */
[[nodiscard]] bool text_percent_decode(char *text);

/* Cuts the next command, up to ';', off *rest and trims it; NULL after the last. May return an empty one. */
char *text_next_command(char **rest);

/* Cuts a command into words, in place; returns their number, SHELL_WORDS_MAX + 1 when there are too many. */
unsigned text_split(char *command, char *words[SHELL_WORDS_MAX]);

#endif
