/* TCG plugin for QEMU (plugin API 1), for -icount, so for the single-threaded round robin: nothing in it is locked.
   How long would it have taken if the cores had run side by side, and which cache lines moved between them?

   Under -icount the TSC counts the instructions of all cores one after the other: across cores it is the sum of the work,
   not a latency. This plugin keeps a logical clock for each core, joined along what really flowed between them:
     - an instruction advances its core's clock by 1;
     - reading or writing a 64-byte line that another core wrote last (or, to write, that others hold) moves the clock to the
       later of its own time and that write's, and adds what the line costs between these two cores;
     - a core that is sent an interrupt starts to handle it no earlier than that moment and the interrupt's cost;
     - a core that wakes from hlt without one (a timer, a device) starts no earlier than any core's clock.
   Its advance over an interval is the critical path of cores that run side by side at one instruction a tick. There are two
   sets of costs: 0, all free, and 1, those of the file `costs`. A model: no caches but for coherence, no pipelines, no TLBs.

   The guest marks intervals by nopl instructions (MARK below; libskerry's mark.h has the same numbers). Output, one line each:
     interval GROUP CORE sum N own N cp0 N cp1 N moved N moved_own N code N data N
   `sum`: instructions of all cores; `own`: of the core that began the interval; `moved`: lines that changed cores; `code`,
   `data`: distinct lines that this core executed from and accessed. Code is counted by translated block: an upper bound.
   Options: out=FILE; costs=FILE, lines "FROM TO LINE INTERRUPT"; probe=on only says that the plugin can be loaded. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "costs.h"
#include "intervals.h"
#include "line_set.h"
#include "lines.h"
#include "qemu_plugin.h"

int qemu_plugin_version = 1;

enum mark { MARK_BEGIN = 1, MARK_END, MARK_NEXT, MARK_ARM, MARK_ARRIVE, MARK_DROP, MARK_FORGET, MARK_CANCEL };

#define PAGE 4096u
#define APIC_ID 0xfee00020
#define APIC_COMMAND 0xfee00300
#define APIC_DESTINATION 0xfee00310
#define HLT 0xf4

struct core {
    uint64_t instructions;
    int64_t offset[CLOCKS]; /* clock = instructions + offset */
    int64_t interrupt[CLOCKS];
    bool interrupted, halted, open;
    uint32_t apic; /* its id + 1; 0: not asked yet */
    uint64_t moved;
    struct line_set code, data;
    /* when its interval began */
    uint64_t sum0, own0, moved0, moved_own0;
    int64_t time0[CLOCKS];
};

/* A block of code lies on one page or on two, which may lie anywhere. */
struct block {
    struct lines {
        uint64_t first, last;
    } page[2];
};

static uint64_t total;    /* instructions run, all cores; counted inline */
static uint64_t credited; /* of these, what the cores' own counts have */
static int current = -1;  /* the core whose instructions are being counted */
static uint64_t moved;
static struct core cores[CORES];
static bool armed;
static unsigned group;
static uint64_t last_total; /* of the last transfer */
static const struct line *last_line;
static char out[4096];

static void credit(void) {
    if (current >= 0) {
        cores[current].instructions += total - credited;
    }
    credited = total;
}

static int64_t now(unsigned core, int clock) {
    return (int64_t)cores[core].instructions + cores[core].offset[clock];
}

static void advance_to(unsigned core, int clock, int64_t time) {
    int64_t behind = time - now(core, clock);
    if (behind > 0) {
        cores[core].offset[clock] += behind;
    }
}

static uint32_t apic_read(uint64_t address) {
    uint32_t value = 0;
    cpu_physical_memory_rw(address, &value, sizeof value, false);
    return value;
}

/* A core gets the host thread: what has reached it since it last had it moves its clock. */
static void run_on(unsigned c) {
    struct core *core = &cores[c];
    credit();
    current = (int)c;
    if (core->apic == 0) {
        core->apic = (apic_read(APIC_ID) >> 24) + 1;
    }
    for (int k = 0; k < CLOCKS && core->interrupted; k++) {
        advance_to(c, k, core->interrupt[k]);
    }
    for (unsigned i = 0; i < CORES && core->halted && !core->interrupted; i++) {
        for (int k = 0; k < CLOCKS; k++) {
            advance_to(c, k, now(i, k));
        }
    }
    core->interrupted = core->halted = false;
}

static void on_halt(unsigned int c, void *data) {
    (void)data;
    cores[c].halted = true;
}

static void on_block(unsigned int c, void *data) {
    const struct block *block = data;
    if ((int)c != current || cores[c].halted || cores[c].interrupted) {
        run_on(c);
    }
    for (int i = 0; i < 2 && cores[c].open; i++) {
        for (uint64_t line = block->page[i].first; line <= block->page[i].last; line++) {
            line_set_add(&cores[c].code, line);
        }
    }
}

/* Whether an interrupt command sent by `from` reaches a core. A logical destination is taken as flat, one bit a core. */
static bool reaches(unsigned from, unsigned to, uint32_t command, uint32_t destination) {
    switch (command >> 18 & 3) {
    case 1:
        return to == from;
    case 2:
        return true;
    case 3:
        return to != from;
    default:
        if ((command >> 11 & 1) != 0) {
            return to < 8 && (destination >> to & 1) != 0;
        }
        return destination == 0xff || cores[to].apic == destination + 1;
    }
}

static void interrupt_sent(unsigned from) {
    uint32_t command = apic_read(APIC_COMMAND), destination = apic_read(APIC_DESTINATION) >> 24;
    credit();
    for (unsigned to = 0; to < CORES; to++) {
        if (to == from || !reaches(from, to, command, destination)) {
            continue;
        }
        for (int k = 0; k < CLOCKS; k++) {
            int64_t arrival = now(from, k) + (k == 0 ? 0 : interrupt_cost[from][to]);
            bool later = !cores[to].interrupted || arrival > cores[to].interrupt[k];
            cores[to].interrupt[k] = later ? arrival : cores[to].interrupt[k];
        }
        cores[to].interrupted = true;
    }
}

/* From whom a line comes: its last writer, or, for one that this core itself wrote and others have read since, the farthest
   of these, which must drop it. */
static unsigned source_of(const struct line *line, unsigned c) {
    unsigned from = (unsigned)line->writer;
    for (unsigned i = 0; i < CORES && line->writer == (int)c; i++) {
        if (i != c && (line->holders >> i & 1) != 0 && (from == c || line_cost[i][c] > line_cost[from][c])) {
            from = i;
        }
    }
    return from;
}

static void line_moves(const struct line *line, unsigned c) {
    unsigned from = source_of(line, c);
    credit();
    for (int k = 0; k < CLOCKS; k++) {
        if (line->writer != (int)c) {
            advance_to(c, k, line->time[k]);
        }
    }
    cores[c].offset[1] += line_cost[from][c];
    cores[c].moved++;
    moved++;
    last_line = line;
    last_total = total;
}

static void line_access(struct line *line, unsigned c, bool store) {
    uint64_t bit = 1ul << c;
    bool has = store ? line->holders == bit : (line->holders & bit) != 0;
    bool again = line == last_line && total == last_total; /* the second half of a read-modify-write */
    bool foreign = line->writer != (int)c || (store && (line->holders & ~bit) != 0);
    if (!has && line->written && line->holders != 0 && foreign && !again) {
        line_moves(line, c);
    }
    if (!store) {
        line->holders |= bit;
        return;
    }
    credit();
    line->holders = bit;
    line->writer = (int8_t)c;
    line->written = true;
    for (int k = 0; k < CLOCKS; k++) {
        line->time[k] = now(c, k);
    }
}

static void on_memory(unsigned int c, uint32_t info, uint64_t address, void *data) {
    (void)data;
    struct qemu_plugin_hwaddr *where = qemu_plugin_get_hwaddr(info, address);
    bool store = qemu_plugin_mem_is_store(info);
    if (where == NULL) {
        return;
    }
    if (qemu_plugin_hwaddr_is_io(where)) {
        /* Some versions give an address within the device: of ours, only the local APIC has this offset. */
        if (store && (address & (PAGE - 1)) == (APIC_COMMAND & (PAGE - 1))) {
            interrupt_sent(c);
        }
        return;
    }
    uint64_t physical = qemu_plugin_hwaddr_phys_addr(where);
    struct line *line = line_at(physical);
    if (line == NULL) {
        return;
    }
    if (cores[c].open) {
        line_set_add(&cores[c].data, physical >> LINE_BITS);
    }
    line_access(line, c, store);
}

static void interval_begin(struct core *core, unsigned c) {
    core->open = true;
    core->sum0 = total;
    core->own0 = core->instructions;
    core->moved0 = moved;
    core->moved_own0 = core->moved;
    line_set_empty(&core->code);
    line_set_empty(&core->data);
    for (int k = 0; k < CLOCKS; k++) {
        core->time0[k] = now(c, k);
    }
}

/* `end` is the core that the interval ends on; mostly the one that began it. */
static void interval_end(struct core *core, unsigned end) {
    if (!core->open) {
        return;
    }
    core->open = false;
    struct interval interval = {
        .group = group,
        .core = (unsigned)(core - cores),
        .sum = total - core->sum0,
        .own = core->instructions - core->own0,
        .moved = moved - core->moved0,
        .moved_own = core->moved - core->moved_own0,
        .code = core->code.count,
        .data = core->data.count,
        .path = {now(end, 0) - core->time0[0], now(end, 1) - core->time0[1]},
    };
    intervals_add(&interval);
}

static void arrive(unsigned c) {
    for (unsigned i = 0; i < CORES; i++) {
        interval_end(&cores[i], c);
    }
}

/* What was measured last, or is being measured, was spoiled. */
static void drop(unsigned c) {
    if (!cores[c].open) {
        intervals_drop(group, c);
    }
    cores[c].open = false;
}

/* Until now nothing was counted, so that a guest starts at its usual speed; the others are taken to be asleep. */
static void arm(unsigned c) {
    armed = true;
    for (unsigned i = 0; i < CORES; i++) {
        cores[i].halted = i != c;
    }
    tb_flush(qemu_get_cpu((int)c)); /* translate again, now watched */
}

static void on_mark(unsigned int c, void *data) {
    if ((int)c != current) {
        run_on(c);
    }
    credit();
    switch ((enum mark)(intptr_t)data) {
    case MARK_BEGIN:
        interval_begin(&cores[c], c);
        break;
    case MARK_END:
        interval_end(&cores[c], c);
        break;
    case MARK_NEXT:
        group++;
        break;
    case MARK_ARM:
        arm(c);
        break;
    case MARK_ARRIVE:
        arrive(c);
        break;
    case MARK_DROP:
        drop(c);
        break;
    case MARK_FORGET:
        intervals_forget(group);
        break;
    case MARK_CANCEL:
        cores[c].open = false;
        break;
    }
}

/* nopl 0x4d4b50NN(%rax), NN the mark. */
static bool is_mark(const uint8_t *byte, size_t size) {
    static const uint8_t pattern[] = {0x0f, 0x1f, 0x80, 0, 0x50, 0x4b, 0x4d};
    return size == sizeof pattern && memcmp(byte, pattern, 3) == 0 && memcmp(byte + 4, pattern + 4, 3) == 0;
}

static struct block *block_of(const struct qemu_plugin_tb *tb, size_t count) {
    const struct qemu_plugin_insn *last = qemu_plugin_tb_get_insn(tb, count - 1);
    uint64_t begin = (uintptr_t)qemu_plugin_insn_haddr(qemu_plugin_tb_get_insn(tb, 0));
    uint64_t end = (uintptr_t)qemu_plugin_insn_haddr(last) + qemu_plugin_insn_size(last) - 1;
    uint64_t begin_end = begin | (PAGE - 1), end_begin = end & ~(uint64_t)(PAGE - 1);
    bool one_page = end >= begin && end <= begin_end;
    struct block *block = need(malloc(sizeof *block)); /* lives as long as the translation: to the end */
    block->page[0] = (struct lines){begin >> LINE_BITS, (one_page ? end : begin_end) >> LINE_BITS};
    block->page[1] = (struct lines){(one_page ? begin : end_begin) >> LINE_BITS, end >> LINE_BITS};
    return block;
}

static void watch(struct qemu_plugin_insn *insn) {
    const uint8_t *byte = qemu_plugin_insn_data(insn);
    qemu_plugin_register_vcpu_insn_exec_inline(insn, INLINE_ADD_U64, &total, 1);
    qemu_plugin_register_vcpu_mem_cb(insn, on_memory, NO_CALLBACK_FLAGS, MEMORY_READ_WRITE, NULL);
    if (qemu_plugin_insn_size(insn) == 1 && byte[0] == HLT) {
        qemu_plugin_register_vcpu_insn_exec_cb(insn, on_halt, NO_CALLBACK_FLAGS, NULL);
    }
}

static void on_translation(plugin_id id, struct qemu_plugin_tb *tb) {
    (void)id;
    size_t count = qemu_plugin_tb_n_insns(tb);
    if (armed) {
        qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, NO_CALLBACK_FLAGS, block_of(tb, count));
    }
    for (size_t i = 0; i < count; i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        const uint8_t *byte = qemu_plugin_insn_data(insn);
        if (armed) {
            watch(insn);
        }
        if (is_mark(byte, qemu_plugin_insn_size(insn))) {
            qemu_plugin_register_vcpu_insn_exec_cb(insn, on_mark, NO_CALLBACK_FLAGS, (void *)(intptr_t)byte[3]);
        }
    }
}

static void report(plugin_id id, void *data) {
    (void)id, (void)data;
    if (!intervals_write(out)) {
        fprintf(stderr, "coherence: cannot write %s\n", out);
    }
}

int qemu_plugin_install(plugin_id id, const struct plugin_info *info, int argc, char **argv) {
    bool exported = qemu_get_cpu != NULL && tb_flush != NULL && cpu_physical_memory_rw != NULL;
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "out=", 4) == 0) {
            snprintf(out, sizeof out, "%s", argv[i] + 4);
        } else if (strncmp(argv[i], "costs=", 6) == 0 && costs_read(argv[i] + 6) != 0) {
            return -1;
        } else if (strcmp(argv[i], "probe=on") == 0) {
            fputs(exported ? "coherence: ready\n" : "coherence: QEMU does not export what it needs\n", stderr);
            return -1;
        }
    }
    if (!exported || out[0] == 0 || !info->system_emulation || info->system.max_vcpus > CORES) {
        fprintf(stderr, "coherence: wants out=FILE, at most %d cores, and a QEMU with modules\n", CORES);
        return -1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    qemu_plugin_register_atexit_cb(id, report, NULL);
    return 0;
}
