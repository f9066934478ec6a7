/* A program's end, and its clocks. Nobody here knows the date: time() counts the seconds since the machine started. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <skerry/domain.h>
#include <skerry/time.h>

#define ABORTED 134 /* as shells report SIGABRT */

/* picolibc's list of what atexit() was given. */
void __call_exitprocs(int status, void *unused);

/* From the link script. */
extern void (*const __fini_array_start[])(void), (*const __fini_array_end[])(void);

void exit(int status) {
    __call_exitprocs(status, NULL);
    for (void (*const *at)(void) = __fini_array_end; at > __fini_array_start; at--) {
        at[-1]();
    }
    fflush(stdout);
    fflush(stderr);
    _exit(status);
}

void _exit(int status) {
    domain_exit(status);
}

void abort(void) {
    static const char text[] = "aborted\n";
    (void)console_write(text, sizeof(text) - 1);
    domain_exit(ABORTED);
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    (void)zone;
    uint64_t us = time_uptime_us();
    *now = (struct timeval){.tv_sec = (time_t)(us / 1000000), .tv_usec = (suseconds_t)(us % 1000000)};
    return 0;
}

/* Of the wall, not of the processor. */
clock_t clock(void) {
    return (clock_t)(time_uptime_us() / (1000000 / CLOCKS_PER_SEC));
}
