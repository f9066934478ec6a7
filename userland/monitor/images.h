/* The boot archive as this monitor sees it: mapped whole, read-only, and opened when first used, which most monitors
   never do. */
#ifndef MONITOR_IMAGES_H
#define MONITOR_IMAGES_H

#include <boot/archive.h>
#include <boot/elf.h>
#include <skerry/base.h>

/* The build's number; 0 when the archive cannot be read. */
uint64_t images_run_id(void);

/* How many core images there are. */
uint32_t images_cores(void);

/* Finds, checks the checksum and opens. NOT_FOUND: no such file; FORMAT: damaged. */
[[nodiscard]] err_t images_open(const char *path, struct elf *elf);

/* A file as it is, in the archive for good. */
[[nodiscard]] err_t images_file(const char *path, const void **data, uint64_t *size);

/* The same for a domain: a capability with which it can read the archive, and where in that the file lies. */
struct image_file {
    capaddr_t archive;
    uint64_t offset, size;
};
[[nodiscard]] err_t images_share(const char *path, struct image_file *file);

#endif
