/*
 * kernel/cap on the host: a simulated machine under the capability system, asked over pipes by cap_host.py.
 *
 * A request is a count and that many 64-bit words, the first of which is the operation; so is an answer. After every
 * request but those for bulk, the whole state is checked (cap_host_check.c); a violation ends the program, which its
 * driver reports.
 */
#include "cap_host.h"

#include <stdio.h>
#include <stdlib.h>

#include "cap/cspace.h"
#include "cap/ending.h"
#include "cap/fast.h"
#include "cap/invoke.h"
#include "cap/mdb.h"
#include "cap/mdb_key.h"

enum { REQUEST_WORDS = 16, ANSWER_WORDS = 1 << 20 };

static uint64_t answer[ANSWER_WORDS];
static size_t answered;

static void put(uint64_t word) {
    if (answered == ANSWER_WORDS) {
        host_fail("answer too long");
    }
    answer[answered++] = word;
}

static void do_reset(const uint64_t *word) {
    (void)word;
    machine_reset();
}

/* As sys_invoke() does, but only every other time, so that the complete path is seen to do the same. */
static bool taken_fast(uint64_t address, uint64_t operation, const uint64_t *word) {
    static unsigned turn;
    struct fast_map map = {word[0], word[1], word[2], word[4], word[5]};
    if (operation == OP_VNODE_MAP && word[3] == 1) {
        return turn++ % 2 == 0 && fast_map_page(&machine.root, address, map);
    }
    if (operation == OP_CAP_DELETE) {
        return turn++ % 2 == 0 && fast_unmap_page(&machine.root, address);
    }
    return operation == OP_CORE_NOTIFY && turn++ % 2 == 0 && fast_core_notify(&machine.root, address);
}

static void do_invoke(const uint64_t *word) {
    struct invocation inv = {0};
    memcpy(inv.word, word + 2, sizeof(inv.word));
    uint64_t calls = host_calls;
    bool fast = taken_fast(word[0], word[1], inv.word);
    put(fast ? ERR_OK : invoke(&machine.root, word[0], word[1], &inv));
    put(host_calls - calls);
    for (unsigned i = 0; i < INVOKE_RESULTS; i++) {
        put(inv.result[i]);
    }
}

static void dump_node(const struct cte *node) {
    if (node == NULL) {
        return;
    }
    dump_node(node->left);
    const struct cap *cap = &node->cap;
    put(machine_slot_address(node));
    put(cap->type | (uint64_t)cap->rights << 8 | (uint64_t)(cap->flags & (CAP_GOING | CAP_KEPT)) << 16 |
        (uint64_t)cap->owner << 32 | (uint64_t)cap->span << 48);
    put(cap->base);
    put(cap->size);
    put(cap->extra);
    dump_node(node->right);
}

static void do_dump(const uint64_t *word) {
    (void)word;
    for (unsigned region = 0; region < MDB_REGIONS; region++) {
        dump_node(mdb_root(region));
    }
}

static void do_entry(const uint64_t *word) {
    put(((uint64_t *)mem_direct(word[0]))[word[1]]);
}

static void do_fill(const uint64_t *word) {
    memset(machine_backing(word[0], word[1]), (int)word[2], word[1]);
}

static void do_is_zero(const uint64_t *word) {
    const unsigned char *byte = machine_backing(word[0], word[1]);
    uint64_t i = 0;
    while (i < word[1] && byte[i] == 0) {
        i++;
    }
    put(i == word[1]);
}

/* slot, type, rights, owner, base, size, extra */
static void do_create(const uint64_t *word) {
    struct cap cap = cap_make((unsigned)word[1], word[4], word[5]);
    cap.rights = (uint8_t)word[2];
    cap.owner = (uint16_t)word[3];
    cap.extra = word[6];
    cap_create(mem_direct(word[0]), &cap);
}

static void do_end_step(const uint64_t *word) {
    (void)word;
    put(cap_end_step());
}

static void do_events(const uint64_t *word) {
    (void)word;
    for (unsigned i = 0; i < machine.event_count; i++) {
        put(machine.event[i].kind);
        put(machine.event[i].value);
    }
    machine.event_count = 0;
}

static void do_drop(const uint64_t *word) {
    cap_drop(mem_direct(word[0]));
}

static void do_revoke_step(const uint64_t *word) {
    put(cap_revoke_step(mem_direct(word[0])));
}

static void do_gigabyte(const uint64_t *word) {
    machine.gigabyte_pages = word[0] != 0;
}

static void do_relative(const uint64_t *word) {
    const struct cte *slot = mem_direct(word[1]);
    const struct cte *found = NULL;
    switch (word[0]) {
    case 0:
        found = mdb_copy(slot);
        break;
    case 1:
        found = mdb_descendant(slot);
        break;
    case 2:
        found = mdb_ancestor(slot);
        break;
    default:
        found = mdb_overlap(slot, word[2], word[3]);
    }
    put(found == NULL ? UINT64_MAX : machine_slot_address(found));
}

static void do_range_valid(const uint64_t *word) {
    struct cap cap = {.type = (uint8_t)word[0], .base = word[1], .size = word[2]};
    put(cap_range_valid(&cap));
}

static void do_bulk(const uint64_t *word) {
    bulk_make(word[0], word[1]);
}

/* Calls that each kind of query, an insertion and a removal took at most: see cap_host_bulk.c. */
static void do_cost(const uint64_t *word) {
    uint64_t cost[BULK_COSTS];
    bulk_cost(word[0], cost);
    for (unsigned i = 0; i < BULK_COSTS; i++) {
        put(cost[i]);
    }
}

static void do_check(const uint64_t *word) {
    (void)word;
    check();
}

static const struct operation {
    void (*run)(const uint64_t *word);
    bool checked;
} operations[] = {
    {do_reset, true},       {do_invoke, true},    {do_dump, false},     {do_entry, false},       {do_fill, false},
    {do_is_zero, false},    {do_create, true},    {do_end_step, true},  {do_events, false},      {do_drop, true},
    {do_revoke_step, true}, {do_gigabyte, false}, {do_relative, false}, {do_range_valid, false}, {do_bulk, false},
    {do_cost, false},       {do_check, false},
};

static bool read_words(uint64_t *word, size_t count) {
    return fread(word, sizeof(*word), count, stdin) == count;
}

static bool serve(void) {
    uint64_t count, word[REQUEST_WORDS] = {0};
    if (!read_words(&count, 1)) {
        return false;
    }
    if (count == 0 || count > REQUEST_WORDS || !read_words(word, count) || word[0] >= ARRAY_SIZE(operations)) {
        host_fail("bad request");
    }
    answered = 0;
    operations[word[0]].run(word + 1);
    if (operations[word[0]].checked) {
        check();
    }
    uint64_t size = answered;
    fwrite(&size, sizeof(size), 1, stdout);
    fwrite(answer, sizeof(*answer), answered, stdout);
    fflush(stdout);
    return true;
}

uint64_t host_calls;

/* Called by the compiler's instrumentation wherever a function, inlined or not, begins. */
void __cyg_profile_func_enter(void *function, void *site);
void __cyg_profile_func_exit(void *function, void *site);

[[gnu::no_instrument_function]] void __cyg_profile_func_enter(void *function, void *site) {
    (void)function;
    (void)site;
    host_calls++;
}

[[gnu::no_instrument_function]] void __cyg_profile_func_exit(void *function, void *site) {
    (void)function;
    (void)site;
}

int main(void) {
    machine_reset();
    while (serve()) {
    }
    return 0;
}

void host_fail(const char *what) {
    fprintf(stderr, "cap_host: %s\n", what);
    abort();
}
