#pragma once

#include "riscv.h"

extern pte_t kernel_root[512];
extern pte_t process_root[512];

// The physical address of an object of the kernel's.
uint64_t physical(const void *object);

// A zeroed page of RAM that nobody uses: its physical address.
uint64_t allocate_page(void);

// Maps `size` bytes from `va` on to `pa`, with the largest pages that fit. Flags without V, A and D: those are added.
void map(pte_t *root, uint64_t va, uint64_t pa, uint64_t size, uint64_t flags);

// The satp value that puts a root in force.
uint64_t satp_of(const pte_t *root, uint64_t asid);
