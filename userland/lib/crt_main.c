/* From the first stack to main(): memory, slots, fibres, arguments. A monitor has no argument page; it is known by its
   kernel capability and brings its memory in itself. */
#include <abi/stubs.h>
#include <skerry/domain.h>
#include <skerry/fibre.h>
#include <skerry/ram.h>
#include <skerry/slots.h>

#include "lib/domain_internal.h"
#include "lib/fibre_internal.h"

#define ARGUMENTS_MAX 64

NORETURN void crt_main(void);

typedef void (*initialiser)(void);

/* From the link script. */
extern const initialiser __init_array_start[], __init_array_end[];

static const struct domain_args *arguments;
static char *argument_list[ARGUMENTS_MAX + 1];

const struct domain_args *domain_args(void) {
    return arguments;
}

static bool is_monitor(void) {
    return kernel_info(CAP_KERNEL, KERNEL_INFO_POOL, NULL, NULL, NULL) == ERR_OK;
}

/* The texts stand one after the other in the page. */
static int split_arguments(const struct domain_args *page) {
    const char *at = page->text;
    const char *end = page->text + MIN((size_t)page->bytes, sizeof(page->text));
    int count = 0;
    while (at < end && count < ARGUMENTS_MAX && (uint32_t)count < page->argc) {
        argument_list[count++] = (char *)(uintptr_t)at;
        while (at < end && *at != '\0') {
            at++;
        }
        at++;
    }
    return count;
}

static void make_tls(void) {
    if (!tls_wanted()) {
        return;
    }
    if (tls_make(fibre_current) != ERR_OK) {
        dispatcher_end();
    }
    tls_load(fibre_current);
}

/* [ELF gABI, Initialization and Termination Functions] */
static void initialise(void) {
    for (const initialiser *at = __init_array_start; at < __init_array_end; at++) {
        (*at)();
    }
}

void crt_main(void) {
    slots_init();
    int count = 0;
    if (!is_monitor()) {
        arguments = (const struct domain_args *)USER_ARGUMENTS_VADDR;
        count = split_arguments(arguments);
        ram_add(CAP_RAM, 0, arguments->ram_size, RAM_POOL);
    }
    make_tls();
    lrpc_init();
    initialise();
    if (arguments != NULL && arguments->entry != 0) {
        domain_span_member();
    }
    exit(main(count, argument_list));
}
