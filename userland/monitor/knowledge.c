/* The facts are written as the knowledge base reads them (skb/datalog/datalog.h); userland/skb/README.md lists them. */
#include "monitor/knowledge.h"

#include <skerry/log.h>
#include <skerry/print.h>
#include <skerry/ram.h>
#include <skerry/slots.h>
#include <skerry/string.h>
#include <skerry/vspace.h>

#include "lib/cpuid.h"
#include "monitor/images.h"
#include "monitor/machine.h"
#include "monitor/numa.h"

#define TEXTS_SIZE(cores) ALIGN_UP(0x20000ul + 128ul * (cores), PAGE_SIZE)
#define MEMORY_BASE (1ul << 20)
#define MEMORY_PAIR 256 /* bytes that a pair of cores takes: a measured cost, and how far apart they are */

static const char *const rule_files[] = {"machine.dl", "tree.dl", "place.dl"};

struct texts {
    char *at, *end;
};

static void write(struct texts *texts, const char *format, ...) PRINTF_LIKE(2, 3);

/* What has no room is left out whole. */
static void write(struct texts *texts, const char *format, ...) {
    va_list arguments;
    size_t room = (size_t)(texts->end - texts->at);
    va_start(arguments, format);
    int size = vsnprintf(texts->at, room, format, arguments);
    va_end(arguments);
    if (size > 0 && (size_t)size < room) {
        texts->at += size;
    } else {
        *texts->at = '\0';
    }
}

/* Bits of an APIC id below the socket's number. [SDM2 CPUID leaf 0BH] */
static unsigned socket_shift(void) {
    unsigned shift = 0;
    for (uint32_t level = 0; cpuid(0).eax >= 0xb && level < 8; level++) {
        struct cpuid leaf = cpuid_at(0xb, level);
        if ((leaf.ecx >> 8 & 0xff) == 0) {
            break;
        }
        shift = leaf.eax & 31;
    }
    return shift;
}

struct agree_set knowledge_presumed(uint32_t cores) {
    struct agree_set presumed = {};
    for (uint32_t core = 0; core < cores && core < MAX(images_cores(), 1u); core++) {
        agree_add(&presumed, core);
    }
    return presumed;
}

static void write_cores(struct texts *texts, const struct acpi_machine *machine, const struct numa_machine *numa) {
    unsigned shift = socket_shift();
    for (uint32_t core = 0; core < machine->core_count; core++) {
        uint8_t apic = machine->apic[core];
        write(texts, "core(%u, %u). socket(%u, %u). node(%u, %u).\n", core, apic, core, apic >> shift, core,
              numa->node_of_apic[apic]);
    }
    struct agree_set presumed = knowledge_presumed(machine->core_count);
    AGREE_FOR_EACH(core, &presumed) {
        write(texts, "live(%u).\n", core);
    }
}

static void write_memory(struct texts *texts, const struct numa_machine *numa) {
    for (uint32_t i = 0; i < numa->range_count; i++) {
        write(texts, "memory(%u, %lu, %lu).\n", numa->range[i].node, numa->range[i].base, numa->range[i].size);
    }
    for (uint32_t from = 0; from < numa->nodes; from++) {
        for (uint32_t to = 0; to < numa->nodes; to++) {
            write(texts, "distance(%u, %u, %u).\n", from, to, numa->distance[from][to]);
        }
    }
}

static void write_facts(struct texts *texts, const struct acpi_machine *machine) {
    const struct numa_machine *numa = numa_machine();
    write(texts, "facts%c", '\0');
    write_cores(texts, machine, numa);
    write_memory(texts, numa);
    if (is_emulated()) {
        write(texts, "emulated(1).\n");
    }
    for (uint32_t i = 0; i < machine->ioapic_count; i++) {
        write(texts, "ioapic(%u, %lu, %u).\n", i, machine->ioapic[i].registers, machine->ioapic[i].gsi);
    }
    write(texts, "%c", '\0');
}

static void write_rules(struct texts *texts) {
    for (unsigned i = 0; i < ARRAY_SIZE(rule_files); i++) {
        char path[32];
        const void *data;
        uint64_t size;
        snprintf(path, sizeof(path), "etc/%s", rule_files[i]);
        err_t err = images_file(path, &data, &size);
        if (err != ERR_OK) {
            log_line("%s: %s: the knowledge base goes without", path, err_doc(err));
            continue;
        }
        write(texts, "%s%c%.*s%c", rule_files[i], '\0', (int)size, (const char *)data, '\0');
    }
}

err_t knowledge_texts(const struct acpi_machine *machine, capaddr_t *frame) {
    uint64_t size = TEXTS_SIZE(machine->core_count);
    struct ram_block block;
    struct vspace_mapping mapping;
    void *memory;
    TRY(ram_make(CAP_TYPE_FRAME, size, frame, &block));
    struct vspace_request request = {*frame, 0, size, MAP_READ | MAP_WRITE};
    err_t err = vspace_map(&request, &memory, &mapping);
    if (err != ERR_OK) {
        slot_release(*frame);
        *frame = CAP_NULL;
        ram_free(&block);
        return err;
    }
    struct texts texts = {.at = memory, .end = (char *)memory + size - 1};
    write_facts(&texts, machine);
    write_rules(&texts);
    return vspace_unmap(&mapping);
}

uint64_t knowledge_memory_size(uint32_t cores) {
    return ALIGN_UP(MEMORY_BASE + (uint64_t)cores * cores * MEMORY_PAIR, PAGE_SIZE);
}

err_t knowledge_memory(uint32_t cores, capaddr_t *frame) {
    return ram_make(CAP_TYPE_FRAME, knowledge_memory_size(cores), frame, NULL);
}
