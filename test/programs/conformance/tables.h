// Page tables of a program's own: RAM is where it is, for the supervisor; pages from address 0 are its to map.

#define PTE_V 1
#define PTE_R 2
#define PTE_W 4
#define PTE_X 8
#define PTE_U 16
#define PTE_A 64
#define PTE_D 128
#define PTE_ALL (PTE_V|PTE_R|PTE_W|PTE_X|PTE_A|PTE_D)

  // Into page \index: the address in \register. Uses t0, t1.
  .macro map index, register, flags
    srli t0, \register, 2
    li t1, \flags
    or t0, t0, t1
    la t1, leaves
    STORE t0, \index*SIZE(t1)
    sfence.vma
  .endm

  .macro translate
    la a0, leaves
    srli a0, a0, 2
    ori a0, a0, PTE_V
    la a1, root
#if __riscv_xlen == 64
    la a2, middle
    sd a0, 0(a2)
    srli a0, a2, 2
    ori a0, a0, PTE_V
    sd a0, 0(a1)
    li a0, 0x80000000>>2|PTE_ALL
    sd a0, 16(a1)
    li a0, 8<<60
#else
    sw a0, 0(a1)
    li a0, 0x80000000>>2|PTE_ALL
    li a2, 512*4
    add a2, a2, a1
    sw a0, 0(a2)
    li a0, 1<<31
#endif
    srli a1, a1, 12
    or a0, a0, a1
    csrw satp, a0
    sfence.vma
  .endm

  .pushsection .data
  .balign 4096
root: .space 4096
middle: .space 4096
leaves: .space 4096
  .popsection
