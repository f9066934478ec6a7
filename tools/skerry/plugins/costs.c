/* The file is written by coherence.py. */
#include "costs.h"

#include <inttypes.h>
#include <stdio.h>

int64_t line_cost[CORES][CORES], interrupt_cost[CORES][CORES];

int costs_read(const char *name) {
    FILE *file = fopen(name, "r");
    unsigned from, to;
    int64_t line, interrupt;
    int fields = 0;
    if (file == NULL) {
        fprintf(stderr, "coherence: cannot read %s\n", name);
        return -1;
    }
    while ((fields = fscanf(file, "%u %u %" SCNd64 " %" SCNd64, &from, &to, &line, &interrupt)) == 4) {
        if (from < CORES && to < CORES) {
            line_cost[from][to] = line;
            interrupt_cost[from][to] = interrupt;
        }
    }
    fclose(file);
    if (fields != EOF) {
        fprintf(stderr, "coherence: %s is damaged\n", name);
        return -1;
    }
    return 0;
}
