/* Between user_host.c and user_host_urpc.c. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct blob {
    char *bytes;
    uint32_t size;
};

void answer_bytes(const void *bytes, size_t size);
void answer_word(uint64_t word);
void answer_text(const char *text, size_t size);
uint64_t blob_word(const struct blob *blob, unsigned index);

void urpc_operation(uint32_t operation, const struct blob *blobs);
