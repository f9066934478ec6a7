/*
 * Places within C structures that assembly uses; offsets.c checks each.
 */
#pragma once

#define CONTEXT_VECTOR 120
#define CONTEXT_RIP 136
#define CONTEXT_CS 144
#define CONTEXT_RFLAGS 152
#define CONTEXT_RSP 160
#define CONTEXT_SIZE 176

/* Top of the kernel stack in struct kernel_stacks. */
#define KERNEL_STACK_OFFSET 0x5000

#define CTE_SHIFT 6
#define CTE_HEAD 0 /* type, rights, flags, height, owner, span: one byte each but for the last two, two each */
#define CTE_BASE 8
#define CTE_SIZE 16
#define CTE_EXTRA 24

#define DCB_CSPACE 0
#define DCB_VSPACE 64
#define DCB_FRAME 192
#define DCB_FRAME_VADDR 200
#define DCB_STATE 208
#define DCB_RESUME_DISABLED 212
#define DCB_FAULT_OPEN 213
#define DCB_WAITERS 328
#define DCB_UPCALLS 360
#define DCB_FPU_USED 448
