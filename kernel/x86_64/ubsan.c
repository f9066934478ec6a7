/*
 * clang emits `ud1 check(%eax), %eax` for -fsanitize-trap: 67 0f b9, then 40 and the check's number, or 00 for number 0.
 * gcc emits a bare ud2. The place is in the record's rip; the toolkit turns it into file and line.
 */
#include "x86_64/ubsan.h"

#include "core/panic.h"
#include "core/plan.h"
#include "x86_64/entry.h"

/* Numbers from clang's SanitizerHandler list; only those that C can reach. */
static const char *check_name(uint8_t check) {
    switch (check) {
    case 0:
        return "addition overflow";
    case 1:
        return "builtin unreachable";
    case 3:
        return "division overflow or by zero";
    case 12:
        return "load of an invalid value";
    case 13:
        return "missing return";
    case 14:
        return "multiplication overflow";
    case 15:
        return "negation overflow";
    case 19:
        return "null argument";
    case 21:
        return "out-of-bounds index";
    case 22:
        return "pointer overflow";
    case 23:
        return "shift out of bounds";
    case 24:
        return "subtraction overflow";
    case 25:
        return "null or misaligned access";
    default:
        return "other check";
    }
}

static bool in_text(const uint8_t *code, size_t size) {
    return (const char *)code >= __text_start && (const char *)code + size <= __text_end;
}

void ubsan_panic(const struct context *context) {
    const uint8_t *code = (const uint8_t *)context->rip;
    if (in_text(code, 5) && code[0] == 0x67 && code[1] == 0x0f && code[2] == 0xb9) {
        uint8_t check = code[3] == 0x40 ? code[4] : 0;
        panic_at(PANIC_UBSAN, context, "undefined behaviour: %s (check %u)", check_name(check), check);
    }
    if (in_text(code, 2) && code[0] == 0x0f && code[1] == 0x0b) {
        panic_at(PANIC_UBSAN, context, "undefined behaviour, or unreachable code");
    }
    panic_at(PANIC_FAULT, context, "invalid instruction in the CPU driver");
}
