/*
 * User contexts. FS and GS bases travel with the context: with FSGSBASE a domain sets them itself, without it they
 * come from the save area.
 */
#include "x86_64/context.h"

#include "x86_64/cpu.h"
#include "x86_64/entry.h"
#include "x86_64/insn.h"
#include "x86_64/paging.h"

paddr_t context_current_space; /* also for lrpc_fast.S */

static vaddr_t user_address(uint64_t value) {
    return value < USER_TOP ? value : 0;
}

void context_bases_save(struct registers *area) {
    if (cpu_features.fsgsbase) {
        uint64_t fs, gs;
        __asm__ volatile("rdfsbase %0; rdgsbase %1" : "=r"(fs), "=r"(gs));
        area->fs_base = fs;
        area->gs_base = gs;
    }
}

void context_bases_load(const struct registers *area) {
    const volatile struct registers *words = area;
    uint64_t fs = words->fs_base, gs = words->gs_base;
    fs = user_address(fs);
    gs = user_address(gs);
    if (cpu_features.fsgsbase) {
        __asm__ volatile("wrfsbase %0; wrgsbase %1" : : "r"(fs), "r"(gs));
    } else {
        x86_wrmsr(MSR_FS_BASE, fs);
        x86_wrmsr(MSR_GS_BASE, gs);
    }
}

void context_save(struct registers *area) {
    const struct context *c = user_context();
    memcpy(area, c, offsetof(struct registers, rip));
    area->rip = c->rip;
    area->rflags = c->rflags;
    area->rsp = c->rsp;
    context_bases_save(area);
}

static void context_user_state(struct context *c, uint64_t rflags) {
    c->cs = SELECTOR_USER_CODE;
    c->ss = SELECTOR_USER_DATA;
    c->rflags = (rflags & RFLAGS_USER) | RFLAGS_FIXED | RFLAGS_IF;
    c->error = 0;
}

/* The area may change under us, if its domain shares it with another core: each word is read once. */
void context_load(const struct registers *area) {
    struct context *c = user_context();
    const volatile struct registers *words = area;
    memcpy(c, area, offsetof(struct registers, rip));
    context_user_state(c, words->rflags);
    uint64_t rip = words->rip, rsp = words->rsp;
    c->rip = user_address(rip);
    c->rsp = user_address(rsp);
    c->vector = 0;
    context_bases_load(area);
}

void context_upcall(vaddr_t entry, vaddr_t frame) {
    struct context *c = user_context();
    c->rip = user_address(entry);
    c->rax = frame;
    c->vector = VECTOR_UPCALL;
}

void context_message(uint64_t badge, bool with_cap) {
    struct context *c = user_context();
    context_user_state(c, 0);
    c->rsp = 0;
    c->rdi = badge;
    c->rsi = with_cap;
    c->vector = VECTOR_SYSCALL;
}

void context_return(err_t err) {
    user_context()->rax = err;
}

bool context_in(vaddr_t low, vaddr_t high) {
    vaddr_t rip = user_context()->rip;
    return rip >= low && rip < high;
}

vaddr_t context_address(void) {
    return user_context()->rip;
}

void context_space(paddr_t vnode_l4) {
    if (context_current_space != vnode_l4) {
        context_current_space = vnode_l4;
        x86_write_cr3(vnode_l4);
    }
}

void context_space_leave(void) {
    context_current_space = 0;
    paging_leave_user();
}

_Static_assert(offsetof(struct registers, rip) == offsetof(struct context, vector), "general registers agree");
