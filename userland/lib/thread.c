/* A thread's fibre lies in its struct, its stack in a region of zeroes with a guard page. Its side is made with it, since the
   upcall that needs one cannot always allocate. What is left after its end is collected on another stack. */
#include <skerry/heap.h>
#include <skerry/region.h>
#include <skerry/string.h>
#include <skerry/thread.h>

#include "lib/fibre_internal.h"

struct thread {
    struct fibre fibre;
    struct region *stack;
    int (*run)(void *argument);
    void *argument;
    int status;
    enum thread_state { RUNNING, RETURNED, FAULTED } state;
    struct fibre_queue joiners;
};

static struct thread *thread_of(struct fibre *fibre) {
    return (struct thread *)(void *)((char *)fibre - offsetof(struct thread, fibre));
}

static void free_parts(struct thread *thread) {
    fibre_clear(&thread->fibre);
    if (thread->stack != NULL) {
        region_release(thread->stack);
        thread->stack = NULL;
    }
}

/* On another stack, before whoever joins it runs. */
static void reap(struct fibre *fibre) {
    free_parts(thread_of(fibre));
}

static void end(struct thread *thread, enum thread_state state) {
    thread->state = state;
    fibre_wake_all(&thread->joiners);
}

void thread_faulted(struct fibre *fibre) {
    if (fibre->reap != reap) {
        fibre_release(fibre);
        return;
    }
    reap(fibre);
    end(thread_of(fibre), FAULTED);
}

static void thread_main(void *argument) {
    struct thread *thread = *(struct thread **)argument;
    fibre_unpin();
    thread->status = thread->run(thread->argument);
    fibre_pin();
    end(thread, RETURNED);
}

static err_t make_parts(struct thread *thread, uint64_t stack_size) {
    struct region_request request = {
        .size = ALIGN_UP(stack_size, PAGE_SIZE), .flags = MAP_READ | MAP_WRITE, .pager = &pager_zero};
    TRY(region_reserve(&request, &thread->stack));
    if (tls_wanted()) {
        TRY(tls_make(&thread->fibre));
    }
    thread->fibre.side = fibre_alloc();
    return thread->fibre.side != NULL ? ERR_OK : ERR_NO_MEMORY;
}

err_t thread_create(const struct thread_request *request, struct thread **out) {
    PINNED();
    struct thread *thread = calloc(1, sizeof(*thread));
    if (thread == NULL) {
        return ERR_NO_MEMORY;
    }
    err_t err = make_parts(thread, request->stack_size != 0 ? request->stack_size : THREAD_STACK_SIZE);
    if (err != ERR_OK) {
        free_parts(thread);
        free(thread);
        return err;
    }
    struct fibre *fibre = &thread->fibre;
    thread->run = request->run;
    thread->argument = request->argument;
    fibre->pins = 1;
    fibre->number = fibre->side->number;
    fibre->reap = reap;
    fibre->run = thread_main;
    memcpy(fibre->argument, &thread, sizeof(thread));
    if (request->name != NULL) {
        string_copy(fibre->name, FIBRE_NAME_SIZE, request->name);
    }
    fibre_prepare(fibre, (char *)region_base(thread->stack) + region_size(thread->stack));
    fibre_ready(fibre);
    *out = thread;
    return ERR_OK;
}

err_t thread_join(struct thread *thread, uint64_t deadline, int *status) {
    PINNED();
    while (thread->state == RUNNING) {
        if (!fibre_wait(&thread->joiners, deadline) && thread->state == RUNNING) {
            return ERR_TIMEOUT;
        }
    }
    bool faulted = thread->state == FAULTED;
    if (!faulted && status != NULL) {
        *status = thread->status;
    }
    free(thread);
    return faulted ? ERR_CANCELLED : ERR_OK;
}

err_t thread_become(void) {
    PINNED();
    struct fibre *self = fibre_current;
    if (self->pins_outside == 0) {
        return ERR_OK;
    }
    self->side = fibre_alloc();
    if (self->side == NULL) {
        return ERR_NO_MEMORY;
    }
    self->pins_outside = 0;
    self->pins--;
    return ERR_OK;
}
