/*
 * What the build decided for this core: the generated read-only section in which images of one class differ.
 */
#pragma once

#include "core/base.h"

struct core_plan {
    uint32_t core;         /* this image's core */
    uint32_t timeslice_us; /* of a busy core */
    uint32_t tickless;     /* no slice timer while one dispatcher is runnable, unless the machine is emulated */
    uint32_t trace_bytes;  /* of the trace ring */
    uint32_t fast_lrpc;    /* use the fast path of LRPC where the CPU allows it */
    uint32_t log_port;     /* debug port */
    uint32_t scheduler;    /* enum runqueue_policy */
    char class_name[16];
};

extern const struct core_plan core_plan;

/* Bounds of the image, from the linker script. */
extern char __image_start[], __text_start[], __text_end[], __rodata_start[], __rodata_end[], __data_start[],
    __data_end[], __image_end[];
extern const uint8_t __note_build_id_start[], __note_build_id_end[];

/* Write the build id as 40 lower-case hexadecimal digits and a NUL. */
void plan_build_id_text(char text[41]);

/* The 20 bytes of the build id. */
const uint8_t *plan_build_id(void);
