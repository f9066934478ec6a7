/*
 * Frame-pointer walk, bounded: at most BACKTRACE_MAX frames, each above the last and within this core's stacks.
 */
#include "x86_64/backtrace.h"

#include "core/log.h"
#include "core/plan.h"
#include "x86_64/entry.h"
#include "x86_64/insn.h"

#define BACKTRACE_MAX 16

static void registers_log(const struct context *c) {
    log_line("PANIC-REG rip=0x%lx rsp=0x%lx rbp=0x%lx rflags=0x%lx cr2=0x%lx cr3=0x%lx vector=%lu error=0x%lx", c->rip,
             c->rsp, c->rbp, c->rflags, x86_read_cr2(), x86_read_cr3(), c->vector, c->error);
    log_line("PANIC-REG rax=0x%lx rbx=0x%lx rcx=0x%lx rdx=0x%lx rsi=0x%lx rdi=0x%lx r8=0x%lx r9=0x%lx", c->rax, c->rbx,
             c->rcx, c->rdx, c->rsi, c->rdi, c->r8, c->r9);
    log_line("PANIC-REG r10=0x%lx r11=0x%lx r12=0x%lx r13=0x%lx r14=0x%lx r15=0x%lx", c->r10, c->r11, c->r12, c->r13,
             c->r14, c->r15);
}

/* True if a saved frame pointer and return address can be read at `frame`. */
static bool frame_readable(uint64_t frame) {
    return IS_ALIGNED(frame, 8) && frame >= (uint64_t)&kernel_stacks && frame + 16 <= (uint64_t)(&kernel_stacks + 1);
}

static bool is_text(uint64_t address) {
    return address >= (uint64_t)__text_start && address < (uint64_t)__text_end;
}

static void frames_log(uint64_t frame) {
    log_begin();
    log_text("PANIC-BT");
    for (unsigned i = 0; i < BACKTRACE_MAX && frame_readable(frame); i++) {
        const uint64_t *link = (const uint64_t *)frame;
        if (!is_text(link[1])) {
            break;
        }
        log_text(" 0x%lx", link[1]);
        if (link[0] <= frame) {
            break;
        }
        frame = link[0];
    }
    log_end();
}

void backtrace_log(const struct context *context) {
    registers_log(context);
    frames_log(context->rbp);
}

/* There is no trap frame, and the general registers say nothing: the frames do. A return address may be the first of the
 * next function, so the place is the byte before it. */
void backtrace_log_call(const void *frame) {
    const uint64_t *link = frame;
    log_line("PANIC-REG rip=0x%lx rsp=0x%lx rbp=0x%lx cr3=0x%lx", link[1] - 1, (uint64_t)(link + 2), link[0],
             x86_read_cr3());
    frames_log(link[0]);
}

vaddr_t backtrace_user_address(void) {
    return user_context()->rip;
}
