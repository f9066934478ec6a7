/* A domain is made of one block of pool RAM, cut up in order:
     root CNode | task CNode | CNode for tables and mappings | page tables | dispatcher | frame | trace ring | stack | image |
     its RAM
   `image` is one frame with the program's segments and the argument page, filled through a mapping of ours and then
   mapped piece by piece with each piece's rights into the new address space. All capabilities are made in the new
   domain's own CNodes, so revoking the block's capability leaves nothing behind. */
#include "monitor/spawn.h"

#include <abi/stubs.h>
#include <skerry/log.h>
#include <skerry/lrpc.h>
#include <skerry/print.h>
#include <skerry/slots.h>
#include <skerry/string.h>
#include <skerry/thread.h>
#include <skerry/vspace.h>

#include "monitor/domains.h"
#include "monitor/images.h"
#include "monitor/machine.h"
#include "monitor/memory.h"
#include "monitor/trace.h"

#define STACK_SIZE (16 * PAGE_SIZE)
#define OWN_RAM_MIN (16 * PAGE_SIZE)
#define TABLE_SPAN (PAGE_SIZE * 512)
#define LEVEL1_MAX 16 /* tables for the first 32 MiB, where everything set up by the starter lies */
#define LEVEL1_TOP (LEVEL1_MAX * TABLE_SPAN)
#define CNODE_SLOTS (1u << CNODE_SLOTS_BITS)

/* A domain being made. The capabilities are in slots of ours until finish() deletes them. */
struct making {
    const struct spawn_request *request;
    struct domain *domain;
    struct elf elf;
    uint64_t image_size; /* segments, then the argument page */
    uint64_t used;       /* of the block */
    uint64_t own_ram;
    uint32_t next_slot; /* of the CNode for tables and mappings */
    capaddr_t root, task, tables;
    capaddr_t level4, level2;
    capaddr_t level1[LEVEL1_MAX];
    capaddr_t frame, stack, image;
    uint64_t given;
};

static uint64_t segment_size(const struct elf_segment *segment) {
    return elf_segment_end(segment) - elf_segment_base(segment);
}

/* Cuts the next `size` bytes off the block, straight into `dst`. */
static err_t cut(struct making *m, unsigned type, uint64_t size, uint64_t dst) {
    TRY(cap_retype(m->domain->ram, type, m->used, size, 1, dst));
    m->used += size;
    return ERR_OK;
}

/* The same into a slot of ours. */
static err_t cut_here(struct making *m, unsigned type, uint64_t size, capaddr_t *cap) {
    capaddr_t slot;
    TRY(slot_alloc(&slot));
    err_t err = cut(m, type, size, slot_word(slot));
    if (err != ERR_OK) {
        slot_free(slot);
    } else {
        *cap = slot;
    }
    return err;
}

static uint64_t tables_slot(struct making *m) {
    return SLOT(m->tables, m->next_slot++);
}

static err_t task_copy(struct making *m, capaddr_t cap, uint32_t slot) {
    m->given |= 1ull << slot;
    return cap_copy(cap, SLOT(m->task, slot));
}

/* What it takes without memory of its own, before there is any. */
static uint64_t size_without_own(struct making *m) {
    m->image_size = PAGE_SIZE;
    for (unsigned i = 0; i < m->elf.count; i++) {
        m->image_size += segment_size(&m->elf.segments[i]);
    }
    uint64_t kernel_objects = (3 + 3 + LEVEL1_MAX + 1) * PAGE_SIZE;
    return kernel_objects + PAGE_SIZE + TRACE_RING_SIZE + STACK_SIZE + m->image_size;
}

static err_t take_block(struct making *m) {
    m->own_ram = m->request->own_ram != 0 ? m->request->own_ram : SPAWN_OWN_RAM;
    struct ram_request request = {.size = size_without_own(m) + m->own_ram, .properties = RAM_POOL};
    struct ram_block block;
    TRY(memory_alloc(&request, &block));
    err_t err = ram_retype(&block, CAP_TYPE_RAM, &m->domain->ram);
    if (err != ERR_OK) {
        ram_free(&block);
    } else {
        m->domain->block = block;
    }
    return err;
}

static err_t take_given(struct making *m) {
    uint64_t meta, size, needed = size_without_own(m);
    m->domain->ram = m->request->ram;
    TRY(kernel_identify(CAP_KERNEL, m->domain->ram, &meta, NULL, &size, NULL));
    if ((meta & 0xff) != CAP_TYPE_RAM) {
        return ERR_CAP_TYPE;
    }
    if (size < needed + OWN_RAM_MIN) {
        return ERR_NO_MEMORY;
    }
    m->own_ram = size - needed;
    return ERR_OK;
}

static err_t make_cspace(struct making *m) {
    TRY(cut_here(m, CAP_TYPE_CNODE, PAGE_SIZE, &m->root));
    TRY(cut_here(m, CAP_TYPE_CNODE, PAGE_SIZE, &m->task));
    TRY(cut_here(m, CAP_TYPE_CNODE, PAGE_SIZE, &m->tables));
    TRY(cap_copy(m->task, SLOT(m->root, ROOT_SLOT_TASK)));
    TRY(cap_copy(m->tables, SLOT(m->root, ROOT_SLOT_MEMORY)));
    TRY(task_copy(m, m->root, CAP_ROOT_CNODE));
    return task_copy(m, m->task, CAP_TASK_CNODE);
}

/* A table below another, kept in the new domain; `here` is a copy of ours. */
static err_t make_table(struct making *m, unsigned type, capaddr_t above, uint64_t index, capaddr_t *here) {
    TRY(cut_here(m, type, VNODE_SIZE, here));
    TRY(cap_copy(*here, tables_slot(m)));
    return vnode_map(above, index, *here, 0, 1, MAP_READ | MAP_WRITE | MAP_EXECUTE, tables_slot(m));
}

static err_t need_level1(struct making *m, vaddr_t vaddr) {
    uint64_t index = vaddr / TABLE_SPAN;
    if (index >= LEVEL1_MAX) {
        return ERR_ADDRESS;
    }
    return m->level1[index] != CAP_NULL ? ERR_OK
                                        : make_table(m, CAP_TYPE_VNODE_L1, m->level2, index, &m->level1[index]);
}

static err_t make_vspace(struct making *m) {
    capaddr_t level3;
    TRY(cut_here(m, CAP_TYPE_VNODE_L4, VNODE_SIZE, &m->level4));
    TRY(task_copy(m, m->level4, CAP_VSPACE));
    TRY(make_table(m, CAP_TYPE_VNODE_L3, m->level4, 0, &level3));
    err_t err = make_table(m, CAP_TYPE_VNODE_L2, level3, 0, &m->level2);
    slot_release(level3);
    return err;
}

/* Maps part of a frame into the new domain, table by table. */
static err_t map_there(struct making *m, vaddr_t vaddr, capaddr_t frame, uint64_t offset, uint64_t size,
                       unsigned flags) {
    while (size > 0) {
        uint64_t piece = MIN(size, TABLE_SPAN - vaddr % TABLE_SPAN);
        TRY(need_level1(m, vaddr));
        TRY(vnode_map(m->level1[vaddr / TABLE_SPAN], vaddr / PAGE_SIZE % 512, frame, offset, piece / PAGE_SIZE, flags,
                      tables_slot(m)));
        vaddr += piece;
        offset += piece;
        size -= piece;
    }
    return ERR_OK;
}

static err_t make_memory(struct making *m) {
    TRY(cut_here(m, CAP_TYPE_FRAME, PAGE_SIZE, &m->frame));
    TRY(task_copy(m, m->frame, CAP_FRAME));
    TRY(cut_here(m, CAP_TYPE_FRAME, TRACE_RING_SIZE, &m->domain->trace.ring));
    TRY(cut_here(m, CAP_TYPE_FRAME, STACK_SIZE, &m->stack));
    TRY(cap_copy(m->stack, tables_slot(m)));
    TRY(cut_here(m, CAP_TYPE_FRAME, m->image_size, &m->image));
    TRY(cap_copy(m->image, tables_slot(m)));
    TRY(map_there(m, USER_FRAME_VADDR, m->frame, 0, PAGE_SIZE, MAP_READ | MAP_WRITE));
    TRY(map_there(m, USER_TRACE_VADDR, m->domain->trace.ring, 0, TRACE_RING_SIZE, MAP_READ | MAP_WRITE));
    return map_there(m, USER_STACK_TOP - STACK_SIZE, m->stack, 0, STACK_SIZE, MAP_READ | MAP_WRITE);
}

static unsigned segment_rights(const struct elf_segment *segment) {
    return ((segment->flags & SEGMENT_FLAG_READ) != 0 ? MAP_READ : 0) |
           ((segment->flags & SEGMENT_FLAG_WRITE) != 0 ? MAP_WRITE : 0) |
           ((segment->flags & SEGMENT_FLAG_EXECUTE) != 0 ? MAP_EXECUTE : 0);
}

static err_t map_image(struct making *m) {
    uint64_t offset = 0;
    for (unsigned i = 0; i < m->elf.count; i++) {
        const struct elf_segment *segment = &m->elf.segments[i];
        uint64_t size = segment_size(segment);
        TRY(map_there(m, elf_segment_base(segment), m->image, offset, size, segment_rights(segment)));
        offset += size;
    }
    return map_there(m, USER_ARGUMENTS_VADDR, m->image, offset, PAGE_SIZE, MAP_READ);
}

static void fill_arguments(const struct making *m, struct domain_args *args) {
    const struct spawn_request *request = m->request;
    args->magic = ARGS_MAGIC;
    args->core = this_core();
    args->domain = m->domain->number;
    args->argc = request->argc;
    args->bytes = request->bytes;
    args->ram_size = m->own_ram;
    args->given = m->given;
    args->entry = request->entry;
    args->argument = request->argument;
    memcpy(args->text, request->text, request->bytes);
}

/* The frame is zero but for what the first upcall needs. */
static void fill(const struct making *m, char *image, struct dispatcher_frame *frame) {
    uint64_t offset = 0;
    for (unsigned i = 0; i < m->elf.count; i++) {
        elf_segment_copy(&m->elf.segments[i], image + offset);
        offset += segment_size(&m->elf.segments[i]);
    }
    fill_arguments(m, (struct domain_args *)(void *)(image + offset));
    frame->entry_run = m->elf.entry;
    frame->disabled = 1;
}

static err_t fill_mapped(const struct making *m) {
    struct vspace_request image = {m->image, 0, m->image_size, MAP_READ | MAP_WRITE};
    struct vspace_request frame = {m->frame, 0, PAGE_SIZE, MAP_READ | MAP_WRITE};
    struct vspace_mapping image_mapping, frame_mapping;
    void *image_at, *frame_at;
    TRY(vspace_map(&image, &image_at, &image_mapping));
    err_t err = vspace_map(&frame, &frame_at, &frame_mapping);
    if (err == ERR_OK) {
        fill(m, image_at, frame_at);
        err = vspace_unmap(&frame_mapping);
    }
    err_t unmapped = vspace_unmap(&image_mapping);
    return err == ERR_OK ? unmapped : err;
}

static int fill_thread(void *making) {
    return (int)fill_mapped(making);
}

/* Memory that somebody may take back while we write to it: by a thread, whose end by a fault is its own alone. */
static err_t fill_memory(struct making *m) {
    struct thread_request request = {.run = fill_thread, .argument = m, .name = "fill"};
    struct thread *thread;
    int status;
    if (m->request->ram == CAP_NULL) {
        return fill_mapped(m);
    }
    TRY(thread_create(&request, &thread));
    TRY(thread_join(thread, 0, &status));
    return (err_t)status;
}

static err_t make_gifts(struct making *m) {
    capaddr_t monitor;
    TRY(lrpc_endpoint(m->domain->number, RIGHT_WRITE, &monitor));
    TRY(cap_move(monitor, SLOT(m->task, CAP_MONITOR)));
    slot_free(monitor);
    TRY(cap_mint(CAP_TRACE, SLOT(m->task, CAP_TRACE), RIGHT_WRITE, 0));
    for (unsigned i = 0; i < m->request->gift_count; i++) {
        const struct spawn_gift *gift = &m->request->gifts[i];
        m->given |= 1ull << gift->slot;
        TRY(cap_move(gift->cap, SLOT(m->task, gift->slot)));
    }
    m->given |= 1ull << CAP_MONITOR | 1ull << CAP_RAM;
    return cut(m, CAP_TYPE_RAM, m->own_ram, SLOT(m->task, CAP_RAM));
}

static err_t make_dispatcher(struct making *m) {
    uint64_t name[2] = {0};
    memcpy(name, m->domain->name, sizeof(name));
    TRY(cut_here(m, CAP_TYPE_DISPATCHER, DISPATCHER_SIZE, &m->domain->dispatcher));
    TRY(task_copy(m, m->domain->dispatcher, CAP_DISPATCHER));
    TRY(dispatcher_name(m->domain->dispatcher, name[0], name[1]));
    return dispatcher_setup(m->domain->dispatcher, m->root, m->level4, m->frame, USER_FRAME_VADDR);
}

static err_t make(struct making *m) {
    TRY(m->request->ram == CAP_NULL ? take_block(m) : take_given(m));
    TRY(make_cspace(m));
    TRY(make_vspace(m));
    TRY(make_memory(m));
    TRY(map_image(m));
    TRY(make_dispatcher(m));
    TRY(make_gifts(m));
    TRY(fill_memory(m));
    if (m->request->ram == CAP_NULL) {
        trace_adopt(&m->domain->trace, m->domain->dispatcher);
    }
    return dispatcher_run(m->domain->dispatcher);
}

/* Our copies of what is the new domain's. */
static void release_copies(struct making *m) {
    capaddr_t copies[] = {m->root, m->task, m->tables, m->level4, m->level2, m->frame, m->stack, m->image};
    for (unsigned i = 0; i < ARRAY_SIZE(copies); i++) {
        if (copies[i] != CAP_NULL) {
            slot_release(copies[i]);
        }
    }
    for (unsigned i = 0; i < LEVEL1_MAX; i++) {
        if (m->level1[i] != CAP_NULL) {
            slot_release(m->level1[i]);
        }
    }
    for (unsigned i = 0; i < m->request->gift_count; i++) {
        slot_release(m->request->gifts[i].cap);
    }
    if (m->request->ram != CAP_NULL && (m->domain == NULL || m->domain->ram != m->request->ram)) {
        slot_release(m->request->ram);
    }
}

err_t spawn(const struct spawn_request *request, uint32_t *domain) {
    struct making m = {.request = request};
    char path[32];
    if (request->bytes > sizeof(((struct domain_args *)0)->text)) {
        return ERR_ARGUMENT;
    }
    snprintf(path, sizeof(path), "bin/%s", request->program);
    err_t err = images_open(path, &m.elf);
    if (err == ERR_OK && !elf_within(&m.elf, USER_STATIC_BASE, LEVEL1_TOP)) {
        err = ERR_FORMAT;
    }
    if (err == ERR_OK) {
        err = domain_new(request->program, &m.domain);
    }
    if (err == ERR_OK) {
        m.domain->operator = request->operator;
        m.domain->starter = request->starter;
        err = make(&m);
        if (err == ERR_OK) {
            *domain = m.domain->number;
        }
    }
    release_copies(&m);
    if (err != ERR_OK && m.domain != NULL) {
        domain_discard(m.domain);
    }
    return err;
}
