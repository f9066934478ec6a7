/* The knowledge base's engine as a program of the host: requests over standard input, answers over standard output.
   Request: `tell SIZE`, `retract SIZE`, `ask SIZE` and that many bytes of text, or `facts 0`, `usage 0`, or `reset 0`: empty again.
   Answer: lines `row VALUE<tab>VALUE ...` (for a question the first is `names ...`), then `ok NUMBER` or
   `error LINE COLUMN TEXT`. The text lies in memory of just its size, so that the sanitizers see a read past it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "skb/datalog/datalog.h"

struct printer {
    struct datalog_reader reader;
    unsigned long rows;
};

static void print_list(const char *what, unsigned columns, const char *const texts[]) {
    printf("%s", what);
    for (unsigned i = 0; i < columns; i++) {
        printf("%c%s", i == 0 ? ' ' : '\t', texts[i]);
    }
    printf("\n");
}

static void print_row(struct datalog_reader *reader, unsigned columns, const char *const names[],
                      const char *const values[]) {
    struct printer *printer = (struct printer *)reader;
    if (printer->rows++ == 0) {
        print_list("names", columns, names);
    }
    print_list("row", columns, values);
}

static bool print_fact(void *to, const char *line) {
    (void)to;
    printf("row %s\n", line);
    return true;
}

static unsigned long print_usage(const struct datalog *base) {
    struct datalog_usage usage;
    datalog_usage(base, &usage);
    printf("row %lu\t%lu\t%lu\t%lu\t%lu\n", usage.predicates, usage.facts, usage.rules, usage.told_bytes,
           usage.derived_bytes);
    return 0;
}

static bool serve(struct datalog *base, const char *what, const char *text, size_t size, unsigned long *number,
                  struct datalog_error *error) {
    struct printer printer = {.reader = {print_row}};
    *number = 0;
    if (strcmp(what, "tell") == 0) {
        return datalog_tell(base, text, size, error);
    }
    if (strcmp(what, "retract") == 0) {
        return datalog_retract(base, text, size, number, error);
    }
    if (strcmp(what, "facts") == 0) {
        return datalog_facts(base, print_fact, NULL);
    }
    if (strcmp(what, "usage") == 0 || strcmp(what, "reset") == 0) {
        *number = print_usage(base);
        return true;
    }
    bool fine = datalog_ask(base, text, size, &printer.reader, error);
    *number = printer.rows;
    return fine;
}

int main(int argc, char **argv) {
    size_t size = argc > 1 ? strtoul(argv[1], NULL, 0) : 1ul << 24, bytes;
    void *memory = malloc(size);
    struct datalog *base = datalog_make(memory, size);
    char what[16];
    if (base == NULL) {
        free(memory);
        return 2;
    }
    while (scanf("%15s %zu", what, &bytes) == 2 && getchar() == '\n') {
        struct datalog_error error = {0};
        unsigned long number;
        char *text = malloc(bytes);
        if (fread(text, 1, bytes, stdin) != bytes) {
            return 1;
        }
        if (strcmp(what, "reset") == 0) {
            base = datalog_make(memory, size);
        }
        if (serve(base, what, text, bytes, &number, &error)) {
            printf("ok %lu\n", number);
        } else {
            printf("error %u %u %s\n", error.line, error.column, error.text);
        }
        fflush(stdout);
        free(text);
    }
    free(memory);
    return 0;
}
