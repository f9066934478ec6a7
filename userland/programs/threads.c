/* Threads of one dispatcher: preempted while they compute, joined, side by side with fibres; timers and events. */
#include <skerry/event.h>
#include <skerry/string.h>
#include <skerry/sync.h>
#include <skerry/test.h>
#include <skerry/thread.h>
#include <skerry/time.h>

#define WORKERS 3
#define TURN_MS 1000

static volatile uint64_t counters[WORKERS];
static volatile bool stop;
static volatile unsigned fibre_turns;

/* Never waits: only preemption lets the others run. */
static int count(void *argument) {
    volatile uint64_t *counter = argument;
    while (!stop) {
        ++*counter;
        cpu_pause();
    }
    return (int)(counter - counters);
}

static bool all_counted(uint64_t more_than) {
    for (unsigned i = 0; i < WORKERS; i++) {
        if (counters[i] <= more_than) {
            return false;
        }
    }
    return true;
}

static void turn(void *argument) {
    (void)argument;
    while (!stop) {
        fibre_turns++;
        sleep_ms(2);
    }
}

static void test_preemption(void) {
    struct thread *threads[WORKERS];
    bool created = true, joined = true;
    for (unsigned i = 0; i < WORKERS; i++) {
        struct thread_request request = {.name = "worker", .run = count, .argument = (void *)(uintptr_t)&counters[i]};
        created &= thread_create(&request, &threads[i]) == ERR_OK;
    }
    test_ok(created, "%u threads are created", WORKERS);
    test_ok(fibre_spawn(turn, NULL, 0) == ERR_OK, "a fibre runs beside them");
    uint64_t deadline = time_deadline(TURN_MS * 10);
    while (!(all_counted(1000) && fibre_turns > 3) && time_now() < deadline) {
        sleep_ms(5);
    }
    test_ok(all_counted(1000), "threads that never wait all make progress");
    test_ok(fibre_turns > 3, "and hold up neither main nor a fibre that sleeps");
    test_ok(thread_join(threads[0], time_deadline(5), NULL) == ERR_TIMEOUT, "a join can time out");
    stop = true;
    for (int i = 0; i < WORKERS; i++) {
        int status = -1;
        joined &= thread_join(threads[i], 0, &status) == ERR_OK && status == i;
    }
    test_ok(joined, "each is joined and gives its status");
}

/* Main computes without waiting, too, once it is a thread. */
static int raise_flag(void *argument) {
    *(volatile bool *)argument = true;
    return 0;
}

static void test_main_as_thread(void) {
    volatile bool flag = false;
    struct thread *thread;
    struct thread_request request = {.run = raise_flag, .argument = (void *)(uintptr_t)&flag};
    test_ok(thread_become() == ERR_OK, "main becomes a thread");
    test_ok(thread_create(&request, &thread) == ERR_OK, "a thread without a name is created");
    uint64_t deadline = time_deadline(TURN_MS * 10);
    while (!flag && time_now() < deadline) {
        cpu_pause();
    }
    test_ok(flag, "main is preempted while it computes");
    test_ok(thread_join(thread, 0, NULL) == ERR_OK, "its helper is joined");
}

static void test_many(void) {
    enum { MANY = 200 };
    unsigned good = 0;
    for (unsigned i = 0; i < MANY; i++) {
        volatile bool flag = false;
        struct thread *thread;
        struct thread_request request = {.run = raise_flag, .argument = (void *)(uintptr_t)&flag};
        good += thread_create(&request, &thread) == ERR_OK && thread_join(thread, 0, NULL) == ERR_OK && flag;
    }
    test_ok(good == MANY, "%u threads one after the other leave no memory behind", MANY);
}

static void test_timers(void) {
    struct event tick = {0}, late = {0}, never = {0};
    struct timer periodic = {.event = &tick, .period = time_ticks_from_ns(2000000)};
    struct timer once = {.event = &late};
    uint64_t begin = time_now();
    timer_start(&periodic, time_deadline(1));
    timer_start(&once, time_deadline(20));
    struct event *events[] = {&never, &tick, &late};
    unsigned ticks = 0;
    int which;
    while ((which = event_wait_any(events, 3, time_deadline(TURN_MS))) == 1) {
        ticks++;
    }
    timer_stop(&periodic);
    test_ok(which == 2 && time_now() - begin >= time_ticks_from_ms(20), "an event loop waits for several timers");
    test_ok(ticks >= 3, "a periodic timer fires again and again");
    test_ok(event_wait_any(events, 1, time_deadline(5)) == -1, "and a wait for several events can time out");
    begin = time_now();
    sleep_ns(300000);
    test_ok(time_now() - begin >= time_ticks_from_ns(300000), "sleep_ns sleeps long enough");
}

int main(void) {
    test_plan(15);
    test_preemption();
    test_main_as_thread();
    test_many();
    test_timers();
    return test_end();
}
