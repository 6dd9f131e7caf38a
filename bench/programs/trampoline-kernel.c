// A kernel in the way of xv6 under programs in U-mode: a page table of its own and one for the program, both without ASIDs and
// with nothing but pages of 4 KiB, and a trampoline page at the same place in both.

#include "bench.h"
#include "user.h"

#define TABLE __attribute__((aligned(4096)))
#define RAM 0x80000000UL
#define RAM_PAGES 8192
#define ALIAS 0x80000000UL
#define TRAMPOLINE 0x3ffffff000UL
#define TRAPFRAME (TRAMPOLINE - 4096)
enum { V = 1, R = 2, W = 4, X = 8, U = 16, A = 64, D = 128 };

// Offsets are known to trampoline.S.
struct trapframe {
  uint64_t kernel_satp, kernel_sp, handler, epc, kernel_tp;
  uint64_t x[32];
};

struct space {
  uint64_t root[512], middle_ram[512], leaves[RAM_PAGES], middle_top[512], leaves_top[512], middle_low[512], leaves_low[2][512];
};
TABLE static struct space kernel, user;
TABLE static union { struct trapframe frame; uint8_t page[4096]; } trapframe;
TABLE static uint8_t user_stack[4096];
extern char trampoline[], uservec[], userret[];
uint64_t kernel_stack_pointer;
void leave(uint64_t value);

static uint64_t entry(const void *pa, uint64_t flags) { return (uint64_t)pa >> 12 << 10 | flags; }

static uint64_t satp_of(const struct space *space) { return 8UL << 60 | (uint64_t)space->root >> 12; }

static void map(struct space *space, uint64_t alias, uint64_t flags) {
  space->root[(RAM + alias) >> 30] = entry(space->middle_ram, V);
  for (uint64_t i = 0; i < RAM_PAGES / 512; i++) space->middle_ram[i] = entry(&space->leaves[i * 512], V);
  for (uint64_t i = 0; i < RAM_PAGES; i++) space->leaves[i] = entry((void *)(RAM + (i << 12)), V | R | W | X | A | D | flags);
  space->root[511 & TRAMPOLINE >> 30] = entry(space->middle_top, V);
  space->middle_top[511] = entry(space->leaves_top, V);
  space->leaves_top[511] = entry(trampoline, V | R | X | A);
  space->leaves_top[510] = entry(&trapframe, V | R | W | A | D);
}

static uint64_t add_number(uint64_t value) { return 3 * value + 7; }
static uint64_t end(uint64_t value) {
  leave(value);
  return 0;
}
static uint64_t (*const calls[])(uint64_t) = {[CALL] = add_number, [LEAVE] = end};

static void set_vector(uint64_t address) { __asm__ volatile("csrw stvec, %0" ::"r"(address)); }

static void return_to_user(void) {
  struct trapframe *frame = &trapframe.frame;
  __asm__ volatile("csrc sstatus, 2");
  set_vector(TRAMPOLINE + (uint64_t)(uservec - trampoline));
  frame->kernel_satp = satp_of(&kernel);
  frame->kernel_sp = kernel_stack_pointer;
  uint64_t status;
  __asm__ volatile("csrr %0, sstatus" : "=r"(status));
  __asm__ volatile("csrw sstatus, %0" ::"r"((status & ~(1UL << 8)) | 1UL << 5));
  __asm__ volatile("csrw sepc, %0" ::"r"(frame->epc));
  ((void (*)(uint64_t))(TRAMPOLINE + (uint64_t)(userret - trampoline)))(satp_of(&user));
}

// The kernel itself takes no trap.
__attribute__((aligned(4))) static void fail(void) {
  for (;;) {
  }
}

static void handle(void) {
  struct trapframe *frame = &trapframe.frame;
  uint64_t cause;
  set_vector((uint64_t)fail);
  __asm__ volatile("csrr %0, scause" : "=r"(cause));
  __asm__ volatile("csrr %0, sepc" : "=r"(frame->epc));
  if (cause != 8) fail();
  frame->epc += 4;
  __asm__ volatile("csrs sstatus, 2");
  frame->x[10] = calls[frame->x[17]](frame->x[10]);
  return_to_user();
}

// As U-mode sees it.
static void finish(uint64_t value) { system_call(LEAVE, value); }
static void start(uint64_t (*program)(uint64_t), uint64_t argument) { finish(program(argument)); }

void enter_user_mode(uint64_t (*program)(uint64_t), uint64_t argument) {
  map(&kernel, 0, 0);
  kernel.root[0] = entry(kernel.middle_low, V);
  kernel.middle_low[0x100000 >> 21] = entry(kernel.leaves_low[0], V);
  kernel.leaves_low[0][0x100000 >> 12] = entry((void *)0x100000, V | R | W | A | D);
  kernel.middle_low[0x10000000 >> 21] = entry(kernel.leaves_low[1], V);
  kernel.leaves_low[1][0] = entry((void *)0x10000000, V | R | W | A | D);
  map(&user, ALIAS, U);
  __asm__ volatile("csrw satp, %0; sfence.vma" ::"r"(satp_of(&kernel)) : "memory");
  struct trapframe *frame = &trapframe.frame;
  frame->handler = (uint64_t)handle;
  frame->epc = (uint64_t)start + ALIAS;
  frame->x[2] = (uint64_t)user_stack + sizeof user_stack + ALIAS;
  frame->x[10] = (uint64_t)program + ALIAS;
  frame->x[11] = argument;
  return_to_user();
}
