/*
 * The loader: what QEMU's -kernel starts. It lays core 0 out from the boot archive and enters it; nothing of it stays.
 *
 * It checks what it uses: the archive's structure, core 0's image and monitor. The other files are checked by the
 * monitors that use them. Whatever is wrong ends the run with one line and a code of its own (kernel/abi/exit.toml).
 */
#include "boot/loader.h"

#include "boot/archive.h"
#include "boot/elf.h"
#include "boot/exception.h"
#include "boot/layout.h"
#include "boot/park.h"
#include "boot/report.h"
#include "boot/start_info.h"
#include "x86_64/insn.h"

#define PLACES_FROM (2 * CHUNK_SIZE)
#define PLACES_FROM_WHEN_SMALL (1 * CHUNK_SIZE) /* the loader lies below (loader.ld) */
#define SMALL_MEMORY (32UL << 20)
#define APIC_ID_SHIFT 24
#define CPUID_HYPERVISOR (1u << 31)
#define CPUID_HYPERVISOR_NAME 0x40000000

#define BUILD_AGAIN "build it again (invoke build)"
#define RANGE_ALL ((struct memmap_range){0, ~0UL})

static void open_archive(struct machine *machine, struct archive *out) {
    struct memmap_range range = machine->archive;
    uint64_t size = range.end - range.base;
    if (size == 0) {
        report_fail(GUEST_EXIT_BAD_ARCHIVE, "archive: none was given; give QEMU the boot archive (-initrd)");
    }
    struct memmap_range pages = {ALIGN_DOWN(range.base, PAGE_SIZE), ALIGN_UP(range.end, PAGE_SIZE)};
    if (!memmap_covers(&machine->memory, pages, REGION_TYPE_RAM)) {
        report_fail(GUEST_EXIT_BAD_ARCHIVE, "archive: 0x%lx + 0x%lx is not in RAM; give QEMU more memory (-m)",
                    range.base, size);
    }
    uint64_t where = 0;
    err_t err = archive_open((const void *)range.base, size, out, &where);
    if (err == ERR_NOT_FOUND) {
        report_fail(GUEST_EXIT_BAD_ARCHIVE, "archive: its first file is not a manifest; " BUILD_AGAIN);
    }
    if (err != ERR_OK) {
        report_fail(GUEST_EXIT_BAD_ARCHIVE, "archive: it is damaged or cut short at byte %lu of %lu; " BUILD_AGAIN,
                    where, size);
    }
    if (out->contract != CONTRACT_HASH) {
        report_fail(GUEST_EXIT_BAD_IMAGE,
                    "archive: it was built from contract %lx, the loader from %lx; build both again (invoke build)",
                    out->contract, CONTRACT_HASH);
    }
    if (memmap_set(&machine->memory, pages, REGION_TYPE_ARCHIVE) != ERR_OK) {
        report_fail(GUEST_EXIT_NO_MEMORY, "memory map: it has too many regions; use another machine model");
    }
}

static void open_program(const struct archive *archive, const char *path, struct elf *out) {
    struct archive_file file;
    if (archive_find(archive, path, &file) != ERR_OK) {
        report_fail(GUEST_EXIT_BAD_IMAGE, "%s: it is not in the archive; " BUILD_AGAIN, path);
    }
    if (archive_check(&file) != ERR_OK) {
        report_fail(GUEST_EXIT_BAD_IMAGE, "%s: it is damaged (its checksum is not the manifest's); " BUILD_AGAIN, path);
    }
    if (elf_open(file.data, file.size, out) != ERR_OK) {
        report_fail(GUEST_EXIT_BAD_IMAGE, "%s: it is not a program that can be loaded; " BUILD_AGAIN, path);
    }
}

static paddr_t take_chunks(struct memmap *memory, uint64_t size) {
    paddr_t base;
    if (memmap_take(memory, (struct memmap_range){PLACES_FROM, BOOTSTRAP_TOP}, size, &base) != ERR_OK &&
        memmap_take(memory, (struct memmap_range){PLACES_FROM_WHEN_SMALL, BOOTSTRAP_TOP}, size, &base) != ERR_OK) {
        report_fail(GUEST_EXIT_NO_MEMORY,
                    "memory: no %lu MiB in one piece below 4 GiB for core 0; give QEMU more memory (-m 64M)",
                    size >> 20);
    }
    return base;
}

/* Where core 0 comes to lie. */
struct places {
    paddr_t region, park;
    struct boot_pool pool;
};

static paddr_t take_park(struct memmap *memory) {
    paddr_t base;
    if (memmap_take(memory, (struct memmap_range){CHUNK_SIZE, BOOTSTRAP_TOP}, PARK_SIZE, &base) != ERR_OK) {
        report_fail(GUEST_EXIT_NO_MEMORY,
                    "memory: nothing left for core 0's park block; give QEMU more memory (-m 64M)");
    }
    return base;
}

/* Takes core 0's places out of the memory map, and page 0, which nobody wants to find at a null pointer. */
static void take_memory(struct memmap *memory, struct places *places) {
    uint64_t ram = memmap_total(memory, RANGE_ALL, REGION_TYPE_RAM);
    places->region = take_chunks(memory, IMAGE_REGION_SIZE);
    places->pool.size = ram < SMALL_MEMORY ? CHUNK_SIZE : 2 * CHUNK_SIZE;
    places->pool.base = take_chunks(memory, places->pool.size);
    places->park = take_park(memory);
    if (memmap_covers(memory, (struct memmap_range){0, PAGE_SIZE}, REGION_TYPE_RAM) &&
        memmap_set(memory, (struct memmap_range){0, PAGE_SIZE}, MEMMAP_NONE) != ERR_OK) {
        report_fail(GUEST_EXIT_NO_MEMORY, "memory map: it has too many regions; use another machine model");
    }
    uint64_t lost = memmap_trim(memory, ARRAY_SIZE(((struct boot_data *)0)->regions));
    if (lost > 0) {
        report_line("the memory map is too long: %lu KiB in its smallest regions are not used", lost >> 10);
    }
}

/* QEMU's emulator gives its name. Its cores share host CPUs, in turns or as threads, and wait for each other accordingly. */
static bool is_emulated(void) {
    if ((x86_cpuid(1, 0).ecx & CPUID_HYPERVISOR) == 0) {
        return false;
    }
    struct x86_cpuid name = x86_cpuid(CPUID_HYPERVISOR_NAME, 0);
    return name.ebx == 0x54474354 && name.ecx == 0x43544743 && name.edx == 0x47435447; /* TCGTCGTCGTCG */
}

static void lay_out(struct machine *machine, const struct elf *image, const struct elf *monitor,
                    struct layout_output *out) {
    struct places places;
    take_memory(&machine->memory, &places);
    park_write((void *)places.park, places.park);
    struct layout_input in = {
        .region = (void *)places.region,
        .base = places.region,
        .image = image,
        .monitor = monitor,
        .apic = x86_cpuid(1, 0).ebx >> APIC_ID_SHIFT,
        .flags = is_emulated() ? BOOT_FLAG_EMULATED : 0,
        .start_tsc = x86_rdtsc(),
        .archive_base = machine->archive.base,
        .archive_size = machine->archive.end - machine->archive.base,
        .rsdp = machine->rsdp,
        .park = places.park,
        .cmdline = machine->cmdline,
        .pools = &places.pool,
        .pool_count = 1,
        .regions = machine->memory.region,
        .region_count = machine->memory.count,
    };
    err_t err = layout_core(&in, out);
    if (err == ERR_FORMAT) {
        report_fail(GUEST_EXIT_BAD_IMAGE, "core/0 or bin/monitor: it is linked at wrong addresses; " BUILD_AGAIN);
    }
    if (err != ERR_OK) {
        report_fail(GUEST_EXIT_BAD_IMAGE,
                    "core/0 and bin/monitor: together they take more than %lu KiB; make them smaller",
                    IMAGE_REGION_SIZE >> 10);
    }
    report_line("core 0 at 0x%lx, pool 0x%lx + %lu KiB, entry 0x%lx", places.region, places.pool.base,
                places.pool.size >> 10, out->entry);
}

void loader_main(uint32_t start_info) {
    static struct machine machine;
    static struct archive archive;
    struct elf image, monitor;
    struct layout_output core;
    exception_init();
    start_info_read(start_info, &machine);
    uint64_t ram = memmap_total(&machine.memory, RANGE_ALL, REGION_TYPE_RAM);
    open_archive(&machine, &archive);
    report_line("%lu KiB of RAM, archive 0x%lx + %lu KiB with %u files, run %lx", ram >> 10, machine.archive.base,
                archive.size >> 10, archive.count, archive.run_id);
    open_program(&archive, "core/0", &image);
    open_program(&archive, "bin/monitor", &monitor);
    lay_out(&machine, &image, &monitor, &core);
    loader_enter(core.cr3, core.entry, core.boot_data);
}
