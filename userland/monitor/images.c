/* Archive access. The loader has checked the monitor's own file, so that one is not checked again. */
#include "monitor/images.h"

#include <skerry/slots.h>
#include <skerry/string.h>
#include <skerry/vspace.h>

#include "monitor/machine.h"

static struct archive archive;
static bool opened;

static err_t open_archive(void) {
    const struct boot_data *boot = boot_data();
    struct vspace_request request = {CAP_ARCHIVE, 0, ALIGN_UP(boot->archive_size, PAGE_SIZE), MAP_READ};
    void *at;
    if (opened) {
        return ERR_OK;
    }
    TRY(vspace_map(&request, &at, NULL));
    TRY(archive_open((const char *)at + boot->archive_base % PAGE_SIZE, boot->archive_size, &archive, NULL));
    opened = true;
    return ERR_OK;
}

uint64_t images_run_id(void) {
    return open_archive() == ERR_OK ? archive.run_id : 0;
}

uint32_t images_cores(void) {
    struct archive_cursor cursor;
    struct archive_file file;
    uint32_t count = 0;
    if (open_archive() != ERR_OK) {
        return 0;
    }
    archive_first(&archive, &cursor);
    while (archive_next(&archive, &cursor, &file) == ERR_OK) {
        count += file.core != ARCHIVE_NO_CORE;
    }
    return count;
}

err_t images_open(const char *path, struct elf *elf) {
    struct archive_file file;
    TRY(open_archive());
    TRY(archive_find(&archive, path, &file));
    if (strcmp(path, "bin/monitor") != 0) {
        TRY(archive_check(&file));
    }
    return elf_open(file.data, file.size, elf);
}

err_t images_file(const char *path, const void **data, uint64_t *size) {
    struct archive_file file;
    TRY(open_archive());
    TRY(archive_find(&archive, path, &file));
    TRY(archive_check(&file));
    *data = file.data;
    *size = file.size;
    return ERR_OK;
}

err_t images_share(const char *path, struct image_file *file) {
    const void *data;
    TRY(images_file(path, &data, &file->size));
    TRY(slot_mint(CAP_ARCHIVE, RIGHT_READ | RIGHT_GRANT, 0, &file->archive));
    file->offset = (uint64_t)((const uint8_t *)data - archive.base) + boot_data()->archive_base % PAGE_SIZE;
    return ERR_OK;
}
