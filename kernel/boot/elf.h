/*
 * Programs and CPU-driver images as they stand in the boot archive: statically linked ELF64 for x86-64.
 *
 * elf_open believes nothing: it checks every offset and size against the file, that no page would be writable and
 * executable, that no two segments share a page, and that the entry point is code. What it returns can be
 * loaded without further checks, except whether the addresses are ones that the caller wants (elf_within).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <abi/abi.h>

#define ELF_MAX_SEGMENTS 8

/* A PT_LOAD segment. In memory it takes the whole pages from elf_segment_base to elf_segment_end. */
struct elf_segment {
    vaddr_t vaddr;
    uint64_t memory_size; /* not 0 */
    const uint8_t *data;
    uint64_t file_size; /* at most memory_size; the rest is zero */
    uint32_t flags;     /* SEGMENT_FLAG_* */
};

struct elf {
    vaddr_t entry;
    unsigned count;                                /* at least 1 */
    struct elf_segment segments[ELF_MAX_SEGMENTS]; /* by ascending address */
};

/* ERR_FORMAT: damaged, or not such a file. ERR_UNSUPPORTED: well formed, but dynamic or with too many segments. */
[[nodiscard]] err_t elf_open(const void *file, uint64_t size, struct elf *out);

/* Whether all pages of all segments lie in [low, high), both page aligned. */
bool elf_within(const struct elf *elf, vaddr_t low, vaddr_t high);

/* The pages of a segment. */
vaddr_t elf_segment_base(const struct elf_segment *segment);
vaddr_t elf_segment_end(const struct elf_segment *segment);

/* Fills the pages of a segment, which are writable at `pages`: contents, and zeros before and after. */
void elf_segment_copy(const struct elf_segment *segment, void *pages);
