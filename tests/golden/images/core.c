/*
 * What makes this image core 2's. Written from kernel/templates/core.c.j2; edit that, or the machine's file.
 */
#include "core/plan.h"

[[gnu::section(".rodata.core")]] const struct core_plan core_plan = {
    .core = 2,
    .timeslice_us = 250,
    .tickless = 1,
    .trace_bytes = 4096,
    .fast_lrpc = 1,
    .log_port = 0x1002,
    .scheduler = 0,
    .class_name = "worker",
};
