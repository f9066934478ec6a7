/* What a replica of the knowledge base is born with: what every core's monitor finds out alike (from the firmware's tables, the
   archive and the processor), and the archive's rules. */
#ifndef MONITOR_KNOWLEDGE_H
#define MONITOR_KNOWLEDGE_H

#include <skerry/agree_set.h>

#include "monitor/acpi.h"

/* A frame of texts: name, NUL, text, NUL, and so on; an empty name is the end. */
[[nodiscard]] err_t knowledge_texts(const struct acpi_machine *machine, capaddr_t *frame);

/* The cores that these texts call live, until somebody tells who is. */
struct agree_set knowledge_presumed(uint32_t cores);

/* A frame in which the engine can work, in size for this many cores. */
[[nodiscard]] err_t knowledge_memory(uint32_t cores, capaddr_t *frame);
uint64_t knowledge_memory_size(uint32_t cores);

#endif
