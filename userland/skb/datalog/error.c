/* What is wrong, and where. */
#include <skerry/print.h>

#include "skb/datalog/internal.h"

bool fail(struct datalog_error *error, struct place place, const char *format, ...) {
    va_list arguments;
    error->line = place.line;
    error->column = place.column;
    va_start(arguments, format);
    vsnprintf(error->text, sizeof(error->text), format, arguments);
    va_end(arguments);
    return false;
}

bool fail_full(struct datalog_error *error, struct place place) {
    return fail(error, place, "the knowledge base is full: retract facts, or give it more memory");
}
