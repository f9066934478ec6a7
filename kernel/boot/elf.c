/*
 * Checks and loads ELF64 files. [ELF-64 Object File Format 1.5]
 */
#include "boot/elf.h"

#include "boot/freestanding.h"

enum { TYPE_EXECUTABLE = 2, MACHINE_X86_64 = 62, CLASS_64 = 2, DATA_LITTLE = 1, VERSION = 1 };
enum { SEGMENT_LOAD = 1, SEGMENT_DYNAMIC = 2, SEGMENT_INTERPRETER = 3 };

struct header {
    uint8_t magic[4];
    uint8_t class, data, ident_version, abi[9];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, program_offset, section_offset;
    uint32_t flags;
    uint16_t header_size, program_size, program_count, section_size, section_count, name_section;
};
_Static_assert(sizeof(struct header) == 64, "as in the file");

struct program {
    uint32_t type, flags;
    uint64_t offset, vaddr, paddr, file_size, memory_size, align;
};
_Static_assert(sizeof(struct program) == 56, "as in the file");

struct file {
    const uint8_t *data;
    uint64_t size;
};

/* Copies what stands at an offset, which need not be aligned. */
static err_t file_read(const struct file *file, uint64_t offset, void *out, uint64_t size) {
    if (offset > file->size || size > file->size - offset) {
        return ERR_FORMAT;
    }
    memcpy(out, file->data + offset, size);
    return ERR_OK;
}

static err_t read_header(const struct file *file, struct header *out) {
    struct header h;
    TRY(file_read(file, 0, &h, sizeof(h)));
    bool ok = memcmp(h.magic, "\177ELF", 4) == 0 && h.class == CLASS_64 && h.data == DATA_LITTLE &&
              h.ident_version == VERSION && h.version == VERSION && h.machine == MACHINE_X86_64 &&
              h.header_size == sizeof(struct header) && h.program_size == sizeof(struct program) && h.program_count > 0;
    if (!ok) {
        return ERR_FORMAT;
    }
    if (h.type != TYPE_EXECUTABLE) {
        return ERR_UNSUPPORTED;
    }
    *out = h;
    return ERR_OK;
}

/* What a segment says of itself: inside the file and the address space, aligned, W^X. */
static bool segment_ok(const struct file *file, const struct program *p) {
    uint64_t last_page = ~0ULL - PAGE_SIZE;
    bool extent_ok = p->offset <= file->size && p->file_size <= file->size - p->offset &&
                     p->file_size <= p->memory_size && p->vaddr <= last_page && p->memory_size <= last_page - p->vaddr;
    bool align_ok = p->align <= 1 || ((p->align & (p->align - 1)) == 0 && (p->vaddr - p->offset) % p->align == 0);
    uint32_t known = SEGMENT_FLAG_READ | SEGMENT_FLAG_WRITE | SEGMENT_FLAG_EXECUTE;
    uint32_t both = SEGMENT_FLAG_WRITE | SEGMENT_FLAG_EXECUTE;
    bool flags_ok = (p->flags & ~known) == 0 && (p->flags & SEGMENT_FLAG_READ) != 0 && (p->flags & both) != both;
    return extent_ok && align_ok && flags_ok;
}

/* Adds a segment behind the others. Segments ascend, as the format asks, and share no page. */
static err_t add_segment(const struct file *file, const struct program *p, struct elf *elf) {
    if (!segment_ok(file, p)) {
        return ERR_FORMAT;
    }
    if (elf->count == ELF_MAX_SEGMENTS) {
        return ERR_UNSUPPORTED;
    }
    if (elf->count > 0 && p->vaddr < elf_segment_end(&elf->segments[elf->count - 1])) {
        return ERR_FORMAT;
    }
    elf->segments[elf->count++] = (struct elf_segment){
        .vaddr = p->vaddr,
        .memory_size = p->memory_size,
        .data = file->data + p->offset,
        .file_size = p->file_size,
        .flags = p->flags,
    };
    return ERR_OK;
}

static bool entry_ok(const struct elf *elf) {
    for (unsigned i = 0; i < elf->count; i++) {
        const struct elf_segment *s = &elf->segments[i];
        if ((s->flags & SEGMENT_FLAG_EXECUTE) != 0 && elf->entry >= s->vaddr && elf->entry - s->vaddr < s->file_size) {
            return true;
        }
    }
    return false;
}

err_t elf_open(const void *data, uint64_t size, struct elf *out) {
    struct file file = {.data = data, .size = size};
    struct header header;
    TRY(read_header(&file, &header));
    struct elf elf = {.entry = header.entry};
    for (unsigned i = 0; i < header.program_count; i++) {
        struct program p; /* its offset does not overflow, because the one before lies in the file */
        TRY(file_read(&file, header.program_offset + i * sizeof(p), &p, sizeof(p)));
        if (p.type == SEGMENT_DYNAMIC || p.type == SEGMENT_INTERPRETER) {
            return ERR_UNSUPPORTED;
        }
        if (p.type == SEGMENT_LOAD && (p.memory_size > 0 || p.file_size > 0)) {
            TRY(add_segment(&file, &p, &elf));
        }
    }
    if (!entry_ok(&elf)) {
        return ERR_FORMAT;
    }
    *out = elf;
    return ERR_OK;
}

bool elf_within(const struct elf *elf, vaddr_t low, vaddr_t high) {
    const struct elf_segment *first = &elf->segments[0], *last = &elf->segments[elf->count - 1];
    return elf_segment_base(first) >= low && elf_segment_end(last) <= high;
}

vaddr_t elf_segment_base(const struct elf_segment *segment) {
    return page_down(segment->vaddr);
}

vaddr_t elf_segment_end(const struct elf_segment *segment) {
    return page_up(segment->vaddr + segment->memory_size);
}

void elf_segment_copy(const struct elf_segment *segment, void *pages) {
    uint64_t before = segment->vaddr - elf_segment_base(segment);
    uint64_t end = elf_segment_end(segment) - elf_segment_base(segment);
    uint64_t after = before + segment->file_size;
    memset(pages, 0, before);
    memcpy((uint8_t *)pages + before, segment->data, segment->file_size);
    memset((uint8_t *)pages + after, 0, end - after);
}
