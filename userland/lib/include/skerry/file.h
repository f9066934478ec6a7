/* Files of the boot archive: read-only, the same on every core, there from the start to the end of the machine. */
#ifndef SKERRY_FILE_H
#define SKERRY_FILE_H

#include <skerry/vspace.h>

#define FILE_PATH_MAX 72 /* bytes, with the NUL */

struct file {
    const void *data; /* in this domain's address space, until file_close() */
    uint64_t size;
    struct vspace_mapping mapping;
    capaddr_t archive;
};

/* Maps the file with this path, such as "etc/limerick". NOT_FOUND; ARGUMENT: the path is longer than any in the archive;
   FORMAT: damaged. */
[[nodiscard]] err_t file_open(const char *path, struct file *file);
void file_close(struct file *file);

#endif
