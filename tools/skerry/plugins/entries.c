/*
 * TCG plugin for QEMU (plugin API 1): how many instructions is a CPU driver away from user space at the longest?
 *
 * An entry is what a core executes between two user instructions, or between waking from hlt and the next user instruction
 * or hlt. What runs before a core's first user instruction is its start, and does not count; nor does what a panic prints,
 * nor an entry from which the core was fenced: it ends in the park page, whose code lies where user code may.
 * Instructions are counted by translated block, so a block that is left early counts whole: the figure is an upper bound.
 * Only blocks with a repeated string instruction are counted one by one; each iteration counts as one.
 *
 * Options: out=FILE. Output, at the end, a line a core that has run user code: "core instructions first-block-address".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qemu_plugin.h"

int qemu_plugin_version = 1;

#define CORES 256
#define HLT 0xf4
#define CLI 0xfa

struct block {
    uint64_t vaddr;
    uint64_t instructions;
};

/* Each core writes only its own. */
static struct core {
    bool kernel, started;    /* has run CPU-driver code; and user code after that, so not the firmware */
    uint64_t entry, current; /* first block and length of the entry under way */
    uint64_t ended;          /* length of the entry that just ended, unless it was in the park page */
    uint64_t longest, longest_entry;
} cores[CORES];

static char out[4096];

/* What ended before the next entry begins, or the machine ends, was one. */
static void entry_settle(struct core *core) {
    if (core->ended > core->longest) {
        core->longest = core->ended;
        core->longest_entry = core->entry;
    }
    core->ended = 0;
}

static void entry_end(struct core *core) {
    if (core->current > 0) {
        core->ended = core->current;
        core->current = 0;
    }
}

static void user_block(unsigned int cpu, void *data) {
    (void)data;
    if (cores[cpu].kernel) {
        cores[cpu].started = true;
        entry_end(&cores[cpu]);
    }
}

static void kernel_block(unsigned int cpu, void *data) {
    struct core *core = &cores[cpu];
    const struct block *block = data;
    core->kernel = true;
    if (!core->started) {
        return;
    }
    if (core->current == 0) {
        entry_settle(core);
        core->entry = block->vaddr;
    }
    core->current += block->instructions;
}

static void halt(unsigned int cpu, void *data) {
    (void)data;
    if (cores[cpu].started) {
        entry_end(&cores[cpu]);
    }
}

/* A panic has stopped the core, or it is parked: neither was an entry. It may be started anew. */
static void stop(unsigned int cpu, void *data) {
    struct core *core = &cores[cpu];
    (void)data;
    core->current = core->ended = 0;
    core->kernel = core->started = false;
}

static bool is_byte(const struct qemu_plugin_insn *insn, uint8_t opcode) {
    return qemu_plugin_insn_size(insn) == 1 && *(const uint8_t *)qemu_plugin_insn_data(insn) == opcode;
}

/* rep or repne before movs, stos, cmps, scas, lods; REX may stand between. */
static bool is_repeated(const struct qemu_plugin_insn *insn) {
    const uint8_t *byte = qemu_plugin_insn_data(insn);
    size_t size = qemu_plugin_insn_size(insn);
    uint8_t opcode = byte[size - 1];
    return size >= 2 && (byte[0] == 0xf3 || byte[0] == 0xf2) &&
           ((opcode >= 0xa4 && opcode <= 0xa7) || (opcode >= 0xaa && opcode <= 0xaf));
}

static bool has_repeated(const struct qemu_plugin_tb *tb) {
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        if (is_repeated(qemu_plugin_tb_get_insn(tb, i))) {
            return true;
        }
    }
    return false;
}

static bool has_halt(const struct qemu_plugin_tb *tb, size_t count) {
    return is_byte(qemu_plugin_tb_get_insn(tb, count - 1), HLT);
}

/* Only a core that gives up for good stops with its interrupts off. */
static bool has_stop(const struct qemu_plugin_tb *tb, size_t count) {
    return has_halt(tb, count) && count > 1 && is_byte(qemu_plugin_tb_get_insn(tb, count - 2), CLI);
}

static void translate(plugin_id id, struct qemu_plugin_tb *tb) {
    (void)id;
    size_t count = qemu_plugin_tb_n_insns(tb);
    uint64_t vaddr = qemu_plugin_tb_vaddr(tb);
    if (vaddr >> 63 == 0) {
        bool parked = has_halt(tb, count); /* which user code may not do */
        qemu_plugin_register_vcpu_tb_exec_cb(tb, parked ? stop : user_block, NO_CALLBACK_FLAGS, NULL);
        return;
    }
    struct block *block = malloc(sizeof *block); /* lives as long as the translation: to the end */
    if (block == NULL) {
        abort();
    }
    bool one_by_one = has_repeated(tb);
    *block = (struct block){vaddr, one_by_one ? 1 : count};
    if (one_by_one) {
        for (size_t i = 0; i < count; i++) {
            struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
            qemu_plugin_register_vcpu_insn_exec_cb(insn, kernel_block, NO_CALLBACK_FLAGS, block);
        }
    } else {
        qemu_plugin_register_vcpu_tb_exec_cb(tb, kernel_block, NO_CALLBACK_FLAGS, block);
    }
    if (has_halt(tb, count)) {
        struct qemu_plugin_insn *last = qemu_plugin_tb_get_insn(tb, count - 1);
        qemu_plugin_register_vcpu_insn_exec_cb(last, has_stop(tb, count) ? stop : halt, NO_CALLBACK_FLAGS, NULL);
    }
}

static void report(plugin_id id, void *data) {
    (void)id, (void)data;
    FILE *file = fopen(out, "w");
    if (file == NULL) {
        return;
    }
    for (unsigned i = 0; i < CORES; i++) {
        entry_settle(&cores[i]);
        if (cores[i].started || cores[i].longest > 0) {
            fprintf(file, "%u %llu 0x%llx\n", i, (unsigned long long)cores[i].longest,
                    (unsigned long long)cores[i].longest_entry);
        }
    }
    fclose(file);
}

int qemu_plugin_install(plugin_id id, const struct plugin_info *info, int argc, char **argv) {
    (void)info;
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "out=", 4) == 0) {
            snprintf(out, sizeof out, "%s", argv[i] + 4);
        }
    }
    if (out[0] == 0) {
        fputs("entries: out=FILE is missing\n", stderr);
        return -1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
    qemu_plugin_register_atexit_cb(id, report, NULL);
    return 0;
}
