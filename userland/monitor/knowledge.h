/* What the knowledge base is born with: the facts that core 0's monitor has found out, and the archive's rules. */
#ifndef MONITOR_KNOWLEDGE_H
#define MONITOR_KNOWLEDGE_H

#include "monitor/acpi.h"

/* A frame of texts: name, NUL, text, NUL, and so on; an empty name is the end. */
[[nodiscard]] err_t knowledge_texts(const struct acpi_machine *machine, capaddr_t *frame);

/* A frame in which the engine can work, in size for this many cores. */
[[nodiscard]] err_t knowledge_memory(uint32_t cores, capaddr_t *frame);

#endif
