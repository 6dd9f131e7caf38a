// The few machine words that C needs: control and status registers, page-table entries.

#pragma once

#include <stdint.h>

#include "memory-map.h"

#define csr_read(csr)                                                \
  ({                                                                 \
    uint64_t value_;                                                 \
    __asm__ volatile("csrr %0, " #csr : "=r"(value_) : : "memory");  \
    value_;                                                          \
  })
#define csr_write(csr, value) __asm__ volatile("csrw " #csr ", %0" : : "rK"(value) : "memory")
#define csr_set(csr, bits) __asm__ volatile("csrs " #csr ", %0" : : "rK"(bits) : "memory")
#define csr_clear(csr, bits) __asm__ volatile("csrc " #csr ", %0" : : "rK"(bits) : "memory")

#define SSTATUS_SIE (1UL << 1)
#define SSTATUS_SPIE (1UL << 5)
#define SSTATUS_SPP (1UL << 8)
#define SSTATUS_SUM (1UL << 18) // S-mode may load from and store to user pages
#define SIE_STIE (1UL << 5)

#define CAUSE_INTERRUPT (1UL << 63)
#define CAUSE_TIMER (CAUSE_INTERRUPT | 5)
#define CAUSE_ECALL_FROM_U 8
#define CAUSE_LOAD_PAGE_FAULT 13
#define CAUSE_STORE_PAGE_FAULT 15

// An Sv39 page-table entry: flags below, physical page number from bit 10 on. An entry with none of R, W, X set points
// to the next table; any other is a leaf, and at a higher level a leaf maps a whole 2 MiB megapage or 1 GiB gigapage.
typedef uint64_t pte_t;
#define PTE_V (1UL << 0)
#define PTE_R (1UL << 1)
#define PTE_W (1UL << 2)
#define PTE_X (1UL << 3)
#define PTE_U (1UL << 4) // for U-mode
#define PTE_G (1UL << 5) // in every address space
#define PTE_A (1UL << 6)
#define PTE_D (1UL << 7)

#define SATP_SV39 (8UL << 60)

// What trap.S saves.
struct trap_frame {
  uint64_t x[31]; // x1 is x[0]
  uint64_t sepc;
  uint64_t sstatus;
};

#define REG(frame, n) ((frame)->x[(n) - 1])
