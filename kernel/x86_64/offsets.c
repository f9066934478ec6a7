/*
 * offsets.h against the structures.
 */
#include "x86_64/offsets.h"

#include "core/dispatcher.h"
#include "x86_64/entry.h"

#define CHECK(struct_name, member, offset) _Static_assert(offsetof(struct struct_name, member) == (offset), #offset)

CHECK(context, vector, CONTEXT_VECTOR);
CHECK(context, rip, CONTEXT_RIP);
CHECK(context, cs, CONTEXT_CS);
CHECK(context, rflags, CONTEXT_RFLAGS);
CHECK(context, rsp, CONTEXT_RSP);
_Static_assert(sizeof(struct context) == CONTEXT_SIZE, "CONTEXT_SIZE");
CHECK(kernel_stacks, guard_double_fault, KERNEL_STACK_OFFSET);

_Static_assert(sizeof(struct cte) == 1 << CTE_SHIFT, "CTE_SHIFT");
CHECK(cap, type, CTE_HEAD);
CHECK(cap, rights, CTE_HEAD + 1);
CHECK(cap, flags, CTE_HEAD + 2);
CHECK(cap, owner, CTE_HEAD + 4);
CHECK(cap, base, CTE_BASE);
CHECK(cap, size, CTE_SIZE);
CHECK(cap, extra, CTE_EXTRA);

CHECK(dispatcher, slots[SLOT_CSPACE], DCB_CSPACE);
CHECK(dispatcher, slots[SLOT_VSPACE], DCB_VSPACE);
CHECK(dispatcher, frame, DCB_FRAME);
CHECK(dispatcher, frame_vaddr, DCB_FRAME_VADDR);
CHECK(dispatcher, state, DCB_STATE);
CHECK(dispatcher, resume_disabled, DCB_RESUME_DISABLED);
CHECK(dispatcher, fault_open, DCB_FAULT_OPEN);
CHECK(dispatcher, waiters, DCB_WAITERS);
CHECK(dispatcher, upcalls, DCB_UPCALLS);
CHECK(dispatcher, fpu.used, DCB_FPU_USED);
