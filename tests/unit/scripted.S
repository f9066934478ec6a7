/* A guest that plays a script: the boot archive is taken as records of (port, byte), each written to its port.

   Port 0 ends the script; its byte says how: 0 halt for good, 1 reset by a triple fault, 2 spin with pause.
   Entered by PVH: 32-bit protected mode, paging off, EBX -> hvm_start_info. */

#define INFO_MODULES 16                 /* hvm_start_info.modlist_paddr */

	.section .note.pvh, "a", @note
	.long 4, 4, 18                  /* name size, description size, XEN_ELFNOTE_PHYS32_ENTRY */
	.asciz "Xen"
	.long guest_entry

	.text
	.code32
	.globl guest_entry
	.type guest_entry, @function
guest_entry:
	cld
	cli
	movl INFO_MODULES(%ebx), %esi
	movl (%esi), %esi               /* the first module's address */
next_record:
	lodsw
	movw %ax, %dx
	lodsb
	testw %dx, %dx
	jz script_end
	outb %al, %dx
	jmp next_record
script_end:
	cmpb $1, %al
	je reset
	cmpb $2, %al
	je spin
halt:
	hlt
	jmp halt
spin:
	pause
	jmp spin
reset:
	lidt no_handlers
	int3
	.size guest_entry, . - guest_entry

no_handlers:
	.word 0
	.long 0
