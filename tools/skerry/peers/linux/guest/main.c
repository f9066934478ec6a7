/* The only program of the Linux guest, its /init: starts the cores, runs the paths that it was asked for, powers off.
   The kernel hands words NAME=value of its command line on as environment: SAMPLES, PATHS (names separated by commas; all
   that the machine has cores for when there is none), CORES (that this program is to start, see start_cores). */
#include "bench.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "process.h"
#include "samples.h"

#define BUSY_LOOP 20000

int core_count;

static const struct path *const all_paths[] = {call_paths,   stream_paths,  futex_paths, line_paths, shootdown_paths,
                                               memory_paths, process_paths, udp_paths,   http_paths, boot_paths};

/* Shares core 0 with what starts the others, so that they get turns: mostly plain instructions, so that virtual time
   passes at full speed. */
static pid_t busy_start(void) {
    pid_t process = process_fork();
    if (process == 0) {
        for (;;) {
            for (int i = 0; i < BUSY_LOOP; i++) {
                __asm__ volatile("" : : : "memory");
            }
            pause_once();
        }
    }
    return process;
}

/* QEMU 7.2 with -icount never runs core 1 while core 0 spins without pause, and Linux's wait for a starting core is such a
   loop. So counted guests boot with maxcpus=1 and the cores are started from here. */
static void start_cores(int count) {
    pid_t busy = busy_start();
    for (int core = 1; core < count; core++) {
        char name[64];
        snprintf(name, sizeof(name), "/sys/devices/system/cpu/cpu%d/online", core);
        int file = open(name, O_WRONLY);
        if (file < 0 || write(file, "1", 1) != 1) {
            die(name);
        }
        close(file);
    }
    kill(busy, SIGKILL);
    waitpid(busy, NULL, 0);
}

static bool is_wanted(const char *list, const char *name) {
    size_t length = strlen(name);
    while (list != NULL && *list != 0) {
        if (strncmp(list, name, length) == 0 && (list[length] == 0 || list[length] == ',')) {
            return true;
        }
        list = strchr(list, ',');
        list = list == NULL ? NULL : list + 1;
    }
    return false;
}

static int run_paths(const char *wanted) {
    int count = 0;
    for (unsigned i = 0; i < sizeof(all_paths) / sizeof(all_paths[0]); i++) {
        for (const struct path *path = all_paths[i]; path->name != NULL; path++) {
            bool named = wanted == NULL || is_wanted(wanted, path->name);
            if (named && path->cores <= core_count) {
                path->measure(path);
                count++;
            }
        }
    }
    return count;
}

static void prepare(void) {
    const char *cores = getenv("CORES"), *samples = getenv("SAMPLES");
    mkdir("/proc", 0755);
    mkdir("/sys", 0755);
    if (mount("proc", "/proc", "proc", 0, NULL) != 0 || mount("sysfs", "/sys", "sysfs", 0, NULL) != 0) {
        die("mount");
    }
    shared_make();
    if (samples != NULL) {
        int count = atoi(samples);
        samples_want(count < 1 || count > SAMPLES_MAX ? 1 : count);
    }
    if (cores != NULL) {
        start_cores(atoi(cores));
    }
    core_count = (int)sysconf(_SC_NPROCESSORS_ONLN);
    prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
}

int main(void) {
    program_began = stamp_end();
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("bench linux begin\n");
    tcdrain(STDOUT_FILENO);
    prepare();
    MARK_ARM();
    samples_finish(run_paths(getenv("PATHS")));
    tcdrain(STDOUT_FILENO);
    reboot(RB_POWER_OFF);
    for (;;) {
        pause();
    }
}
