// A kernel in the way of xv6: linked where it is loaded, with a page table of its own, and a program at address 0 in
// another one. A trampoline page, mapped at the same place in both, leads from one to the other.

typedef unsigned long u64;

#define PAGE 4096
#define TRAMPOLINE 0x3ffffff000ul
#define TRAPFRAME (TRAMPOLINE - PAGE)
#define MODE_SV39 (8ul << 60)
enum { V = 1, R = 2, W = 4, X = 8, U = 16, A = 64, D = 128 };

struct trapframe {
  u64 kernel_satp, kernel_sp, handler, epc, satp;
  u64 x[32];
};

extern char trampoline[], uservec[], userret[], program[], program_end[];
__attribute__((aligned(4096))) static u64 kernel_root[512], user_root[512], tables[4][512];
__attribute__((aligned(4096))) static char frame_page[PAGE], stack_page[PAGE];
__attribute__((aligned(16))) char boot_stack[PAGE], kernel_stack[PAGE];
volatile u64 calls;

static void map(u64 *root, u64 (*middle)[512], u64 va, void *pa, u64 flags) {
  u64 *level1 = middle[0], *level0 = middle[1];
  root[va >> 30 & 511] = (u64)level1 >> 12 << 10 | V;
  level1[va >> 21 & 511] = (u64)level0 >> 12 << 10 | V;
  level0[va >> 12 & 511] = (u64)pa >> 12 << 10 | flags | V | A | D;
}

static u64 satp_of(u64 *root) { return MODE_SV39 | (u64)root >> 12; }

static void set_vector(void *entry) {
  u64 va = TRAMPOLINE + ((char *)entry - trampoline);
  __asm__ volatile("csrw stvec, %0" ::"r"(va));
}

__attribute__((noinline)) u64 syscall(u64 number) {
  calls++;
  return number + calls;
}

void usertrapret(void) {
  struct trapframe *frame = (void *)frame_page;
  set_vector(uservec);
  void (*leave)(u64, u64) = (void *)(TRAMPOLINE + (userret - trampoline));
  leave(TRAPFRAME, frame->satp);
}

void usertrap(void) {
  struct trapframe *frame = (void *)frame_page;
  u64 epc;
  __asm__ volatile("csrr %0, sepc" : "=r"(epc));
  frame->epc = epc + 4;
  frame->x[10] = syscall(frame->x[17]);
  usertrapret();
}

void supervisor(void) {
  kernel_root[2] = 0x80000000ul >> 12 << 10 | V | R | W | X | A | D;
  map(kernel_root, tables, TRAMPOLINE, trampoline, R | X);
  map(kernel_root, tables, TRAPFRAME, frame_page, R | W);
  map(user_root, tables, TRAMPOLINE, trampoline, R | X);
  map(user_root, tables + 2, 0, program, R | X | U);
  map(user_root, tables + 2, PAGE, stack_page, R | W | U);
  struct trapframe *frame = (void *)frame_page;
  frame->kernel_satp = satp_of(kernel_root);
  frame->kernel_sp = (u64)kernel_stack + PAGE;
  frame->handler = (u64)usertrap;
  frame->satp = satp_of(user_root);
  frame->x[2] = 2 * PAGE;
  __asm__ volatile("csrw satp, %0; sfence.vma" ::"r"(frame->kernel_satp) : "memory");
  usertrapret();
}
