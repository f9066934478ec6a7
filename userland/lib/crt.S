/* Where a domain begins. */
#include <abi/abi_asm.h>

#include "assembly.h"

    .text

/* The first upcall. State on entry: disabled, %rax = dispatcher frame, everything else undefined.
   dispatcher_init puts the real upcall entries into the frame; after that the domain enables itself and main's fibre
   begins on the first stack. */
FUNCTION(_start)
    cld
    lea dispatcher_upcall_stack_top(%rip), %rsp
    xorl %ebp, %ebp
    mov %rax, %rbx
    call dispatcher_init
    mov $USER_STACK_TOP, %rsp
    movl $0, DISPATCHER_FRAME_DISABLED(%rbx)
    call crt_main
    ud2
END_FUNCTION(_start)

    .section .note.GNU-stack, "", @progbits
