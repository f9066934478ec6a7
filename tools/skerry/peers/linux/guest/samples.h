/* The samples of one path: begin, then `more` and `take` in turn, then end, which prints them. A tenth more than asked for is
   taken first, to warm up, and dropped. */
#ifndef PEER_SAMPLES_H
#define PEER_SAMPLES_H

#include <stdbool.h>
#include <stdint.h>

#define SAMPLES_MAX 4096

void samples_want(int count);

/* How often `more` will say yes: what a second process has to answer. */
int samples_rounds(void);

void samples_begin(void);
bool samples_more(void);
void samples_take(uint64_t ticks);
void samples_end(const char *name);

/* All paths are printed, so many. */
void samples_finish(int paths);

#endif
