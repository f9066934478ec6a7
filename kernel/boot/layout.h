/*
 * Lays a core out in its image region, ready to be entered: what the loader does for core 0 and a monitor for the others.
 *
 * The region (IMAGE_REGION_SIZE, chunk aligned, below 4 GiB, outside every pool) holds in this order
 *   the image, its segments at their addresses minus KERNEL_WINDOW | boot data page | entry tables |
 *   the monitor's segments | free pages.
 * Everything up to the free pages (layout_measure) is written, whatever was there before; they are not touched.
 *
 * The entry tables map, for the first instructions only and until the CPU driver has built its own:
 *   KERNEL_WINDOW -> the image, each page with its segment's rights; the region at its physical address, writable;
 *   the low 2 MiB at their physical address, executable (trampoline, loader); the park block's first two pages at
 *   theirs. No page is writable and executable.
 *
 * The writer may see the region at any address; only `base` goes into what is written.
 */
#pragma once

#include <stdint.h>

#include <abi/abi.h>

#include "boot/elf.h"

struct layout_input {
    void *region;              /* where the region is writable for us, page aligned */
    paddr_t base;              /* where it is */
    const struct elf *image;   /* linked at KERNEL_WINDOW */
    const struct elf *monitor; /* linked below USER_DYNAMIC_BASE */

    coreid_t core;
    uint32_t apic;
    coreid_t starter;
    uint32_t flags;  /* BOOT_FLAG_* */
    uint32_t starts; /* of this core before */
    uint64_t tsc_khz, apic_khz, start_tsc;
    paddr_t archive_base;
    uint64_t archive_size;
    paddr_t rsdp;
    paddr_t park;         /* its park block (park.h), which layout_core does not touch */
    paddr_t channel_base; /* the starter's memory, or 0 for none */
    uint64_t channel_size;
    const char *cmdline; /* NUL-terminated */

    const struct boot_pool *pools;
    unsigned pool_count;
    const struct boot_region *regions;
    unsigned region_count;
};

struct layout_output {
    paddr_t cr3;       /* the entry tables */
    vaddr_t entry;     /* the CPU driver's first instruction */
    paddr_t boot_data; /* its argument */
};

/* Bytes from the region's start that layout_core will write: whole pages, or more than IMAGE_REGION_SIZE when it cannot. */
uint64_t layout_measure(const struct elf *image, const struct elf *monitor);

/*
 * ERR_ARGUMENT: a misplaced region, pool or park block. ERR_FORMAT: image or monitor linked at the wrong addresses.
 * ERR_NO_MEMORY: the region is too small, or too many pools or regions or too long a command line for the boot data page.
 * The region's contents are undefined after an error.
 */
[[nodiscard]] err_t layout_core(const struct layout_input *in, struct layout_output *out);
