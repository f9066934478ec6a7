/* A C program with threads of Skerry's: each has its own errno and registers, all print to one stdout. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <skerry/thread.h>

#define THREADS 4
#define ROUNDS 200000

struct task {
    int number;
    double sum;
    char line[64];
};

static int work(void *argument) {
    struct task *task = argument;
    errno = 100 + task->number;
    for (int i = 0; i < ROUNDS; i++) {
        task->sum += sin(i) * task->number;
    }
    snprintf(task->line, sizeof(task->line), "thread %d: errno %d, sum %.6f", task->number, errno, task->sum);
    puts(task->line);
    return task->number;
}

int main(void) {
    struct task tasks[THREADS] = {0};
    struct thread *threads[THREADS];
    int joined = 0;
    errno = 1;
    for (int i = 0; i < THREADS; i++) {
        tasks[i].number = i;
        struct thread_request request = {.run = work, .argument = &tasks[i]};
        if (thread_create(&request, &threads[i]) != ERR_OK) {
            fprintf(stderr, "no thread %d\n", i);
            return 1;
        }
    }
    for (int i = 0; i < THREADS; i++) {
        int status = -1;
        joined += thread_join(threads[i], 0, &status) == ERR_OK && status == i;
    }
    printf("%d joined, errno %d\n", joined, errno);
    return 0;
}
