/*
 * Macros for assembly files.
 */
#pragma once

#define FUNCTION(name) .globl name; .type name, @function; .balign 16; name:
#define END_FUNCTION(name) .size name, . - name
