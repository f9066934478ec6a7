/*
 * The boot archive: cpio "newc", whose first file is the manifest and whose other files follow in the manifest's order.
 *
 * Manifest: a first line `skerry 1 <run id, 16 hex> <contract hash, 16 hex>`, then for each file one line
 * `<path> <size> <crc32, 8 hex> <build id, 40 hex, or -> <core, or ->`.
 *
 * archive_open walks over all headers and lines once, so that an archive that is cut short is found out at the start;
 * the contents of a file are checked by archive_check, when it is used. Nothing is copied or changed: an open archive
 * points into the memory that it was opened on. Nothing outside [base, base + size) is ever read.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <abi/abi.h>

#define ARCHIVE_NO_CORE 0xffffffffu
#define ARCHIVE_BUILD_ID_SIZE 41 /* 40 hex digits and NUL */

struct archive {
    const uint8_t *base;
    uint64_t size;
    uint64_t run_id;
    uint64_t contract; /* to be compared with CONTRACT_HASH */
    unsigned count;    /* files, without the manifest */
    uint64_t files;    /* offset of the first file's header */
    const char *lines; /* the first file's line in the manifest */
    const char *lines_end;
};

struct archive_file {
    const char *path; /* NUL-terminated, in the archive */
    const void *data;
    uint64_t size;
    uint32_t crc;
    coreid_t core;                        /* whose image it is, or ARCHIVE_NO_CORE */
    char build_id[ARCHIVE_BUILD_ID_SIZE]; /* "" when it has none */
};

/* A place between two files. */
struct archive_cursor {
    uint64_t offset;
    const char *line;
};

/*
 * ERR_FORMAT: not a cpio archive, cut short, or the manifest does not fit the files; `*where` (may be NULL) is the offset
 * of the entry that is wrong. ERR_NOT_FOUND: the first file is not a manifest.
 */
[[nodiscard]] err_t archive_open(const void *base, uint64_t size, struct archive *out, uint64_t *where);

void archive_first(const struct archive *archive, struct archive_cursor *out);

/* The file at the cursor, which moves on. ERR_NOT_FOUND after the last. */
[[nodiscard]] err_t archive_next(const struct archive *archive, struct archive_cursor *cursor,
                                 struct archive_file *out);

/* A file by its path ("core/1"). ERR_NOT_FOUND when the archive has none. */
[[nodiscard]] err_t archive_find(const struct archive *archive, const char *path, struct archive_file *out);

/* Compares a file's contents with its checksum: ERR_FORMAT when they differ. */
[[nodiscard]] err_t archive_check(const struct archive_file *file);
