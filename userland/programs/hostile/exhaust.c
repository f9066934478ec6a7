/* All slots, all memory, all time that this domain's memory can buy; then everything is given back and works again. */
#include <skerry/domain.h>
#include <skerry/ram.h>
#include <skerry/slots.h>
#include <skerry/time.h>
#include <skerry/vspace.h>

#include "programs/hostile/victim.h"

#define CROWD_MAX 128
#define CROWD_MS 1000
#define CNODES_MAX 128

void case_slots(void) {
    static capaddr_t cnode[CNODES_MAX];
    unsigned cnodes = 0;
    uint64_t copies = 0;
    struct ram_block block;
    err_t err;
    capaddr_t pages, many;
    need("memory", ram_make(CAP_TYPE_RAM, 32 * PAGE_SIZE, &pages, &block));
    need("a CNode", ram_make(CAP_TYPE_CNODE, PAGE_SIZE, &many, &block));
    while (cnodes < CNODES_MAX && (err = ram_make(CAP_TYPE_CNODE, PAGE_SIZE, &cnode[cnodes], &block)) == ERR_OK) {
        for (unsigned slot = 0; slot < 64; slot++) {
            must_answer("a copy", cap_copy(CAP_TASK_CNODE, SLOT(cnode[cnodes], slot)), ERR_OK);
            copies++;
        }
        must_answer("a copy into a slot that is full", cap_copy(CAP_TASK_CNODE, SLOT(cnode[cnodes], 63)),
                    ERR_SLOT_OCCUPIED);
        must_answer("a copy past the end", cap_copy(CAP_TASK_CNODE, SLOT(cnode[cnodes], 64)), ERR_SLOT_RANGE);
        cnodes++;
    }
    must_answer("many at once", cap_retype(pages, CAP_TYPE_RAM, 0, PAGE_SIZE, 32, SLOT(many, 0)), ERR_OK);
    must_answer("all of them go", cap_revoke(pages), ERR_OK);
    must_hold("there is no end to capabilities", cnodes < CNODES_MAX);
    must_hold("there were too few", copies > 1000);
    for (unsigned i = 0; i < cnodes; i++) {
        must_answer("a full CNode is deleted", cap_delete(cnode[i]), ERR_OK);
        slot_free(cnode[i]);
    }
}

void case_memory(void) {
    uint64_t pages = 0, spare = slot_word(need_slot());
    void *at;
    while (vspace_pages(PAGE_SIZE, &at) == ERR_OK) {
        *(volatile uint64_t *)at = ~0ull;
        pages++;
    }
    must_hold("there was too little", pages > 16);
    must_hold("there was more than it was given", pages * PAGE_SIZE <= domain_args()->ram_size);
    uint64_t last = domain_args()->ram_size;
    must_answer("memory past the end", cap_retype(CAP_RAM, CAP_TYPE_FRAME, last, PAGE_SIZE, 1, spare),
                ERR_RETYPE_RANGE);
    must_answer("memory that wraps", cap_retype(CAP_RAM, CAP_TYPE_FRAME, 0, UINT64_MAX & ~0xfffull, 2, spare),
                ERR_RETYPE_RANGE);
}

/* The crowd shares one frame, for the sake of memory; it does nothing with it. */
void case_dispatchers(void) {
    struct victim first = victim_make(victim_spin);
    capaddr_t crowd[CROWD_MAX], frame, cspace;
    unsigned count = 0;
    struct ram_block block;
    need("a frame", ram_make(CAP_TYPE_FRAME, PAGE_SIZE, &frame, &block));
    need("a CNode", ram_make(CAP_TYPE_CNODE, PAGE_SIZE, &cspace, &block));
    struct vspace_request request = {frame, 0, PAGE_SIZE, MAP_READ | MAP_WRITE};
    void *at;
    need("a mapping", vspace_map(&request, &at, NULL));
    ((volatile struct dispatcher_frame *)at)->entry_run = (vaddr_t)victim_spin;
    while (count < CROWD_MAX && ram_make(CAP_TYPE_DISPATCHER, DISPATCHER_SIZE, &crowd[count], &block) == ERR_OK) {
        need("set-up", dispatcher_setup(crowd[count], cspace, CAP_VSPACE, frame, (vaddr_t)at));
        if (dispatcher_run(crowd[count++]) != ERR_OK) {
            break; /* nothing left to give it */
        }
        must_answer("all weight", dispatcher_weight(crowd[count - 1], 10000), ERR_ARGUMENT);
        must_answer("the least weight", dispatcher_weight(crowd[count - 1], 1), ERR_OK);
    }
    must_hold("there is no end to dispatchers", count < CROWD_MAX);
    must_hold("there were too few", count > 16);
    must_answer("weight out of nothing", dispatcher_weight(CAP_DISPATCHER, 10000), ERR_ARGUMENT);
    uint64_t end = time_deadline(CROWD_MS), turns = 0;
    for (; time_now() < end; turns++) {
        (void)sys_yield(CAP_NULL);
    }
    must_hold("one of many gets no turn", turns > 0);
    for (unsigned i = 0; i < count; i++) {
        must_answer("one of the crowd is deleted", cap_delete(crowd[i]), ERR_OK);
    }
    victim_end(&first);
}
