/* The interrupt-controller domain: the only one that touches IOAPICs. All lines are masked at the start. A line is routed
   for a domain, its owner, until it is released; this core's monitor, the only client that is obeyed, does that when the owner
   ends, so a driver that dies leaves its line masked. [82093AA datasheet 3.2]

   Arguments: how many IOAPICs there are; the first line of each; then triples of an ISA line, where it arrives, and its
   flags, for those that the firmware re-routes. Registers: CAP_DEVICE for the first IOAPIC, then CAP_GIVEN and up. */
#include <if/ioapic_server.h>
#include <if/monitor.h>
#include <skerry/domain.h>
#include <skerry/fibre.h>
#include <skerry/string.h>
#include <skerry/vspace.h>

#define REGISTER_SELECT 0x00
#define REGISTER_WINDOW 0x10
#define REGISTER_VERSION 0x01
#define REGISTER_TABLE 0x10
#define ENTRY_MASKED (1u << 16)
#define ENTRY_LEVEL (1u << 15)
#define ENTRY_ACTIVE_LOW (1u << 13)
#define CHIPS_MAX 4
#define LINES_MAX 240

struct chip {
    volatile char *registers;
    uint32_t first; /* global number of its first line */
    uint32_t lines;
    uint64_t owner[LINES_MAX]; /* 0: nobody's */
};

/* A line of a chip. */
struct place {
    struct chip *chip;
    uint32_t line;
};

static struct chip chips[CHIPS_MAX];
static unsigned chip_count;
static struct {
    uint64_t gsi, flags;
} isa[IOAPIC_ISA_LINES];

static uint32_t chip_read(const struct chip *chip, uint32_t index) {
    *(volatile uint32_t *)(chip->registers + REGISTER_SELECT) = index;
    return *(volatile uint32_t *)(chip->registers + REGISTER_WINDOW);
}

static void chip_write(const struct chip *chip, uint32_t index, uint32_t value) {
    *(volatile uint32_t *)(chip->registers + REGISTER_SELECT) = index;
    *(volatile uint32_t *)(chip->registers + REGISTER_WINDOW) = value;
}

/* The masked half first and the unmasked half last, so that no interrupt goes to a place half written. Masking as an edge
   also forgets an interrupt that was delivered and not acknowledged. */
static void entry_write(struct place at, uint32_t low, uint32_t apic) {
    chip_write(at.chip, REGISTER_TABLE + 2 * at.line, ENTRY_MASKED);
    chip_write(at.chip, REGISTER_TABLE + 2 * at.line + 1, apic << 24);
    chip_write(at.chip, REGISTER_TABLE + 2 * at.line, low);
}

static err_t place_find(uint64_t gsi, struct place *at) {
    for (unsigned i = 0; i < chip_count; i++) {
        if (gsi >= chips[i].first && gsi - chips[i].first < chips[i].lines) {
            *at = (struct place){&chips[i], (uint32_t)gsi - chips[i].first};
            return ERR_OK;
        }
    }
    return ERR_NOT_FOUND;
}

/* BUSY: another domain has this line. */
static err_t place_of(uint64_t owner, uint64_t gsi, struct place *at) {
    if (owner == 0) {
        return ERR_ARGUMENT;
    }
    TRY(place_find(gsi, at));
    uint64_t has = at->chip->owner[at->line];
    return has == 0 || has == owner ? ERR_OK : ERR_BUSY;
}

/* This core's monitor; the others go through it. */
static err_t obeyed(const struct service_call *call) {
    uint64_t monitor = MONITOR_BADGE(DOMAIN_CORE(domain_args()->domain));
    return call->client->domain == monitor ? ERR_OK : ERR_CAP_RIGHTS;
}

err_t ioapic_serve_describe(struct service_call *call, uint32_t line, uint32_t *gsi, uint64_t *flags) {
    TRY(obeyed(call));
    if (line >= IOAPIC_ISA_LINES) {
        return ERR_NOT_FOUND;
    }
    *gsi = (uint32_t)isa[line].gsi;
    *flags = isa[line].flags;
    return ERR_OK;
}

err_t ioapic_serve_route(struct service_call *call, uint64_t owner, uint32_t gsi, uint32_t apic, uint8_t vector,
                         uint64_t flags) {
    struct place at;
    TRY(obeyed(call));
    if (apic >= MAX_CORES || vector < VECTOR_USER_FIRST || vector > VECTOR_USER_LAST) {
        return ERR_ARGUMENT;
    }
    if (((flags & IOAPIC_LEVEL) != 0) != (vector <= VECTOR_LEVEL_LAST)) {
        return ERR_ARGUMENT; /* a level line would storm on an edge's vector, an edge would wait for an acknowledgement */
    }
    TRY(place_of(owner, gsi, &at));
    uint32_t low = vector;
    low |= (flags & IOAPIC_LEVEL) != 0 ? ENTRY_LEVEL : 0;
    low |= (flags & IOAPIC_ACTIVE_LOW) != 0 ? ENTRY_ACTIVE_LOW : 0;
    at.chip->owner[at.line] = owner;
    entry_write(at, low, apic);
    return ERR_OK;
}

err_t ioapic_serve_release(struct service_call *call, uint64_t owner, uint32_t gsi) {
    struct place at;
    TRY(obeyed(call));
    TRY(place_of(owner, gsi, &at));
    entry_write(at, ENTRY_MASKED, 0);
    at.chip->owner[at.line] = 0;
    return ERR_OK;
}

static struct service service = {.interface = &ioapic_service};

static err_t chip_open(struct chip *chip, capaddr_t device) {
    struct vspace_request request = {device, 0, PAGE_SIZE, MAP_READ | MAP_WRITE | MAP_UNCACHED};
    void *at;
    TRY(vspace_map(&request, &at, NULL));
    chip->registers = at;
    chip->lines = MIN((chip_read(chip, REGISTER_VERSION) >> 16 & 0xff) + 1, (uint32_t)LINES_MAX);
    for (uint32_t line = 0; line < chip->lines; line++) {
        entry_write((struct place){chip, line}, ENTRY_MASKED, 0);
    }
    return ERR_OK;
}

static uint64_t number(const char *text) {
    uint64_t value;
    if (!string_to_u64(text, &value)) {
        die("'%s' is not a number", text);
    }
    return value;
}

static err_t open_chips(char **argv) {
    for (unsigned i = 0; i < chip_count; i++) {
        chips[i].first = (uint32_t)number(argv[i]);
        TRY(chip_open(&chips[i], i == 0 ? CAP_DEVICE : CAP_GIVEN + i - 1));
    }
    return ERR_OK;
}

static void read_overrides(int count, char **argv) {
    for (uint64_t i = 0; i < IOAPIC_ISA_LINES; i++) {
        isa[i].gsi = i;
    }
    for (int i = 0; i + 2 < count; i += 3) {
        uint64_t line = number(argv[i]);
        if (line < IOAPIC_ISA_LINES) {
            isa[line].gsi = number(argv[i + 1]);
            isa[line].flags = number(argv[i + 2]);
        }
    }
}

int main(int argc, char **argv) {
    chip_count = argc > 1 ? (unsigned)number(argv[1]) : 0;
    if (chip_count == 0 || chip_count > CHIPS_MAX || (unsigned)argc < 2 + chip_count) {
        die("expects how many IOAPICs there are and the first line of each");
    }
    read_overrides(argc - 2 - (int)chip_count, argv + 2 + chip_count);
    err_t err = open_chips(argv + 2);
    if (err == ERR_OK) {
        err = service_export(&service);
    }
    if (err != ERR_OK) {
        die("%s", err_doc(err));
    }
    event_loop();
}
