/* userland/monitor/grants.c on the host: the file of grants on standard input, one question in the arguments (program, kind,
   first, second). Prints `log TEXT` for each line of the log, then the error and the grant. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/grants.h"
#include "monitor/images.h"

#include <skerry/log.h>

static char *text;
static uint64_t text_size;

err_t images_file(const char *path, const void **data, uint64_t *size) {
    (void)path;
    *data = text;
    *size = text_size;
    return text == NULL ? ERR_NOT_FOUND : ERR_OK;
}

void log_line(const char *format, ...) {
    va_list args;
    va_start(args, format);
    (void)printf("log ");
    (void)vprintf(format, args);
    (void)printf("\n");
    va_end(args);
}

/* A block of exactly the input's size, so that the sanitizer sees a read past its end. */
static void read_input(void) {
    static char buffer[1 << 16];
    text_size = fread(buffer, 1, sizeof(buffer), stdin);
    text = malloc(text_size + (text_size == 0));
    for (uint64_t i = 0; i < text_size; i++) {
        text[i] = buffer[i];
    }
}

int main(int argc, char **argv) {
    char program[16] = {0};
    if (argc != 5) {
        return 2;
    }
    read_input();
    for (unsigned i = 0; i < sizeof(program) && argv[1][i] != '\0'; i++) {
        program[i] = argv[1][i];
    }
    struct grant grant = {(enum grant_kind)atoi(argv[2]), strtoull(argv[3], NULL, 0), strtoull(argv[4], NULL, 0)};
    err_t err = grant_find(program, &grant);
    (void)printf("%u %lu %lu\n", (unsigned)err, (unsigned long)grant.first, (unsigned long)grant.second);
    free(text);
    return 0;
}
