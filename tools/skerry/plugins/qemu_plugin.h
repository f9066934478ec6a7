/* The part of QEMU's plugin interface (version 1) that our plugins use, declared from its documentation: Debian packages no
   header. At the end, functions of QEMU that are no plugin interface but which a QEMU built with modules, as Debian's is,
   exports; they are weak, so a plugin can tell that they are missing. */
#ifndef SKERRY_QEMU_PLUGIN_H
#define SKERRY_QEMU_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NO_CALLBACK_FLAGS 0
#define MEMORY_READ_WRITE 3
#define INLINE_ADD_U64 0

typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_plugin_hwaddr;
typedef void (*udata_cb)(unsigned int, void *);
typedef void (*mem_cb)(unsigned int, uint32_t, uint64_t, void *);

struct plugin_info {
    const char *target_name;
    struct {
        int min, current;
    } version;
    bool system_emulation;
    struct {
        int smp_vcpus, max_vcpus;
    } system;
};

extern void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, void (*)(plugin_id, struct qemu_plugin_tb *));
extern void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *, udata_cb, int, void *);
extern void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *, udata_cb, int, void *);
extern void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *, int, void *, uint64_t);
extern void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *, mem_cb, int, int, void *);
extern void qemu_plugin_register_atexit_cb(plugin_id, void (*)(plugin_id, void *), void *);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
extern uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
extern const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *);
extern size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *);
extern void *qemu_plugin_insn_haddr(const struct qemu_plugin_insn *);
extern bool qemu_plugin_mem_is_store(uint32_t);
extern struct qemu_plugin_hwaddr *qemu_plugin_get_hwaddr(uint32_t, uint64_t);
extern bool qemu_plugin_hwaddr_is_io(const struct qemu_plugin_hwaddr *);
extern uint64_t qemu_plugin_hwaddr_phys_addr(const struct qemu_plugin_hwaddr *);

extern int qemu_plugin_version;
extern int qemu_plugin_install(plugin_id, const struct plugin_info *, int, char **);

extern void *qemu_get_cpu(int) __attribute__((weak));
extern void tb_flush(void *) __attribute__((weak));
extern void cpu_physical_memory_rw(uint64_t, void *, uint64_t, bool) __attribute__((weak));

#endif
