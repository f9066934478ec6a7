/* A program that starts programs: itself, with other arguments. Tests of spawn.h, as KTAP lines.
   `nursery child WORD` adds 1 to the number in the frame that it was given; `nursery hog` makes frames until it has no more
   memory, and returns how many pages that was. */
#include <abi/stubs.h>
#include <skerry/domain.h>
#include <skerry/print.h>
#include <skerry/ram.h>
#include <skerry/slots.h>
#include <skerry/spawn.h>
#include <skerry/string.h>
#include <skerry/test.h>
#include <skerry/vspace.h>

#define END_MS 20000
#define LIMIT (640ul << 10)
#define CHILD_STATUS 7
#define TESTS 14

static err_t map(capaddr_t frame, volatile uint64_t **word) {
    struct vspace_request request = {frame, 0, PAGE_SIZE, MAP_READ | MAP_WRITE};
    return vspace_map(&request, (void **)(uintptr_t)word, NULL);
}

static int child(const char *word) {
    volatile uint64_t *number;
    bool given = (domain_args()->given >> CAP_GIVEN & 1) != 0;
    if (!given || strcmp(word, "two words") != 0 || map(CAP_GIVEN, &number) != ERR_OK) {
        return 1;
    }
    ++*number;
    return CHILD_STATUS;
}

static int hog(void) {
    capaddr_t frame;
    int pages = 0;
    while (ram_make(CAP_TYPE_FRAME, PAGE_SIZE, &frame, NULL) == ERR_OK) {
        pages++;
    }
    return pages;
}

static struct spawn self(const char *const *argv, unsigned argc) {
    return (struct spawn){.argv = argv, .argc = argc, .core = SPAWN_HERE};
}

static bool ends_with(uint32_t domain, enum monitor_end how, int64_t status) {
    struct spawn_end end;
    return spawn_wait(domain, END_MS, &end) == ERR_OK && end.end == how && end.status == status;
}

static void test_capability(void) {
    static const char *const argv[] = {"nursery", "child", "two words"};
    volatile uint64_t none = 0, *number = &none;
    capaddr_t frame, copy;
    struct spawn order = self(argv, ARRAY_SIZE(argv));
    uint32_t domain;
    bool made = ram_make(CAP_TYPE_FRAME, PAGE_SIZE, &frame, NULL) == ERR_OK && map(frame, &number) == ERR_OK &&
                slot_copy(frame, &copy) == ERR_OK;
    test_ok(made, "a frame and a copy of its capability");
    *number = 41;
    order.give = &copy;
    order.give_count = 1;
    test_ok(spawn_domain(&order, &domain) == ERR_OK, "a domain is started with a capability");
    test_ok(ends_with(domain, MONITOR_END_EXIT, CHILD_STATUS), "its exit status arrives");
    test_ok(*number == 42, "it has written to the frame");
    order.core = (domain_args()->core + 1) % 2;
    bool again = slot_copy(frame, &copy) == ERR_OK;
    test_ok(again && spawn_domain(&order, &domain) == ERR_FOREIGN, "capabilities do not go along to another core");
}

static void test_limit(void) {
    static const char *const argv[] = {"nursery", "hog"};
    struct spawn order = self(argv, ARRAY_SIZE(argv));
    struct ram_block block;
    struct spawn_end end;
    uint32_t domain;
    test_ok(ram_make(CAP_TYPE_RAM, LIMIT, &order.ram, &block) == ERR_OK, "RAM to give away");
    bool spawned = spawn_domain(&order, &domain) == ERR_OK && spawn_wait(domain, END_MS, &end) == ERR_OK;
    int64_t pages = spawned && end.end == MONITOR_END_EXIT ? end.status : -1;
    test_ok(pages > 0 && (uint64_t)pages < LIMIT / PAGE_SIZE, "a domain made of it has no more (%ld pages of its own)",
            pages);
    bool back = ram_retype(&block, CAP_TYPE_FRAME, &order.ram) == ERR_OK;
    test_ok(back, "its end gives the RAM back");
    if (back) {
        slot_release(order.ram);
        ram_free(&block);
    }
}

static void test_kill(void) {
    static const char *const argv[] = {"sleep", "1000000"};
    struct spawn order = self(argv, ARRAY_SIZE(argv));
    struct spawn_end end;
    uint32_t domain;
    bool spawned = spawn_domain(&order, &domain) == ERR_OK;
    test_ok(spawned && spawn_wait(domain, 1, &end) == ERR_OK && end.end == MONITOR_END_RUNNING, "a child runs");
    test_ok(spawn_kill(domain) == ERR_OK && ends_with(domain, MONITOR_END_KILLED, 0), "and is killed");
    test_ok(spawn_kill(domain_args()->core << 16 | 1) != ERR_OK, "who was started by another is not");
}

/* RAM that we keep a capability above. */
static void test_taking_back(void) {
    static const char *const argv[] = {"sleep", "1000000"};
    struct spawn order = self(argv, ARRAY_SIZE(argv));
    struct ram_block block;
    capaddr_t whole;
    uint32_t domain;
    bool made = ram_make(CAP_TYPE_RAM, LIMIT + PAGE_SIZE, &whole, &block) == ERR_OK &&
                slot_alloc(&order.ram) == ERR_OK &&
                cap_retype(whole, CAP_TYPE_RAM, 0, LIMIT, 1, slot_word(order.ram)) == ERR_OK;
    test_ok(made && spawn_domain(&order, &domain) == ERR_OK, "a domain is made of a part of our RAM");
    test_ok(cap_revoke(whole) == ERR_OK && ends_with(domain, MONITOR_END_FAULT, 0), "and ends when we take it back");
}

int main(int argc, char **argv) {
    static const char *const nobody[] = {"nosuch"};
    struct spawn order = self(nobody, 1);
    uint32_t domain;
    if (argc == 3 && strcmp(argv[1], "child") == 0) {
        return child(argv[2]);
    }
    if (argc == 2 && strcmp(argv[1], "hog") == 0) {
        return hog();
    }
    test_plan(TESTS);
    test_ok(spawn_domain(&order, &domain) == ERR_NOT_FOUND, "no such program");
    test_capability();
    test_limit();
    test_kill();
    test_taking_back();
    return test_end();
}
