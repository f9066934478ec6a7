/*
 * Routines with a size, so that the symboliser knows where they end, and the bits that entering long mode takes.
 */
#pragma once

#define FUNCTION(name) .globl name; .type name, @function; .balign 16; name:
#define END_FUNCTION(name) .size name, . - name

#define MSR_EFER 0xc0000080
#define EFER_LME 0x100
#define EFER_LMA 0x400
#define EFER_NXE 0x800
#define CR4_PAE 0x20
/* PG, WP, NE, ET, PE; caches on (CD and NW clear). */
#define CR0_ENTRY 0x80010031

/* Flat 64-bit code, present, ring 0, accessed (so that the CPU does not write it). */
#define DESCRIPTOR_CODE64 0x00209b0000000000
#define SELECTOR_CODE64 8

#define VECTOR_NMI 2
