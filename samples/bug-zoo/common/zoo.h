// What the fixtures share: machine words, page tables, the serial port and the switch.

#pragma once

typedef unsigned char u8;
typedef unsigned u32;
typedef unsigned long u64;

#define csr_read(csr)                                                \
  ({                                                                 \
    u64 value_;                                                      \
    __asm__ volatile("csrr %0, " #csr : "=r"(value_) : : "memory");  \
    value_;                                                          \
  })
#define csr_write(csr, value) __asm__ volatile("csrw " #csr ", %0" : : "rK"(value) : "memory")
#define csr_set(csr, bits) __asm__ volatile("csrs " #csr ", %0" : : "rK"(bits) : "memory")

#define PAGE 4096UL
#define MEGA (2UL << 20)
#define GIGA (1UL << 30)

#define RAM_PA 0x80000000UL
#define UART_PA 0x10000000UL
#define FINISHER_PA 0x100000UL

// An Sv39 page-table entry.
typedef u64 pte_t;
#define PTE_V (1UL << 0)
#define PTE_R (1UL << 1)
#define PTE_W (1UL << 2)
#define PTE_X (1UL << 3)
#define PTE_U (1UL << 4)
#define PTE_A (1UL << 6)
#define PTE_D (1UL << 7)
#define TABLE __attribute__((aligned(PAGE)))

#define SATP_SV39 (8UL << 60)

/** Set by zoo.ld. */
extern char __text_start[], __rodata_start[], __data_start[], __stack_guard[], __stack_bottom[], __image_end[];

/** Added to a physical address of the image to get its link address. */
#define KERNEL_OFFSET (KERNEL_VA - RAM_PA)

/** Where an object of the image is in memory, whatever address we see it at. */
u64 physical(const void *object);

/** The entry that translates `va` at `level` (2 = gigapages … 0 = pages); makes the tables above it. */
pte_t *entry_for(pte_t *root, u64 va, int level);

/** An entry for `pa`. A and D have to be among `flags`: not all hardware sets them itself. */
pte_t entry(u64 pa, u64 flags);

/** Maps pages of 4 KiB, with A and D set. */
void map(pte_t *root, u64 va, u64 pa, u64 size, u64 flags);

/** Maps the image section by section at `offset` from where it is in memory: code R-X, constants R--, data RW-. */
void map_image(pte_t *root, u64 offset);

/** Maps the serial port and the finisher where they are. */
void map_devices(pte_t *root);

/** The satp value that puts `root` in force as Sv39. */
u64 satp_of(const pte_t *root);

/** Opens all of physical memory to S- and U-mode by one PMP entry. */
void open_pmp(void);

/** Leaves M-mode for `program` in S-mode, with all exceptions delegated to it. Does not return. */
void enter_supervisor(void (*program)(void)) __attribute__((noreturn));

/** Prints a line. */
void say(const char *text);

/** Ends the machine; 0 is success. */
void power_off(int code) __attribute__((noreturn));

/** The kernel's beginning, in M-mode. Unless a fixture has its own: open_pmp, then supervisor_main in S-mode. */
void machine_main(void);
void supervisor_main(void);
