/* Which program may have which hardware: etc/devices of the boot archive, read once. */
#ifndef MONITOR_GRANTS_H
#define MONITOR_GRANTS_H

#include <skerry/base.h>

enum grant_kind { GRANT_PORTS, GRANT_ISA, GRANT_PCI, GRANT_COMMONS };

struct grant {
    enum grant_kind kind;
    uint64_t first;  /* port, line, vendor, pages */
    uint64_t second; /* ports, unused, device */
};

/* The grant of this kind that begins with `first`; `second` is filled in unless the caller asks for one (PCI). CAP_RIGHTS:
   the program has none. */
[[nodiscard]] err_t grant_find(const char program[16], struct grant *wanted);

#endif
