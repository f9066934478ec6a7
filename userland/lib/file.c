/* The archive is one frame; a file in it begins anywhere, so the pages that it touches are mapped. */
#include <skerry/file.h>

#include <if/monitor.h>
#include <skerry/domain.h>
#include <skerry/fibre.h>
#include <skerry/lrpc.h>
#include <skerry/slots.h>
#include <skerry/string.h>

_Static_assert(FILE_PATH_MAX == LRPC_PAYLOAD_BYTES, "a path fits a request");

static err_t map(uint64_t offset, struct file *file) {
    uint64_t before = offset % PAGE_SIZE;
    struct vspace_request request = {file->archive, offset - before, ALIGN_UP(before + MAX(file->size, 1ul), PAGE_SIZE),
                                     MAP_READ};
    void *at;
    TRY(vspace_map(&request, &at, &file->mapping));
    file->data = (const char *)at + before;
    return ERR_OK;
}

err_t file_open(const char *path, struct file *file) {
    PINNED();
    struct lrpc_call call = {.operation = MONITOR_FILE};
    size_t length = strlen(path);
    if (length >= FILE_PATH_MAX) {
        return ERR_ARGUMENT;
    }
    memcpy(call.request, path, length);
    TRY(domain_ask(&call));
    if (call.reply_cap == CAP_NULL) {
        return ERR_FORMAT;
    }
    file->archive = call.reply_cap;
    file->size = call.reply[2];
    err_t err = map(call.reply[1], file);
    if (err != ERR_OK) {
        slot_release(file->archive);
    }
    return err;
}

void file_close(struct file *file) {
    PINNED();
    (void)vspace_unmap(&file->mapping);
    slot_release(file->archive);
}
