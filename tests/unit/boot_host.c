/*
 * The part of kernel/boot that is pure logic, as a host program: requests on standard input, answers on standard output.
 *
 * A request is a u32 operation, a u32 count of blobs, and for each a u32 size and its bytes; an answer is a u32 size and
 * its bytes, which are u64 words unless a file's contents. Blobs end at a page that cannot be read, so that a byte read
 * behind them kills the program whatever sanitizer it was built with; the address sanitizer guards what is before them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size) ((void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(size))
#endif

#include "boot/archive.h"
#include "boot/crc32.h"
#include "boot/elf.h"
#include "boot/layout.h"
#include "boot/memmap.h"
#include "boot/park.h"

enum operation { OP_CRC32, OP_ARCHIVE, OP_FIND, OP_ELF, OP_LAYOUT, OP_MEMMAP, OP_PARK };

#define MAX_BLOBS 5
#define LOADABLE (64UL << 20) /* no test loads a larger segment */

struct blob {
    uint8_t *mapping;
    size_t mapped;
    uint8_t *data;
    size_t size;
};

static uint8_t *answer;
static size_t answer_size, answer_room;

static void answer_bytes(const void *data, size_t size) {
    if (answer_size + size > answer_room) {
        answer_room = (answer_size + size) * 2;
        answer = realloc(answer, answer_room);
    }
    if (size > 0) {
        memcpy(answer + answer_size, data, size);
    }
    answer_size += size;
}

static void answer_word(uint64_t word) {
    answer_bytes(&word, sizeof(word));
}

static void answer_string(const char *text) {
    answer_word(strlen(text));
    answer_bytes(text, strlen(text));
}

static void read_exactly(void *out, size_t size) {
    if (fread(out, 1, size, stdin) != size) {
        exit(0); /* the test has ended */
    }
}

/* At the end of a mapping, as far as an alignment of 8 allows when asked for, with an unreadable page behind. */
static struct blob blob_read(bool aligned) {
    uint32_t size;
    read_exactly(&size, sizeof(size));
    size_t pages = (size + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE;
    struct blob b = {.mapped = pages + PAGE_SIZE, .size = size};
    b.mapping = mmap(NULL, b.mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (b.mapping == MAP_FAILED || mprotect(b.mapping + pages, PAGE_SIZE, PROT_NONE) != 0) {
        abort();
    }
    b.data = b.mapping + pages - (aligned ? (size + 7UL) / 8 * 8 : size);
    read_exactly(b.data, size);
    ASAN_POISON_MEMORY_REGION(b.mapping, (size_t)(b.data - b.mapping));
    return b;
}

static void answer_file(const struct archive_file *file) {
    answer_string(file->path);
    answer_word(file->size);
    answer_word(file->crc);
    answer_word(file->core);
    answer_string(file->build_id);
    answer_word(archive_check(file));
    answer_bytes(file->data, file->size);
}

static void run_archive(struct blob *b) {
    struct archive archive;
    uint64_t where = 0;
    err_t err = archive_open(b[0].data, b[0].size, &archive, &where);
    answer_word(err);
    answer_word(where);
    if (err != ERR_OK) {
        return;
    }
    answer_word(archive.run_id);
    answer_word(archive.contract);
    answer_word(archive.count);
    struct archive_cursor cursor;
    struct archive_file file;
    archive_first(&archive, &cursor);
    while (archive_next(&archive, &cursor, &file) == ERR_OK) {
        answer_file(&file);
    }
}

static void run_find(struct blob *b) {
    struct archive archive;
    struct archive_file file;
    err_t err = archive_open(b[0].data, b[0].size, &archive, NULL);
    err = err == ERR_OK ? archive_find(&archive, (const char *)b[1].data, &file) : err;
    answer_word(err);
    if (err == ERR_OK) {
        answer_file(&file);
    }
}

static void answer_segment(const struct elf_segment *s) {
    vaddr_t base = elf_segment_base(s);
    uint64_t size = elf_segment_end(s) - base;
    answer_word(base);
    answer_word(size);
    answer_word(s->flags);
    if (size > LOADABLE) {
        return;
    }
    uint8_t *pages = malloc(size);
    memset(pages, 0xee, size);
    elf_segment_copy(s, pages);
    answer_bytes(pages, size);
    free(pages);
}

static void run_elf(struct blob *b) {
    struct elf elf;
    err_t err = elf_open(b[0].data, b[0].size, &elf);
    answer_word(err);
    if (err != ERR_OK) {
        return;
    }
    answer_word(elf.entry);
    answer_word(elf.count);
    for (unsigned i = 0; i < elf.count; i++) {
        answer_segment(&elf.segments[i]);
    }
}

/* Blobs: image, monitor, words (see the assignments), command line, then pools and regions as they stand in boot data. */
static void run_layout(struct blob *b) {
    struct elf image, monitor;
    uint64_t w[15];
    memcpy(w, b[2].data, sizeof(w));
    err_t err = elf_open(b[0].data, b[0].size, &image);
    err = err == ERR_OK ? elf_open(b[1].data, b[1].size, &monitor) : err;
    if (err != ERR_OK) {
        answer_word(err);
        return;
    }
    uint8_t *region = aligned_alloc(PAGE_SIZE, IMAGE_REGION_SIZE);
    memset(region, 0xee, IMAGE_REGION_SIZE);
    struct boot_data *lists = (struct boot_data *)b[4].data;
    struct layout_input in = {
        .region = region,
        .base = w[0],
        .image = &image,
        .monitor = &monitor,
        .core = (coreid_t)w[1],
        .apic = (uint32_t)w[2],
        .starter = (coreid_t)w[3],
        .flags = (uint32_t)w[4],
        .tsc_khz = w[5],
        .apic_khz = w[6],
        .start_tsc = w[7],
        .archive_base = w[8],
        .archive_size = w[9],
        .rsdp = w[10],
        .channel_base = w[11],
        .channel_size = w[12],
        .park = w[13],
        .starts = (uint32_t)w[14],
        .cmdline = (const char *)b[3].data,
        .pools = lists->pools,
        .pool_count = lists->pool_count,
        .regions = lists->regions,
        .region_count = lists->region_count,
    };
    struct layout_output out = {0};
    err = layout_core(&in, &out);
    answer_word(err);
    if (err == ERR_OK) {
        answer_word(out.cr3);
        answer_word(out.entry);
        answer_word(out.boot_data);
        answer_word(layout_measure(&image, &monitor));
        answer_bytes(region, IMAGE_REGION_SIZE);
    }
    free(region);
}

/* Blob: the address. Answer: whether a block may lie there, where in the code its tables are, how long the code is, the block. */
static void run_park(struct blob *b) {
    uint64_t base;
    memcpy(&base, b[0].data, sizeof(base));
    answer_word(park_place_ok(base));
    answer_word((uint64_t)(park_tables - park_start));
    answer_word((uint64_t)(park_end - park_start));
    uint8_t *block = aligned_alloc(PAGE_SIZE, PARK_SIZE);
    memset(block, 0xee, PARK_SIZE);
    park_write(block, base);
    answer_bytes(block, PARK_SIZE);
    free(block);
}

enum memmap_step { STEP_SET, STEP_TAKE, STEP_COVERS, STEP_TOTAL, STEP_TRIM };

/* Blob: steps of four words (step, two addresses, type or size). For each: error or answer, and what was taken; then the list. */
static void run_memmap(struct blob *b) {
    struct memmap map = {.count = 0};
    for (size_t at = 0; at + 32 <= b[0].size; at += 32) {
        uint64_t w[4];
        memcpy(w, b[0].data + at, sizeof(w));
        struct memmap_range range = {w[1], w[2]};
        paddr_t taken = 0;
        uint64_t result = w[0] == STEP_SET      ? memmap_set(&map, range, (uint32_t)w[3])
                          : w[0] == STEP_TAKE   ? memmap_take(&map, range, w[3], &taken)
                          : w[0] == STEP_COVERS ? memmap_covers(&map, range, (uint32_t)w[3])
                          : w[0] == STEP_TOTAL  ? memmap_total(&map, range, (uint32_t)w[3])
                                                : memmap_trim(&map, (unsigned)w[3]);
        answer_word(result);
        answer_word(taken);
    }
    for (unsigned i = 0; i < map.count; i++) {
        answer_word(map.region[i].base);
        answer_word(map.region[i].size);
        answer_word(map.region[i].type);
    }
}

static void run(enum operation operation, struct blob *blobs) {
    switch (operation) {
    case OP_CRC32:
        answer_word(crc32(blobs[0].data, blobs[0].size));
        break;
    case OP_ARCHIVE:
        run_archive(blobs);
        break;
    case OP_FIND:
        run_find(blobs);
        break;
    case OP_ELF:
        run_elf(blobs);
        break;
    case OP_LAYOUT:
        run_layout(blobs);
        break;
    case OP_MEMMAP:
        run_memmap(blobs);
        break;
    case OP_PARK:
        run_park(blobs);
        break;
    }
}

int main(void) {
    for (;;) {
        uint32_t head[2];
        read_exactly(head, sizeof(head));
        struct blob blobs[MAX_BLOBS] = {0};
        for (uint32_t i = 0; i < head[1]; i++) {
            blobs[i] = blob_read(head[0] == OP_LAYOUT && i == MAX_BLOBS - 1);
        }
        answer_size = 0;
        run((enum operation)head[0], blobs);
        uint32_t size = (uint32_t)answer_size;
        fwrite(&size, sizeof(size), 1, stdout);
        if (answer_size != 0) { /* there may be no buffer yet */
            fwrite(answer, 1, answer_size, stdout);
        }
        fflush(stdout);
        for (uint32_t i = 0; i < head[1]; i++) {
            ASAN_UNPOISON_MEMORY_REGION(blobs[i].mapping, blobs[i].mapped);
            munmap(blobs[i].mapping, blobs[i].mapped);
        }
    }
}
