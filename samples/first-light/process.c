// One program in an address space of its own: the kernel's upper half is shared, the lower half is the program's.

#include "process.h"

#include "console.h"
#include "paging.h"

#define ASID 1
#define SYS_WRITE 64
#define SYS_EXIT 93
#define EFAULT 14
#define ENOSYS 38

uint64_t run_program(struct trap_frame *start);
void leave_program(uint64_t code) __attribute__((noreturn));

extern char __user_text_start[], __user_data_start[], __user_data_end[];

uint64_t run_process(void) {
  uint64_t text_size = __user_data_start - __user_text_start;
  uint64_t data_size = __user_data_end - __user_data_start;
  for (int i = 256; i < 512; i++) process_root[i] = kernel_root[i];
  map(process_root, USER_VA, physical(__user_text_start), text_size, PTE_U | PTE_R | PTE_X);
  map(process_root, USER_VA + text_size, physical(__user_data_start), data_size, PTE_U | PTE_R | PTE_W);
  // The stack stays unmapped: its first use will fault, and grow_stack gives it a page.

  csr_write(satp, satp_of(process_root, ASID));
  __asm__ volatile("sfence.vma" ::: "memory");
  static struct trap_frame start; // all registers 0 but these
  start.sepc = USER_VA;
  start.sstatus = SSTATUS_SPIE; // SPP = 0: sret goes to U-mode
  REG(&start, 2) = USER_STACK_TOP;
  uint64_t code = run_program(&start);
  csr_write(satp, satp_of(kernel_root, 0));
  __asm__ volatile("sfence.vma" ::: "memory");
  return code;
}

static uint64_t sys_write(uint64_t buffer, uint64_t length) {
  if (buffer >= USER_STACK_TOP || length > USER_STACK_TOP - buffer) return -EFAULT;
  csr_set(sstatus, SSTATUS_SUM); // only here may the kernel touch user pages
  for (uint64_t i = 0; i < length; i++) put(((const char *)buffer)[i]);
  csr_clear(sstatus, SSTATUS_SUM);
  return length;
}

void system_call(struct trap_frame *frame) {
  frame->sepc += 4; // go on behind the ecall
  uint64_t number = REG(frame, 17);
  if (number == SYS_EXIT) leave_program(REG(frame, 10));
  REG(frame, 10) = number == SYS_WRITE ? sys_write(REG(frame, 11), REG(frame, 12)) : (uint64_t)-ENOSYS;
}

int grow_stack(uint64_t va) {
  if (va >= USER_STACK_TOP || va < USER_STACK_TOP - USER_STACK_SIZE) return 0;
  uint64_t page = va & ~(PAGE_SIZE - 1UL);
  map(process_root, page, allocate_page(), PAGE_SIZE, PTE_U | PTE_R | PTE_W);
  __asm__ volatile("sfence.vma %0" : : "r"(page) : "memory");
  say("  [kernel] page fault at %x: the stack gets its page\n", va);
  return 1;
}
