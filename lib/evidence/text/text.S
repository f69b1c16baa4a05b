/* SPDX-License-Identifier: Apache-2.0 */
/* Files of a case that are the same in each, byte for byte (text.h). */
    .section .rodata
    .globl nta_case_check_py
nta_case_check_py:
    .incbin "check.py"
    .globl nta_case_check_py_end
nta_case_check_py_end:
    .byte 0

    .section .note.GNU-stack, "", %progbits
