/* fork, pin, wait. */
#define _GNU_SOURCE
#include "process.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define NAP_US 300

struct shared *shared;

void die(const char *what) {
    printf("bench linux failed: %s: %s\n", what, strerror(errno));
    fflush(stdout);
    tcdrain(STDOUT_FILENO);
    reboot(RB_POWER_OFF);
    _exit(1);
}

void shared_make(void) {
    int flags = MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE;
    shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, flags, -1, 0);
    if (shared == MAP_FAILED) {
        die("shared memory");
    }
}

void shared_clear(void) {
    memset(shared, 0, sizeof(*shared));
}

void pin(int core) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    if (sched_setaffinity(0, sizeof(set), &set) != 0) {
        die("sched_setaffinity");
    }
}

pid_t process_fork(void) {
    fflush(stdout);
    pid_t process = fork();
    if (process < 0) {
        die("fork");
    }
    return process;
}

void process_reap(pid_t process) {
    int status;
    if (waitpid(process, &status, 0) != process || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        die("a second process");
    }
}

void process_ready(int core) {
    pin(core);
    __atomic_add_fetch(&shared->ready, 1, __ATOMIC_SEQ_CST);
}

void process_await(uint32_t count) {
    while (shared->ready != count) {
        usleep(NAP_US);
    }
}

void process_leave(void) {
    while (shared->leave == 0) {
        usleep(NAP_US);
    }
    _exit(0);
}

void process_dismiss(pid_t process) {
    shared->leave = 1;
    process_reap(process);
}

void settle(void) {
    struct timespec moment = {0, 3000000};
    fflush(stdout);
    tcdrain(STDOUT_FILENO);
    nanosleep(&moment, NULL);
}

void read_all(int file, void *data, size_t size) {
    char *at = data;
    while (size > 0) {
        ssize_t got = read(file, at, size);
        if (got <= 0) {
            die("read");
        }
        at += got;
        size -= (size_t)got;
    }
}

void write_all(int file, const void *data, size_t size) {
    if (write(file, data, size) != (ssize_t)size) {
        die("write");
    }
}
