/* Capabilities that this domain has not, has no longer, or had better not use. */
#include <skerry/ram.h>
#include <skerry/slots.h>
#include <skerry/vspace.h>

#include "programs/hostile/hostile.h"

#define FORGERIES 30000

/* An address that no slot of ours has: past the root's 64 slots, or with bits that there are not. */
static capaddr_t forged_address(void) {
    uint32_t root_slots = 64, random = (uint32_t)random_next();
    return one_in(2) ? CAPADDR_ROOT | MAX(random >> 1, root_slots) : MAX(random >> 1, root_slots * 64);
}

static uint64_t forged_word(void) {
    return one_in(2) ? odd_address() : SLOT(forged_address(), random_next() % 128);
}

static err_t forge(capaddr_t cap, uint64_t operation) {
    uint64_t word[INVOKE_ARGS], result[INVOKE_RESULTS];
    for (unsigned i = 0; i < INVOKE_ARGS; i++) {
        word[i] = forged_word();
    }
    return sys_invoke(cap, operation, word, result);
}

static bool is_refusal(err_t err) {
    return err >= ERR_CAP_ADDRESS && err <= ERR_CAP_OPERATION;
}

void case_forge(void) {
    for (unsigned i = 0; i < FORGERIES; i++) {
        must_answer("a forged address", forge(forged_address(), random_next() % 32), ERR_CAP_ADDRESS);
    }
    for (capaddr_t slot = CAP_KERNEL; slot < CAP_FREE; slot++) {
        for (unsigned operation = 0; slot != CAP_TRACE && operation < 32; operation++) {
            must_answer("a capability that only others have", forge(slot, operation), ERR_CAP_EMPTY);
        }
    }
    for (unsigned operation = 32; operation < 10000; operation++) {
        must_hold("an operation that there is not", is_refusal(forge(CAP_ROOT_CNODE, operation)));
        must_hold("an operation that there is not", is_refusal(forge(CAP_ROOT_CNODE, (uint64_t)operation << 32)));
    }
    must_answer("more rights than there are", cap_mint(CAP_MONITOR, slot_word(need_slot()), RIGHT_ALL, 0),
                ERR_CAP_RIGHTS);
    must_answer("another domain's badge", cap_mint(CAP_MONITOR, slot_word(need_slot()), RIGHT_WRITE, 1),
                ERR_CAP_RIGHTS);
}

static void load(uint64_t address) {
    (void)*(const volatile uint64_t *)address;
}

static void store(uint64_t address) {
    *(volatile uint64_t *)address = 0x7374616c65;
}

/* Memory, its mapping and its capability, after each of the ways in which they can end. */
static void stale_memory(bool by_revoke) {
    struct ram_request wanted = {.size = 2 * PAGE_SIZE, .properties = RAM_POOL};
    struct ram_block block;
    capaddr_t ram, frame = need_slot();
    need("memory", ram_alloc(&wanted, &block));
    need("RAM", ram_retype(&block, CAP_TYPE_RAM, &ram));
    need("a frame", cap_retype(ram, CAP_TYPE_FRAME, 0, PAGE_SIZE, 1, slot_word(frame)));
    struct vspace_request request = {frame, 0, PAGE_SIZE, MAP_READ | MAP_WRITE};
    struct vspace_mapping mapping;
    void *at;
    need("a mapping", vspace_map(&request, &at, &mapping));
    must_hold("new memory is not zero", *(volatile uint64_t *)at == 0);
    store((uint64_t)at);
    if (by_revoke) {
        need("revoke", cap_revoke(ram));
    } else {
        need("unmap", cap_delete(mapping.run[0]));
        need("delete", cap_delete(frame));
    }
    must_fault("load from memory that is gone", load, (uint64_t)at, PAGE_FAULT);
    must_fault("store to memory that is gone", store, (uint64_t)at, PAGE_FAULT);
    must_answer("use of a frame that is gone", frame_identify(frame, NULL, NULL), ERR_CAP_EMPTY);
    must_answer("use of a mapping that is gone", mapping_protect(mapping.run[0], MAP_READ), ERR_CAP_EMPTY);
    need("the frame anew", cap_retype(ram, CAP_TYPE_FRAME, 0, PAGE_SIZE, 1, slot_word(frame)));
    request.cap = frame;
    need("its mapping", vspace_map(&request, &at, &mapping));
    must_hold("memory shows what its last owner left there", *(volatile uint64_t *)at == 0);
    must_answer("memory in use is retyped", cap_retype(ram, CAP_TYPE_CNODE, 0, PAGE_SIZE, 1, slot_word(need_slot())),
                ERR_RETYPE_BUSY);
    need("write protection", mapping_protect(mapping.run[0], MAP_READ));
    must_fault("store to what has become read-only", store, (uint64_t)at, PAGE_FAULT);
    must_answer("writable and executable", mapping_protect(mapping.run[0], MAP_READ | MAP_WRITE | MAP_EXECUTE),
                ERR_MAP_FLAGS);
    need("revoke", cap_revoke(ram));
    slot_release(ram);
}

/* A page table that ends takes its mappings along. */
static void stale_table(void) {
    capaddr_t table, frame, below = need_slot(), mapping = need_slot();
    struct ram_block block;
    need("a table", ram_make(CAP_TYPE_VNODE_L3, VNODE_SIZE, &table, &block));
    need("a table", ram_make(CAP_TYPE_VNODE_L2, VNODE_SIZE, &frame, &block));
    need("a mapping", vnode_map(table, 5, frame, 0, 1, MAP_READ, slot_word(below)));
    need("a mapping", vnode_map(CAP_VSPACE, 200, table, 0, 1, MAP_READ, slot_word(mapping)));
    must_answer("the CPU driver's half", vnode_map(CAP_VSPACE, 256, table, 0, 1, MAP_READ, slot_word(need_slot())),
                ERR_MAP_SLOT);
    must_answer("the slot that stays empty", vnode_map(CAP_VSPACE, 255, table, 0, 1, MAP_READ, slot_word(need_slot())),
                ERR_MAP_SLOT);
    must_answer("a table in itself", vnode_map(table, 6, table, 0, 1, MAP_READ, slot_word(need_slot())), ERR_MAP_LEVEL);
    need("delete", cap_delete(table));
    must_answer("a mapping in a table that is gone", mapping_protect(below, MAP_READ), ERR_CAP_EMPTY);
    must_answer("a mapping of a table that is gone", cap_delete(mapping), ERR_OK);
    must_fault("load through a table that is gone", load, 200ull << 39 | 5ull << 30, PAGE_FAULT);
}

/* Faces of a dispatcher that has ended. */
static void stale_dispatcher(void) {
    capaddr_t dispatcher, endpoint = need_slot(), notification = need_slot();
    struct ram_block block;
    uint64_t word[LRPC_WORDS] = {0};
    need("a dispatcher", ram_make(CAP_TYPE_DISPATCHER, DISPATCHER_SIZE, &dispatcher, &block));
    need("an endpoint", dispatcher_endpoint(dispatcher, slot_word(endpoint)));
    need("a notification", dispatcher_notification(dispatcher, slot_word(notification), 3));
    must_answer("a message to one not set up", dispatcher_send(endpoint, CAP_NULL, word), ERR_PEER_DEAD);
    must_answer("run one not set up", dispatcher_run(dispatcher), ERR_NOT_READY);
    must_answer("a signal to one not set up", notification_signal(notification), ERR_OK);
    need("delete", cap_delete(dispatcher));
    must_answer("a message to one that is gone", dispatcher_send(endpoint, CAP_NULL, word), ERR_PEER_DEAD);
    must_answer("a signal to one that is gone", notification_signal(notification), ERR_OK);
    must_answer("its memory is used", ram_retype(&block, CAP_TYPE_CNODE, &dispatcher), ERR_RETYPE_BUSY);
}

void case_stale(void) {
    stale_memory(false);
    stale_memory(true);
    stale_table();
    stale_dispatcher();
}

/* CNodes that hold each other's last capability, and their own; then their memory is revoked. */
void case_rings(void) {
    for (unsigned round = 0; round < 50; round++) {
        capaddr_t ram, cnode[4];
        struct ram_request wanted = {.size = 8 * PAGE_SIZE, .properties = RAM_POOL};
        struct ram_block block;
        need("memory", ram_alloc(&wanted, &block));
        need("RAM", ram_retype(&block, CAP_TYPE_RAM, &ram));
        for (unsigned i = 0; i < ARRAY_SIZE(cnode); i++) {
            cnode[i] = need_slot();
            need("a CNode", cap_retype(ram, CAP_TYPE_CNODE, i * PAGE_SIZE, PAGE_SIZE, 1, slot_word(cnode[i])));
        }
        for (unsigned i = 0; i < 40; i++) {
            (void)cap_copy(cnode[random_next() % 4], SLOT(cnode[random_next() % 4], random_next() % 63));
        }
        for (unsigned i = 0; i < ARRAY_SIZE(cnode); i++) {
            must_answer("a CNode goes into another", cap_copy(cnode[i], SLOT(cnode[(i + 1 + round) % 4], 63)), ERR_OK);
        }
        for (unsigned i = 0; i < ARRAY_SIZE(cnode); i++) {
            must_answer("its capability outside is deleted", cap_delete(cnode[i]), ERR_OK);
            slot_free(cnode[i]);
        }
        must_answer("what holds itself is revoked with its memory", cap_revoke(ram), ERR_OK);
        must_answer("its memory is free", cap_retype(ram, CAP_TYPE_FRAME, 0, 8 * PAGE_SIZE, 1, slot_word(cnode[0])),
                    ERR_OK);
        need("revoke", cap_revoke(ram));
        slot_release(ram);
        ram_free(&block);
    }
}

/* The rest do not come back: the CPU driver stops a dispatcher that has lost what it stands on. */

void case_revoke_cspace(void) {
    report();
    (void)cap_revoke(CAP_ROOT_CNODE);
    must_hold("it runs without a capability space", false);
}

void case_revoke_vspace(void) {
    report();
    (void)cap_revoke(CAP_VSPACE);
    must_hold("it runs without an address space", false);
}

void case_revoke_frame(void) {
    report();
    (void)cap_revoke(CAP_FRAME);
    must_hold("it runs without a frame", false);
}

/* All but what it needs to stop itself: it has nobody left to tell that it ends. */
void case_delete_all(void) {
    report();
    for (capaddr_t slot = CAP_NULL; slot < 64 * 64; slot++) {
        if (slot != CAP_DISPATCHER && slot != CAP_TASK_CNODE && slot != CAP_ROOT_CNODE) {
            (void)cap_delete(slot);
        }
    }
    (void)cap_delete(CAP_ROOT_CNODE);
    dispatcher_end();
}
