/* The guest that proves an accelerator to work: it goes to user mode and back by a system call, and prints one byte.

   /dev/kvm may open, and a virtual machine be created, on hosts where guests then hang, or where `syscall` arrives
   with user rights; only a guest that has been there says that KVM works. Entered by PVH: 32-bit protected mode,
   paging off. Memory: 0 to 2 MiB is the supervisor's, 4 to 6 MiB the user's, both mapped where they are. */

#define PORT_PROBE 0x1000
#define PORT_EXIT 0xf4
#define USER_CODE 0x400000

#define PAGE_KERNEL 0x083               /* present, writable, 2 MiB */
#define PAGE_USER 0x087                 /* the same, for user mode */
#define TABLE 0x007
#define CR4_PAE 0x20
#define CR0_PAGING 0x80000000
#define MSR_EFER 0xc0000080
#define EFER_SYSCALL_LONG 0x101
#define MSR_STAR 0xc0000081
#define MSR_LSTAR 0xc0000082
#define MSR_FMASK 0xc0000084
#define CODE32 0x08
#define CODE64 0x10
#define USER_BASE 0x18                  /* sysret: +8 is its stack segment, +16 its code segment */

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
	movl $user_code, %esi
	movl $USER_CODE, %edi
	movl $(user_end - user_code), %ecx
	rep movsb
	movl $CR4_PAE, %eax
	movl %eax, %cr4
	movl $level4, %eax
	movl %eax, %cr3
	movl $MSR_EFER, %ecx
	rdmsr
	orl $EFER_SYSCALL_LONG, %eax
	wrmsr
	movl %cr0, %eax
	orl $CR0_PAGING, %eax
	movl %eax, %cr0
	lgdt gdt_pointer
	ljmp $CODE64, $long_mode

	.code64
long_mode:
	movl $MSR_STAR, %ecx
	xorl %eax, %eax
	movl $((USER_BASE << 16) | CODE64), %edx
	wrmsr
	movl $MSR_LSTAR, %ecx
	movl $system_call, %eax
	xorl %edx, %edx
	wrmsr
	movl $MSR_FMASK, %ecx
	xorl %eax, %eax
	wrmsr
	movl $USER_CODE, %ecx
	movl $2, %r11d                  /* flags: interrupts off */
	sysretq

system_call:                            /* a fault anywhere, or here in user mode, resets the machine */
	movw $PORT_PROBE, %dx
	movb $'!', %al
	outb %al, %dx
	movw $PORT_EXIT, %dx
	xorl %eax, %eax
	outl %eax, %dx
1:	hlt
	jmp 1b
	.size guest_entry, . - guest_entry

user_code:
	syscall
user_end:

	.balign 8
gdt:
	.quad 0
	.quad 0x00cf9a000000ffff        /* CODE32 */
	.quad 0x00af9a000000ffff        /* CODE64 */
	.quad 0x00cf92000000ffff        /* USER_BASE, as the system call's own stack segment too */
	.quad 0x00cff2000000ffff        /* user stack */
	.quad 0x00affa000000ffff        /* user code */
gdt_pointer:
	.word gdt_pointer - gdt - 1
	.long gdt

	.balign 4096
level4:
	.quad level3 + TABLE
	.fill 511, 8, 0
level3:
	.quad level2 + TABLE
	.fill 511, 8, 0
level2:
	.quad PAGE_KERNEL, 0x200000 + PAGE_KERNEL, USER_CODE + PAGE_USER
	.fill 509, 8, 0
