// The virtual environment: a supervisor that runs the program in user mode, at the bottom of the address space. A page of it
// appears when it is touched first, in one of four frames (an instruction and its data may each cross a page), so that pages
// also go again; the supervisor keeps A and D.

#include <stdint.h>

typedef unsigned long word;
enum { V = 1, R = 2, W = 4, X = 8, U = 16, A = 64, D = 128, page = 4096, frames = 4 };
enum { fetch_fault = 12, load_fault = 13, store_fault = 15, user_call = 8 };

extern char _start[], program[], _end[];
extern void trap_entry(void);
extern void resume(word *registers);
extern volatile uint64_t tohost;

word registers[32];
static word root[page / sizeof(word)] __attribute__((aligned(4096)));
static word middle[page / sizeof(word)] __attribute__((aligned(4096)));
static word leaves[page / sizeof(word)] __attribute__((aligned(4096)));
static word pool[frames][page / sizeof(word)] __attribute__((aligned(4096)));
static word held[frames]; // the address that a frame holds, + 1
static unsigned next;

void end(word code) {
  tohost = code;
  for (;;) {}
}

static word pte(const void *address, word flags) { return (word)address >> 12 << 10 | flags; }

static void copy(word *to, const word *from) {
  for (unsigned i = 0; i < page / sizeof(word); i++) to[i] = from[i];
}

static void evict(unsigned frame) {
  if (!held[frame]) return;
  word address = held[frame] - 1, old = leaves[address / page];
  leaves[address / page] = 0;
  asm volatile("sfence.vma %0" ::"r"(address) : "memory");
  if (old & D) copy((word *)(_start + address), pool[frame]);
  held[frame] = 0;
}

static void fault(word address, word cause) {
  address &= -(word)page;
  if (address >= (word)(_end - _start)) end(1338 << 1 | 1);
  word *leaf = &leaves[address / page];
  if (*leaf & V) {
    word wanted = cause == store_fault ? A | D : A;
    if ((*leaf & wanted) == wanted) end(1339 << 1 | 1);
    *leaf |= wanted;
  } else {
    unsigned frame = next++ % frames;
    evict(frame);
    copy(pool[frame], (const word *)(_start + address));
    held[frame] = address + 1;
    *leaf = pte(pool[frame], V | R | W | X | U);
  }
  asm volatile("sfence.vma %0\n\tfence.i" ::"r"(address) : "memory");
}

void handle(word *saved) {
  word cause, value, from, sp;
  asm volatile("csrr %0, scause\n\tcsrr %1, stval\n\tcsrr %2, sepc\n\tcsrr %3, sscratch"
               : "=r"(cause), "=r"(value), "=r"(from), "=r"(sp));
  saved[2] = sp;
  if (cause == user_call) end(saved[3]);
  if (cause != fetch_fault && cause != load_fault && cause != store_fault) end(1340 << 1 | 1);
  if (cause == fetch_fault && value - from > 2) end(1341 << 1 | 1);
  fault(value, cause);
}

void start(void) {
#if __riscv_xlen == 64
  root[2] = pte(_start, V | R | W | X | A | D); // itself, where it is, in a gigapage
  root[0] = pte(middle, V);
  middle[0] = pte(leaves, V);
  word satp = 8ul << 60 | (word)root >> 12;
#else
  root[512] = pte(_start, V | R | W | X | A | D);
  root[0] = pte(leaves, V);
  word satp = 1ul << 31 | (word)root >> 12;
  (void)middle;
#endif
  asm volatile("csrw satp, %0\n\tsfence.vma\n\tcsrw stvec, %1\n\tcsrw sepc, %2\n\tcsrc sstatus, %3"
               ::"r"(satp), "r"(trap_entry), "r"(program - _start), "r"(1 << 8) : "memory");
  resume(registers);
}
