/* The file is text, a grant a line: PROGRAM KIND NUMBER [NUMBER], '#' begins a comment. A line that is wrong is named in
   the log and gives nothing. */
#include "monitor/grants.h"

#include <if/monitor.h>
#include <skerry/log.h>
#include <skerry/string.h>

#include "monitor/images.h"

#define GRANTS_FILE "etc/devices"
#define GRANTS_MAX 64
#define LINE_MAX 128
#define WORDS_MAX 5

struct entry {
    char program[MONITOR_NAME_BYTES];
    struct grant grant;
};

static struct entry entries[GRANTS_MAX];
static unsigned entry_count;
static bool is_read;

/* Cuts a line into its words, in place. */
static unsigned words_of(char *line, char *words[WORDS_MAX]) {
    unsigned count = 0;
    for (char *at = line; *at != '\0' && *at != '#' && count < WORDS_MAX;) {
        if (*at == ' ' || *at == '\t') {
            at++;
            continue;
        }
        words[count++] = at;
        while (*at != '\0' && *at != ' ' && *at != '\t' && *at != '#') {
            at++;
        }
        if (*at == '#') {
            *at = '\0';
        } else if (*at != '\0') {
            *at++ = '\0';
        }
    }
    return count;
}

static const struct {
    const char *name;
    enum grant_kind kind;
    unsigned words;
} kinds[] = {{"ports", GRANT_PORTS, 4}, {"isa", GRANT_ISA, 3}, {"pci", GRANT_PCI, 4}, {"commons", GRANT_COMMONS, 3}};

static bool entry_read(unsigned count, char **words, struct entry *entry) {
    size_t length = strlen(words[0]);
    for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++) {
        if (count < 2 || strcmp(words[1], kinds[i].name) != 0) {
            continue;
        }
        entry->grant.kind = kinds[i].kind;
        memcpy(entry->program, words[0], MIN(length, sizeof(entry->program)));
        return length <= sizeof(entry->program) && count == kinds[i].words &&
               string_to_u64(words[2], &entry->grant.first) &&
               (count == 3 || string_to_u64(words[3], &entry->grant.second));
    }
    return false;
}

static void line_take(char *line, unsigned number) {
    char *words[WORDS_MAX];
    struct entry entry = {.program = ""};
    unsigned count = words_of(line, words);
    if (count == 0) {
        return;
    }
    if (entry_count == GRANTS_MAX || !entry_read(count, words, &entry)) {
        log_line("%s: line %u gives nothing: %s", GRANTS_FILE, number,
                 entry_count == GRANTS_MAX ? "too many" : "not PROGRAM ports|isa|pci|commons NUMBERS");
        return;
    }
    entries[entry_count++] = entry;
}

static void grants_read(void) {
    const char *text;
    uint64_t size;
    err_t err = images_file(GRANTS_FILE, (const void **)&text, &size);
    is_read = true;
    if (err != ERR_OK) {
        log_line("%s: no program gets any device: %s", GRANTS_FILE, err_name(err));
        return;
    }
    char line[LINE_MAX];
    size_t length = 0;
    unsigned number = 1;
    for (uint64_t i = 0; i <= size; i++) {
        if (i < size && text[i] != '\n') {
            line[length] = text[i];
            length += length < LINE_MAX - 1;
            continue;
        }
        line[length] = '\0';
        line_take(line, number++);
        length = 0;
    }
}

err_t grant_find(const char program[MONITOR_NAME_BYTES], struct grant *wanted) {
    if (!is_read) {
        grants_read();
    }
    for (unsigned i = 0; i < entry_count; i++) {
        const struct entry *entry = &entries[i];
        bool same = entry->grant.kind == wanted->kind && entry->grant.first == wanted->first &&
                    (wanted->kind != GRANT_PCI || entry->grant.second == wanted->second);
        if (same && memcmp(entry->program, program, sizeof(entry->program)) == 0) {
            *wanted = entry->grant;
            return ERR_OK;
        }
    }
    return ERR_CAP_RIGHTS;
}
