/* Privileged instructions and I/O ports. */
#include <skerry/string.h>

#include "programs/hostile/hostile.h"

extern const struct {
    act_t act;
    const char *name;
} attacks[], attacks_end[];

void case_privileged(void) {
    for (unsigned i = 0; &attacks[i] != attacks_end; i++) {
        /* QEMU up to 8 pops for a far return as ring 0, and SMAP forbids that. */
        unsigned popped = memcmp(attacks[i].name, "far", 3) == 0 ? PAGE_FAULT : 0;
        must_fault(attacks[i].name, attacks[i].act, 0, REFUSED_INSTRUCTION | popped);
    }
    report();
    __asm__ volatile("cli");
}

#define IN(width)                                                                                                      \
    static void in##width(uint64_t port) {                                                                             \
        uint##width##_t value;                                                                                         \
        __asm__ volatile("in %1, %0" : "=a"(value) : "d"((uint16_t)port));                                             \
        (void)value;                                                                                                   \
    }
#define OUT(width)                                                                                                     \
    static void out##width(uint64_t port) {                                                                            \
        __asm__ volatile("out %0, %1" : : "a"((uint##width##_t)0), "d"((uint16_t)port));                               \
    }
IN(8)
IN(16)
IN(32)
OUT(8)
OUT(16)
OUT(32)

static void out_string(uint64_t port) {
    static const char text[] = "escaped";
    const char *from = text;
    uint64_t count = sizeof(text);
    __asm__ volatile("rep outsb" : "+S"(from), "+c"(count) : "d"((uint16_t)port));
}

static void in_string(uint64_t port) {
    char text[8];
    char *to = text;
    uint64_t count = sizeof(text);
    __asm__ volatile("rep insb" : "+D"(to), "+c"(count) : "d"((uint16_t)port) : "memory");
}

void case_ports(void) {
    static const uint64_t known[] = {PORT_EXIT, PORT_COM1, PORT_LOG_BASE, 0,     0x20,  0x43,  0x60,
                                     0x64,      0x92,      0xcf8,         0xcf9, 0xcfc, 0xffff};
    static const act_t acts[] = {in8, in16, in32, out8, out16, out32, out_string, in_string};
    for (unsigned i = 0; i < ARRAY_SIZE(known) + 500; i++) {
        uint64_t port = i < ARRAY_SIZE(known) ? known[i] : random_next() & 0xffff;
        for (unsigned j = 0; j < ARRAY_SIZE(acts); j++) {
            must_fault("port access", acts[j], port, PROTECTION);
        }
    }
    for (uint64_t port = 0; port < 0x10000; port += 0x101) {
        must_hold("port by a capability that it has not", ioport_out(CAP_IOPORT, port, 1, 0) == ERR_CAP_EMPTY);
    }
    report();
    out8(PORT_EXIT);
}
