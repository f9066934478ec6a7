/* In place of the generated stubs: the three operations that gifts.c invokes, as host.c models them. */
#ifndef ABI_STUBS_H
#define ABI_STUBS_H

#include <abi/abi.h>

#define SLOT(cnode, index) ((uint64_t)(capaddr_t)(cnode) << 32 | (uint32_t)(index))

err_t kernel_give(capaddr_t self, capaddr_t ram, uint64_t core);
err_t kernel_reclaim(capaddr_t self, capaddr_t ram);
err_t kernel_adopt(capaddr_t self, uint64_t base, uint64_t size, uint64_t dst);

#endif
