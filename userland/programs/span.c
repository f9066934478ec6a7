/* One domain on all cores: memory that they share, replaced, protected and unmapped under them. `span [ROUNDS]` tries all of it;
   `span hold` has members that only wait, for tests that end one or the other;
   `span churn ROUNDS` changes a page that all of them read, whoever of them dies meanwhile.
   A stale translation is found by labels: each frame that is put in place of another holds the number of its round, which is
   announced when domain_span_replace() has returned; who reads a lower one than was announced before has used an old one. */
#include <skerry/domain.h>
#include <skerry/domain_span.h>
#include <skerry/fibre.h>
#include <skerry/print.h>
#include <skerry/spawn.h>
#include <skerry/string.h>
#include <skerry/test.h>
#include <skerry/thread.h>
#include <skerry/time.h>

#define COUNTS 10000
#define FRAMES 3
#define READS_AT_ONCE 256
#define CONTROL_PAGES 4
#define END_MS 60000

enum task { TASK_NONE, TASK_COUNT, TASK_WATCH, TASK_WRITE, TASK_READ, TASK_PROTECT, TASK_END };

/* At the same address everywhere. */
struct control {
    uint64_t counted, task, done, label;
    volatile uint64_t *page; /* that is changed */
    struct {
        uint64_t reads, stale;
        err_t result; /* of the last task */
    } core[MAX_CORES];
};

_Static_assert(sizeof(struct control) <= CONTROL_PAGES * PAGE_SIZE, "the control's frame");

static struct control *control;
static uint32_t members[MAX_CORES];
static unsigned member_count;
static capaddr_t frame[FRAMES];
static volatile uint64_t *label_of[FRAMES]; /* mapped here alone */

static uint64_t now_is(const uint64_t *word) {
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static void make(uint64_t *word, uint64_t value) {
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
}

/* Members */

static int write_page(void *page) {
    ((volatile uint64_t *)page)[domain_args()->core] = domain_args()->core;
    return 0;
}

static int read_page(void *page) {
    return *(volatile uint64_t *)page == UINT64_MAX;
}

/* In a thread: a fault ends that alone. */
static err_t touch(int (*run)(void *page)) {
    struct thread_request request = {.name = "toucher", .run = run, .argument = (void *)(uintptr_t)control->page};
    struct thread *thread;
    int status;
    TRY(thread_create(&request, &thread));
    return thread_join(thread, 0, &status);
}

static void watch(unsigned self) {
    while (now_is(&control->task) == TASK_WATCH) {
        uint64_t announced = now_is(&control->label), found = *control->page;
        control->core[self].stale += found < announced;
        if (++control->core[self].reads % READS_AT_ONCE == 0) {
            sleep_ms(1); /* a core of class tickless belongs to whoever does not wait, its monitor has nothing then */
        }
    }
}

static err_t do_task(enum task task, unsigned self) {
    switch (task) {
    case TASK_COUNT:
        for (unsigned i = 0; i < COUNTS; i++) {
            (void)__atomic_fetch_add(&control->counted, 1, __ATOMIC_RELAXED);
        }
        return ERR_OK;
    case TASK_WATCH:
        watch(self);
        return ERR_OK;
    case TASK_WRITE:
        return touch(write_page);
    case TASK_READ:
        return touch(read_page);
    case TASK_PROTECT:
        return domain_span_protect((void *)(uintptr_t)control->page, PAGE_SIZE, MAP_READ);
    case TASK_NONE:
    case TASK_END:
        break;
    }
    return ERR_OK;
}

static int member(uint64_t argument) {
    unsigned self = domain_args()->core;
    uint64_t task = TASK_NONE;
    control = (struct control *)argument;
    while (task != TASK_END) {
        while (now_is(&control->task) == task) {
            sleep_ms(1);
        }
        task = now_is(&control->task);
        if (task != TASK_NONE) {
            control->core[self].result = do_task((enum task)task, self);
            (void)__atomic_fetch_add(&control->done, 1, __ATOMIC_RELEASE);
        }
    }
    return (int)self;
}

/* The home */

static err_t frame_make(uint64_t pages, capaddr_t *cap) {
    return ram_make(CAP_TYPE_FRAME, pages * PAGE_SIZE, cap, NULL);
}

static struct vspace_request whole(capaddr_t cap, uint64_t pages) {
    return (struct vspace_request){cap, 0, pages * PAGE_SIZE, MAP_READ | MAP_WRITE};
}

static err_t prepare(void) {
    capaddr_t cap;
    void *at;
    TRY(domain_span_begin());
    TRY(frame_make(CONTROL_PAGES, &cap));
    struct vspace_request request = whole(cap, CONTROL_PAGES);
    TRY(domain_span_map(&request, &at));
    control = at;
    for (unsigned i = 0; i < FRAMES; i++) {
        TRY(frame_make(1, &frame[i]));
        struct vspace_request own = whole(frame[i], 1);
        TRY(vspace_map(&own, &at, NULL));
        label_of[i] = at;
    }
    struct vspace_request first = whole(frame[0], 1);
    TRY(domain_span_map(&first, &at));
    control->page = at;
    return ERR_OK;
}

static unsigned cores(void) {
    struct lrpc_call call = {.operation = MONITOR_ABOUT};
    return domain_ask(&call) == ERR_OK ? (unsigned)call.reply[2] : 0;
}

static void start_members(void) {
    for (unsigned core = 0; core < cores(); core++) {
        struct domain_span_start start = {(coreid_t)core, member, (uint64_t)(uintptr_t)control};
        if (core != domain_args()->core && domain_span(&start, &members[member_count]) == ERR_OK) {
            member_count++;
        }
    }
}

static void order(enum task task) {
    for (unsigned core = 0; core < MAX_CORES; core++) {
        control->core[core].result = ERR_CONTINUE;
    }
    make(&control->done, 0);
    make(&control->task, task);
}

static void all_done(void) {
    while (now_is(&control->done) < member_count) {
        sleep_ms(1);
    }
}

/* All members say so of their last task. */
static bool all_say(err_t result) {
    unsigned count = 0;
    for (unsigned core = 0; core < MAX_CORES; core++) {
        count += control->core[core].result == result;
    }
    return count == member_count;
}

static bool order_all(enum task task, err_t result) {
    order(task);
    all_done();
    return all_say(result);
}

/* By each of the protocols in turn. */
static err_t replace(uint64_t label) {
    unsigned next = label % FRAMES;
    domain_span_topology((unsigned)(label % AGREE_TOPOLOGIES));
    struct vspace_request request = whole(frame[next], 1);
    *label_of[next] = label;
    TRY(domain_span_replace((void *)(uintptr_t)control->page, &request));
    make(&control->label, label);
    return ERR_OK;
}

static void count_reads(uint64_t *reads, uint64_t *stale) {
    *reads = *stale = 0;
    for (unsigned core = 0; core < MAX_CORES; core++) {
        *reads += control->core[core].reads;
        *stale += control->core[core].stale;
    }
}

/* Who has not begun would miss the whole task. */
static void all_watch(void) {
    unsigned watching = 0;
    while (watching < member_count) {
        sleep_ms(1);
        watching = 0;
        for (unsigned core = 0; core < MAX_CORES; core++) {
            watching += now_is(&control->core[core].reads) > 0;
        }
    }
}

static void test_replace(uint64_t rounds) {
    uint64_t done = 0, reads, stale;
    order(TASK_WATCH);
    all_watch();
    while (done < rounds && replace(done + 1) == ERR_OK) {
        done++;
    }
    make(&control->task, TASK_NONE);
    all_done();
    count_reads(&reads, &stale);
    test_ok(done == rounds, "%lu times another frame was put in place", rounds);
    test_ok(stale == 0 && reads >= member_count, "of all reads %lu were of an old one", stale);
}

static void test_protect(void) {
    void *page = (void *)(uintptr_t)control->page;
    test_ok(domain_span_protect(page, PAGE_SIZE, MAP_READ) == ERR_OK, "protected: nobody may write");
    test_ok(order_all(TASK_WRITE, ERR_CANCELLED), "who writes is ended, on every core");
    test_ok(order_all(TASK_READ, ERR_OK), "who reads is not");
    test_ok(domain_span_protect(page, PAGE_SIZE, MAP_READ | MAP_WRITE) == ERR_OK, "protected: all may write");
    test_ok(order_all(TASK_WRITE, ERR_OK), "all write");
    test_ok(order_all(TASK_PROTECT, ERR_OK), "members protect it, all at once");
    test_ok(order_all(TASK_WRITE, ERR_CANCELLED), "who writes then is ended");
    test_ok(domain_span_unmap(page, PAGE_SIZE) == ERR_OK, "unmapped");
    test_ok(order_all(TASK_READ, ERR_CANCELLED), "who reads is ended, on every core");
    test_ok(domain_span_unmap(page, PAGE_SIZE) == ERR_NOT_FOUND, "it cannot be unmapped again");
}

static void test_ends(void) {
    bool ended = true;
    order(TASK_END);
    for (unsigned i = 0; i < member_count; i++) {
        struct spawn_end end = {};
        ended &= spawn_wait(members[i], END_MS, &end) == ERR_OK && end.end == MONITOR_END_EXIT &&
                 end.status == DOMAIN_CORE(members[i]);
    }
    test_ok(ended, "each member ends with its core's number");
}

static err_t change_all_ways(uint64_t label) {
    void *page = (void *)(uintptr_t)control->page;
    TRY(replace(label));
    TRY(domain_span_protect(page, PAGE_SIZE, MAP_READ));
    return domain_span_protect(page, PAGE_SIZE, MAP_READ | MAP_WRITE);
}

/* Members may die: nobody is waited for but at the end, when the dead are known to be. */
static int churn(uint64_t rounds) {
    uint64_t done = 0, reads, stale;
    err_t err = ERR_OK;
    start_members();
    order(TASK_WATCH);
    while (done < rounds && err == ERR_OK) {
        err = change_all_ways(++done);
        sleep_ms(1);
    }
    order(TASK_END);
    for (unsigned i = 0; i < member_count; i++) {
        struct spawn_end end;
        (void)spawn_wait(members[i], END_MS, &end);
    }
    count_reads(&reads, &stale);
    if (err != ERR_OK || stale != 0) {
        die("after %lu rounds: %s; %lu of %lu reads were stale", done, err_doc(err), stale, reads);
    }
    return 0;
}

int main(int argc, char **argv) {
    uint64_t rounds = 100;
    const char *what = argc > 1 ? argv[1] : "";
    bool hold = argc == 2 && strcmp(what, "hold") == 0, churns = argc == 3 && strcmp(what, "churn") == 0;
    bool known = argc == 1 || hold || (argc == 2 + churns && string_to_u64(argv[argc - 1], &rounds));
    if (!known) {
        printf("span [ROUNDS | hold | churn ROUNDS]\n");
        return 1;
    }
    err_t err = prepare();
    if (err != ERR_OK) {
        die("no span: %s", err_doc(err));
    }
    if (churns) {
        return churn(rounds);
    }
    test_plan(hold ? 1 : 14);
    start_members();
    printf("span: %u members\n", member_count);
    test_ok(order_all(TASK_COUNT, ERR_OK) && control->counted == COUNTS * (uint64_t)member_count,
            "they count together");
    if (hold) {
        for (;;) {
            sleep_ms(1000);
        }
    }
    test_replace(rounds);
    test_protect();
    test_ends();
    return test_end();
}
