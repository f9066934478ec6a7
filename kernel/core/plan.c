/*
 * The build id of this core's image, from the note that the linker wrote.
 */
#include "core/plan.h"

/* An ELF note: three words, then the name "GNU\0", then the id. */
#define NOTE_HEADER 16
#define BUILD_ID_BYTES 20

const uint8_t *plan_build_id(void) {
    return __note_build_id_start + NOTE_HEADER;
}

void plan_build_id_text(char text[41]) {
    const uint8_t *id = plan_build_id();
    for (unsigned i = 0; i < BUILD_ID_BYTES; i++) {
        text[2 * i] = "0123456789abcdef"[id[i] >> 4];
        text[2 * i + 1] = "0123456789abcdef"[id[i] & 15];
    }
    text[2 * BUILD_ID_BYTES] = 0;
}
