/*
 * Reads the boot archive: cpio "newc" headers and manifest lines, side by side.
 *
 * A newc header is 110 ASCII characters: a magic, then 13 fields of 8 hex digits of which two matter here. After it the
 * name with its NUL, padding to 4 bytes, the contents, padding to 4 bytes; the entry named "TRAILER!!!" ends it.
 */
#include "boot/archive.h"

#include "boot/crc32.h"
#include "boot/freestanding.h"
#include "boot/scan.h"

#define HEADER_SIZE 110
#define FIELD_DIGITS 8
#define FIELD_FILE_SIZE (6 + 6 * FIELD_DIGITS)
#define FIELD_NAME_SIZE (6 + 11 * FIELD_DIGITS)
#define BUILD_ID_DIGITS (ARCHIVE_BUILD_ID_SIZE - 1)

struct entry {
    const char *name; /* NUL-terminated */
    const uint8_t *data;
    uint64_t size;
    uint64_t next; /* offset of the entry after it */
};

static uint64_t align4(uint64_t value) {
    return (value + 3) & ~3ULL;
}

static bool same(const char *a, const char *b) {
    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

static bool read_field(const uint8_t *header, unsigned field, uint64_t *out) {
    struct scan s = {.at = (const char *)header + field, .end = (const char *)header + field + FIELD_DIGITS};
    return scan_hex(&s, FIELD_DIGITS, out);
}

/* The entry at `offset`, wholly inside the archive. The sizes have 32 bits, so their sums do not overflow. */
static err_t read_entry(const struct archive *a, uint64_t offset, struct entry *out) {
    if (offset > a->size || a->size - offset < HEADER_SIZE) {
        return ERR_FORMAT;
    }
    const uint8_t *header = a->base + offset;
    uint64_t name_size, file_size;
    if (memcmp(header, "070701", 6) != 0 || !read_field(header, FIELD_NAME_SIZE, &name_size) ||
        !read_field(header, FIELD_FILE_SIZE, &file_size) || name_size == 0) {
        return ERR_FORMAT;
    }
    uint64_t name = offset + HEADER_SIZE;
    uint64_t data = align4(name + name_size);
    if (data > a->size || file_size > a->size - data || a->base[name + name_size - 1] != '\0') {
        return ERR_FORMAT;
    }
    out->name = (const char *)a->base + name;
    out->data = a->base + data;
    out->size = file_size;
    out->next = align4(data + file_size);
    return ERR_OK;
}

static bool scan_build_id(struct scan *s, char *out) {
    out[0] = '\0';
    if (scan_char(s, '-')) {
        return true;
    }
    for (unsigned i = 0; i < BUILD_ID_DIGITS; i++) {
        unsigned digit;
        if (s->at == s->end || !scan_digit(*s->at, 16, &digit)) {
            return false;
        }
        out[i] = *s->at++;
    }
    out[BUILD_ID_DIGITS] = '\0';
    return true;
}

static bool scan_core(struct scan *s, coreid_t *out) {
    *out = ARCHIVE_NO_CORE;
    if (scan_char(s, '-')) {
        return true;
    }
    uint64_t core;
    if (!scan_decimal(s, &core) || core >= MAX_CORES) {
        return false;
    }
    *out = (coreid_t)core;
    return true;
}

/* The manifest's line for an entry; it must say the entry's name and size. */
static bool scan_line(struct scan *s, const struct entry *entry, struct archive_file *out) {
    uint64_t size, crc;
    if (!scan_literal(s, entry->name) || !scan_char(s, ' ') || !scan_decimal(s, &size) || size != entry->size) {
        return false;
    }
    if (!scan_char(s, ' ') || !scan_hex(s, 8, &crc) || !scan_char(s, ' ') || !scan_build_id(s, out->build_id)) {
        return false;
    }
    if (!scan_char(s, ' ') || !scan_core(s, &out->core) || !scan_char(s, '\n')) {
        return false;
    }
    out->path = entry->name;
    out->data = entry->data;
    out->size = size;
    out->crc = (uint32_t)crc;
    return true;
}

void archive_first(const struct archive *archive, struct archive_cursor *out) {
    out->offset = archive->files;
    out->line = archive->lines;
}

err_t archive_next(const struct archive *archive, struct archive_cursor *cursor, struct archive_file *out) {
    struct entry entry;
    TRY(read_entry(archive, cursor->offset, &entry));
    if (same(entry.name, "TRAILER!!!")) {
        return cursor->line == archive->lines_end ? ERR_NOT_FOUND : ERR_FORMAT;
    }
    struct scan line = {.at = cursor->line, .end = archive->lines_end};
    struct archive_file file;
    if (!scan_line(&line, &entry, &file)) {
        return ERR_FORMAT;
    }
    cursor->offset = entry.next;
    cursor->line = line.at;
    *out = file;
    return ERR_OK;
}

/* The manifest's entry and first line. */
static err_t open_manifest(struct archive *a) {
    struct entry manifest;
    TRY(read_entry(a, 0, &manifest));
    if (!same(manifest.name, "manifest")) {
        return ERR_NOT_FOUND;
    }
    struct scan s = {.at = (const char *)manifest.data, .end = (const char *)manifest.data + manifest.size};
    if (!scan_literal(&s, "skerry 1 ") || !scan_hex(&s, 16, &a->run_id) || !scan_char(&s, ' ') ||
        !scan_hex(&s, 16, &a->contract) || !scan_char(&s, '\n')) {
        return ERR_FORMAT;
    }
    a->files = manifest.next;
    a->lines = s.at;
    a->lines_end = s.end;
    return ERR_OK;
}

/* Walks to the end: counts the files, or leaves the cursor before the wrong one. */
static err_t count_files(struct archive *a, struct archive_cursor *cursor) {
    for (;;) {
        struct archive_file file;
        err_t err = archive_next(a, cursor, &file);
        if (err != ERR_OK) {
            return err == ERR_NOT_FOUND ? ERR_OK : err;
        }
        a->count++;
    }
}

err_t archive_open(const void *base, uint64_t size, struct archive *out, uint64_t *where) {
    struct archive a = {.base = base, .size = size};
    struct archive_cursor cursor = {.offset = 0};
    err_t err = open_manifest(&a);
    if (err == ERR_OK) {
        archive_first(&a, &cursor);
        err = count_files(&a, &cursor);
    }
    if (err == ERR_OK) {
        *out = a;
    } else if (where != NULL) {
        *where = cursor.offset;
    }
    return err;
}

err_t archive_find(const struct archive *archive, const char *path, struct archive_file *out) {
    struct archive_cursor cursor;
    archive_first(archive, &cursor);
    struct archive_file file;
    do {
        TRY(archive_next(archive, &cursor, &file));
    } while (!same(file.path, path));
    *out = file;
    return ERR_OK;
}

err_t archive_check(const struct archive_file *file) {
    return crc32(file->data, file->size) == file->crc ? ERR_OK : ERR_FORMAT;
}
