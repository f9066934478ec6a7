/* SeaBIOS gives addresses, qboot none. A BAR of memory is handed out as whole pages, so one that shares its page with
   another, or lies above 4 GiB where no capability covers it, gets a new address, too: from windows that q35 forwards to the
   bus and that nothing else lies in, over what the firmware has placed there. [PCI 3.0, 6.2.5.1] */
#include "drivers/pci/bars.h"

#include "drivers/pci/config.h"

#define WINDOW_MEMORY 0xc0000000ul
#define WINDOW_MEMORY_END 0xfe000000ul
#define WINDOW_PORTS 0xc000ul
#define WINDOW_PORTS_END 0x10000ul
#define BAR_PORTS 1u
#define BAR_WIDE 4u
#define BAR_PREFETCH 8u

static uint64_t next_memory = WINDOW_MEMORY, next_ports = WINDOW_PORTS;

/* What can be changed in a BAR is what its size leaves open. */
static uint32_t probe(uint32_t location, uint32_t at) {
    uint32_t before = config_read(location, at);
    config_write(location, at, UINT32_MAX);
    uint32_t mask = config_read(location, at);
    config_write(location, at, before);
    return mask;
}

static void ports_read(struct bar *bar, uint32_t value, uint32_t mask) {
    mask &= 0xfffc;
    bar->flags = PCI_BAR_PORTS;
    bar->base = value & 0xfffc;
    bar->size = mask & -mask;
}

static void memory_read(struct function *f, unsigned i, uint32_t value, uint64_t mask) {
    struct bar *bar = &f->bars[i];
    uint32_t at = CONFIG_BAR + 4 * i;
    bar->base = value & ~0xfu;
    bar->flags = (value & BAR_PREFETCH) != 0 ? PCI_BAR_PREFETCH : 0;
    mask &= ~0xfull;
    if ((value & BAR_WIDE) != 0) {
        bar->flags |= PCI_BAR_WIDE;
        bar->base |= (uint64_t)config_read(f->location, at + 4) << 32;
        mask |= (uint64_t)probe(f->location, at + 4) << 32;
    }
    bar->size = mask & -mask;
}

void bars_read(struct function *f) {
    unsigned count = f->is_bridge ? 2 : PCI_BARS;
    uint32_t decode = config_read(f->location, CONFIG_COMMAND) & (COMMAND_PORTS | COMMAND_MEMORY);
    config_command(f->location, 0, COMMAND_PORTS | COMMAND_MEMORY);
    for (unsigned i = 0; i < count; i++) {
        uint32_t value = config_read(f->location, CONFIG_BAR + 4 * i);
        uint32_t mask = probe(f->location, CONFIG_BAR + 4 * i);
        if (mask == 0 || mask == UINT32_MAX) {
            continue;
        }
        if ((value & BAR_PORTS) != 0) {
            ports_read(&f->bars[i], value, mask);
            continue;
        }
        memory_read(f, i, value, mask);
        i += (f->bars[i].flags & PCI_BAR_WIDE) != 0;
    }
    config_command(f->location, decode, 0);
}

static bool is_ports(const struct bar *bar) {
    return (bar->flags & PCI_BAR_PORTS) != 0;
}

/* Can be handed out where it is. */
static bool is_placed(const struct bar *bar) {
    if (is_ports(bar)) {
        return bar->base != 0;
    }
    return bar->base != 0 && bar->base % PAGE_SIZE == 0 && bar->size >= PAGE_SIZE &&
           bar->base + bar->size <= BOOTSTRAP_TOP;
}

/* A BAR of that kind that keeps its place and overlaps [base, base + size). */
static const struct bar *placed_in(bool ports, uint64_t base, uint64_t size) {
    const struct function *f;
    for (unsigned n = 0; (f = function_get(n)) != NULL; n++) {
        for (unsigned i = 0; i < PCI_BARS; i++) {
            const struct bar *bar = &f->bars[i];
            if (bar->size != 0 && is_ports(bar) == ports && is_placed(bar) && bar->base < base + size &&
                base < bar->base + bar->size) {
                return bar;
            }
        }
    }
    return NULL;
}

/* 0: the window is full. */
static uint64_t address_take(bool ports, uint64_t size) {
    uint64_t *next = ports ? &next_ports : &next_memory, end = ports ? WINDOW_PORTS_END : WINDOW_MEMORY_END;
    const struct bar *in_the_way;
    size = ports ? size : MAX(size, (uint64_t)PAGE_SIZE);
    uint64_t base = ALIGN_UP(*next, size);
    while (base + size <= end && (in_the_way = placed_in(ports, base, size)) != NULL) {
        base = ALIGN_UP(in_the_way->base + in_the_way->size, size);
    }
    if (base + size > end) {
        return 0;
    }
    *next = base + size;
    return base;
}

static void bar_place(struct function *f, unsigned i) {
    struct bar *bar = &f->bars[i];
    uint64_t base = address_take(is_ports(bar), bar->size);
    if (base == 0) {
        bar->size = 0; /* nobody can have it */
        return;
    }
    config_command(f->location, 0, is_ports(bar) ? COMMAND_PORTS : COMMAND_MEMORY);
    config_write(f->location, CONFIG_BAR + 4 * i, (uint32_t)base);
    if ((bar->flags & PCI_BAR_WIDE) != 0) {
        config_write(f->location, CONFIG_BAR + 4 * (i + 1), 0);
    }
    bar->base = base;
}

void bars_assign(void) {
    struct function *f;
    for (unsigned n = 0; (f = function_get(n)) != NULL; n++) {
        for (unsigned i = 0; i < PCI_BARS; i++) {
            /* Behind a bridge addresses would have to lie in its window. */
            if (f->bars[i].size != 0 && !is_placed(&f->bars[i]) && f->location >> 8 == 0) {
                bar_place(f, i);
            }
        }
    }
}
