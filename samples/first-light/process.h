#pragma once

#include "riscv.h"

// Makes the program's address space, runs it, comes back when it exits; returns its exit code.
uint64_t run_process(void);

// An ecall of the program's: number in a7, arguments in a0…, result in a0 (Linux's numbers).
void system_call(struct trap_frame *frame);

// Maps the page of the program's stack that a fault at `va` asks for; 0 when `va` is not in the stack.
int grow_stack(uint64_t va);
