// A guest that does, in random order and for ever, what makes it hard to translate code ahead: code that changes with and
// without fence.i, code and data on one page, pages mapped elsewhere, instructions over the end of one page into whichever is
// next, faults, interrupts, odd stacks and accesses, more address spaces than are kept, calls of M-mode.

#include <stdint.h>

typedef unsigned long word;

#define NOINLINE __attribute__((noinline, noipa))
#define PAGE_ALIGNED __attribute__((aligned(4096)))
#define PAGES 8
#if __riscv_xlen == 64
#define WINDOW 0x1000000000UL
#define SATP_SV (8UL << 60)
#define ASID_AT 44
#define OWN 0x2000000000UL
#define ENTRIES 512
#else
#define WINDOW 0x40000000UL
#define SATP_SV (1UL << 31)
#define ASID_AT 22
#define OWN 0x50000000UL
#define ENTRIES 1024
#endif
#define ALIAS (WINDOW + PAGES * 4096)
#define USER (ALIAS + 4096)
#define CROSS (USER + 2 * 4096)
#define SPACES 11
#define ASID_OF(space) ((space) % (SPACES - 1))

// Set by the test before the first instruction.
volatile word seed = 1;
// Where a trap was that nothing here is to lead to: the guest does nothing from then on.
volatile word lost;

PAGE_ALIGNED static word root[ENTRIES], leaves[ENTRIES];
PAGE_ALIGNED static uint8_t memory[PAGES][4096];
// The page at OWN is another one in each address space; the first and the last have no ASID.
PAGE_ALIGNED static word roots[SPACES][ENTRIES], own_leaves[SPACES][ENTRIES];
PAGE_ALIGNED static uint8_t own[SPACES][2][4096];
static word satps[SPACES];
PAGE_ALIGNED static uint32_t code[4][1024]; // the alias leads to one of them
PAGE_ALIGNED static uint32_t patched[2 * 1024];
PAGE_ALIGNED static uint16_t before[2048], after[4][2048]; // one of the four is behind the first at CROSS
PAGE_ALIGNED uint32_t user_code[1024], user_data[1024];
static word state, counters[16];
word user_result; // of the last visit to U-mode

word call_on(word (*function)(word), word argument, word stack);
word visit_user(word address, word count);
extern char back_from_user[];

static word random_bits(void) {
  state ^= state << 13;
  state ^= state >> (sizeof(word) == 8 ? 7 : 17);
  state ^= state << (sizeof(word) == 8 ? 17 : 5);
  return state;
}

static word below(word bound) { return random_bits() % bound; }

static word entry(const void *pa, word flags) { return (word)pa >> 12 << 10 | flags; }

word build_map(void) {
#if __riscv_xlen == 64
  PAGE_ALIGNED static word middle[ENTRIES];
  root[2] = entry((void *)0x80000000, 0xef);
  root[WINDOW >> 30] = entry(middle, 0x21); // all below is global
  middle[0] = entry(leaves, 1);
#else
  for (word i = 0; i < 8; i++) root[(0x80000000 >> 22) + i] = entry((void *)(0x80000000 + (i << 22)), 0xef);
  root[WINDOW >> 22] = entry(leaves, 0x21);
#endif
  leaves[PAGES] = entry(code[0], 0xcf);
  leaves[PAGES + 1] = entry(user_code, 0xdf);
  leaves[PAGES + 3] = entry(before, 0xcf);
  before[2044] = 0x0505; // c.addi a0, 1
  before[2045] = 0x0506; // c.slli a0, 1
  before[2046] = 0x0001; // c.nop
  before[2047] = 0x0513; // addi a0, a0, …, which goes on in the next page
  for (int page = 0; page < 4; page++) {
    after[page][0] = 5 | (page + 3) << 4;
    after[page][1] = 0x050d + 4 * page; // c.addi a0, 3 + page
    after[page][2] = 0x8082; // ret
  }
  for (int page = 0; page < 4; page++) {
    code[page][0] = 0x00050513 | (page + 1) << 20; // addi a0, a0, page + 1
    code[page][1] = 0x00008067; // ret
    code[page][1000] = code[page][0];
    code[page][1001] = code[page][1];
  }
  user_code[0] = 0x00750513; // 0: addi a0, a0, 7
  user_code[1] = 0x00000073; //    ecall, from which it comes back
  user_code[2] = 0x00001617; //    auipc a2, 1
  user_code[3] = 0xff862683; //    lw a3, -8(a2), in a page that is mapped when it is first touched
  user_code[4] = 0xfed62e23; //    sw a3, -4(a2), which is writable from then on
  user_code[5] = 0xfff58593; //    addi a1, a1, -1
  user_code[6] = 0xfe0594e3; //    bnez a1, 0b
  user_code[7] = 0x00000073; //    ecall
  for (word space = 0; space < SPACES; space++) {
    for (word i = 0; i < ENTRIES; i++) roots[space][i] = root[i];
    own_leaves[space][0] = entry(own[space][0], 0xc7);
#if __riscv_xlen == 64
    PAGE_ALIGNED static word middles[SPACES][ENTRIES];
    roots[space][OWN >> 30] = entry(middles[space], 1);
    middles[space][0] = entry(own_leaves[space], 1);
#else
    roots[space][OWN >> 22] = entry(own_leaves[space], 1);
#endif
    satps[space] = SATP_SV | ASID_OF(space) << ASID_AT | (word)roots[space] >> 12;
  }
  state = seed | 1;
  return satps[0];
}

static void set_timer(void) {
  word now;
  __asm__ volatile("csrr %0, time" : "=r"(now));
  now += 1 + below(40);
#if __riscv_xlen == 32
  __asm__ volatile("csrw 0x15d, zero"); // stimecmph
#endif
  __asm__ volatile("csrw 0x14d, %0" ::"r"(now)); // stimecmp
}

// Returns where to go on, or 0 for where it happened.
word handle(word cause, word value, word pc) {
  counters[cause & 15] += pc;
  if (cause >> (sizeof(word) * 8 - 1)) {
    set_timer();
    return 0;
  }
  if (cause == 8) {
    if ((pc & 0xfff) == 4) return pc + 4;
    __asm__ volatile("csrs sstatus, %0" ::"r"(1UL << 8));
    user_result = counters[8];
    return (word)back_from_user;
  }
  if (value - WINDOW < PAGES * 4096) {
    word page = (value - WINDOW) >> 12;
    leaves[page] = entry(memory[page], 0xc7);
    __asm__ volatile("sfence.vma %0, zero" ::"r"(value));
    return 0;
  }
  if (cause == 12 && (value & ~(word)0xfff) == CROSS + 4096) {
    leaves[PAGES + 4] = entry(after[below(4)], 0xcf);
    __asm__ volatile("sfence.vma %0, zero" ::"r"(value));
    return 0;
  }
  if (cause == 15 || cause == 13) {
    if ((value & ~(word)0xfff) == USER + 4096) {
      leaves[PAGES + 2] = entry(user_data, cause == 15 ? 0xd7 : 0xd3);
      __asm__ volatile("sfence.vma %0, zero" ::"r"(value));
      return 0;
    }
  }
  lost = pc;
  for (;;) {
  }
}

static void fence(word address) {
  if (below(2)) __asm__ volatile("sfence.vma" ::: "memory");
  else __asm__ volatile("sfence.vma %0, zero" ::"r"(address) : "memory");
}

NOINLINE static word fibonacci(word n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }
NOINLINE static word add(word a) { return a + 3; }
__attribute__((aligned(4096))) NOINLINE static word turn(word a) { return (a << 5 | a >> 13) + counters[0]; }
__attribute__((aligned(4096))) NOINLINE static word tail(word a) { return a & 1 ? add(a) : turn(a); }
static word (*const functions[])(word) = {add, turn, tail, fibonacci};

NOINLINE static word deep(word n) { return n ? deep(n - 1) * 3 + n : 1; }

NOINLINE static word frame(word a) {
  volatile word kept[12];
  for (int i = 0; i < 12; i++) kept[i] = a + i;
  return kept[a % 12] + kept[3] + add(kept[7]);
}

NOINLINE static word choose(word a) {
  switch (a % 9) {
    case 0: return a + 1;
    case 1: return a ^ 0x55;
    case 2: return a * 7;
    case 3: return a - counters[2];
    case 4: return a / 3;
    case 5: return ~a;
    case 6: return a << 2;
    case 7: return a % 11;
    default: return a >> 1;
  }
}

typedef word (*function)(word);

// A function in the patched pages that adds a constant; `at` may let it lie across their border, beside data of theirs.
static word patch(word sum) {
  uint16_t *at = (uint16_t *)patched + (below(3) ? 2048 - 1 - 2 * below(2) : 64 * below(60));
  word rounds = 1 + below(60);
  uint32_t *data = &patched[1024 + 512 + 8 + below(8)]; // between two places of functions
  for (word i = 0; i < rounds; i++) {
    if (below(8) == 0 || i == 0) {
      uint32_t instruction = 0x00050513 | (uint32_t)below(2000) << 20;
      at[0] = (uint16_t)instruction;
      at[1] = (uint16_t)(instruction >> 16);
      at[2] = 0x8082; // ret
      if (below(2)) __asm__ volatile("fence.i" ::: "memory");
    }
    sum = ((function)at)(sum);
    if (below(4) == 0) *data += (uint32_t)sum;
  }
  return sum;
}

static word remap(word sum) {
  word rounds = 1 + below(20);
  for (word i = 0; i < rounds; i++) {
    leaves[PAGES] = entry(code[below(4)], 0xcf);
    fence(ALIAS);
    for (word call = below(30); call; call--) sum = ((function)(ALIAS + 4000 * below(2)))(sum);
  }
  return sum;
}

// A function over the end of a page, whose instruction there goes on in a page that is now another, now written, now gone.
static word cross(word sum) {
  word rounds = 1 + below(20);
  for (word i = 0; i < rounds; i++) {
    switch (below(6)) {
      case 0: leaves[PAGES + 4] = 0; fence(CROSS + 4096); break;
      case 1: leaves[PAGES + 4] = entry(after[below(4)], 0xcf); fence(CROSS + 4096); break;
      case 2: after[below(4)][0] = 5 | (uint16_t)below(4000) << 4; break;
      case 3: before[2046] = below(2) ? 0x0001 : 0x0511; break; // c.addi a0, 4
      default: break;
    }
    if (below(4) == 0) sum = ((function)(CROSS + 4098))(sum);
    for (word call = below(60); call; call--) sum = ((function)(CROSS + 4096 - 8 + 2 * below(4)))(sum);
  }
  return sum;
}

static word touch(word sum) {
  word page = below(PAGES);
  if (below(3) == 0) {
    leaves[page] = below(2) ? 0 : entry(memory[page], 0x43);
    fence(WINDOW + page * 4096);
  }
  uint8_t *at = (uint8_t *)WINDOW + below(PAGES * 4096 - 64);
  for (word i = 0; i < 24; i++) {
    *(volatile word *)(at + i) += sum;
    sum = sum * 5 + *(volatile uint16_t *)(at + 2 * i);
    *(volatile uint8_t *)(at + i) ^= (uint8_t)sum;
  }
  return sum;
}

// As a kernel that copies from and to its programs does: the same instructions fault again and again.
NOINLINE static word copy(word sum) {
  for (word i = below(20); i; i--) {
    word page = below(PAGES);
    leaves[page] = below(2) ? 0 : entry(memory[page], 0x43);
    fence(WINDOW + page * 4096);
    ((volatile word *)(WINDOW + page * 4096))[below(500)] += sum;
  }
  return sum;
}

// Other address spaces, whose translations may be kept, and may not where they were changed meanwhile. One without an ASID is
// forgotten as soon as it is left.
static word enter_space(word sum) {
  for (word i = below(12); i; i--) {
    word space = below(2) ? below(SPACES) : below(2) * (SPACES - 1), other = below(SPACES), satp;
    __asm__ volatile("csrr %0, satp" : "=r"(satp));
    if (below(3) == 0) {
      own_leaves[other][0] = entry(own[other][below(2)], 0xc7);
      switch (below(ASID_OF(other) == 0 && satps[other] != satp ? 6 : 3)) {
        case 0: __asm__ volatile("sfence.vma zero, %0" ::"r"(ASID_OF(other)) : "memory"); break;
        case 1: __asm__ volatile("sfence.vma %0, %1" ::"r"(OWN), "r"(ASID_OF(other)) : "memory"); break;
        case 2: fence(OWN); break;
        default: break;
      }
    }
    if (below(4) == 0) __asm__ volatile("csrrw %0, satp, %1" : "=r"(other) : "r"(satps[space]) : "memory");
    else __asm__ volatile("csrw satp, %0" ::"r"(satps[space]) : "memory");
    if (below(4) == 0) __asm__ volatile("sfence.vma" ::: "memory");
    for (word at = below(20); at; at--) {
      *(volatile word *)OWN += sum + other;
      sum = sum * 3 + ((volatile word *)OWN)[at];
    }
  }
  return sum;
}

// The handler's place, with a MODE that there is not.
static word set_vector(word sum) {
  for (word i = below(12); i; i--) {
    word vector;
    __asm__ volatile("csrr %0, stvec" : "=r"(vector));
    vector |= below(2) * (2 + below(2));
    __asm__ volatile("csrw stvec, %1\n csrr %0, stvec" : "=r"(vector) : "r"(vector));
    sum = sum * 3 + vector;
  }
  return sum;
}

static word atomics(word sum) {
  for (word i = below(40); i; i--) {
    word *at = &counters[below(8)];
    if (below(2)) sum += __atomic_fetch_add(at, sum, __ATOMIC_SEQ_CST);
    else while (!__atomic_compare_exchange_n(at, &(word){*at}, sum, 1, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
    }
  }
  return sum;
}

static word floats(word sum) {
  double *at = (double *)memory[below(PAGES)] + below(500);
  for (word i = below(30); i; i--) {
    __asm__ volatile("fld f1, 0(%0)\n fld f2, 8(%0)\n fsd f1, 8(%0)\n fsd f2, 16(%0)\n flw f3, 4(%0)\n fsw f3, 12(%0)" ::"r"(at)
                     : "memory", "f1", "f2", "f3");
  }
  return sum + *(word *)at;
}

// Integer registers change between the instructions, each of which may leave what was translated.
static word arithmetic(word sum) {
  double *at = (double *)memory[below(PAGES)] + below(400), *end = at + 1 + below(40);
  if (below(3) == 0) __asm__ volatile("csrw fcsr, %0" ::"r"(below(5) << 5 | below(4)));
  if (below(2)) *at = 1.5;
  if (below(2)) at[1] = 0;
  __asm__ volatile(
      "fld f1, 0(%0)\n"
      "fcvt.d.w f4, %2\n"
      "1: fld f2, 8(%0)\n"
      "addi %2, %2, 3\n"
      "fmadd.d f1, f1, f4, f2\n"
      "addi %0, %0, 8\n"
      "fmul.d f3, f1, f2\n"
      "xori %2, %2, 5\n"
      "fcvt.s.d f5, f3, rne\n"
      "fadd.s f6, f5, f6\n"
      "addi %2, %2, 1\n"
      "flt.d t0, f1, f3\n"
      "add %2, %2, t0\n"
      "fdiv.d f3, f3, f4\n"
      "fcvt.w.s t0, f6, rtz\n"
      "add %2, %2, t0\n"
      "fmax.d f4, f4, f3\n"
      "fsd f3, 0(%0)\n"
      "bltu %0, %1, 1b\n"
      : "+r"(at), "+r"(end), "+r"(sum)
      :
      : "memory", "t0", "f1", "f2", "f3", "f4", "f5", "f6");
  return sum;
}

static word shuffle(word sum) {
  uint32_t *items = (uint32_t *)memory[below(PAGES)];
  for (word i = 1; i < 40; i++) {
    uint32_t item = items[i] + (uint32_t)sum;
    word at = i;
    for (; at && items[at - 1] > item; at--) items[at] = items[at - 1];
    items[at] = item;
  }
  return sum + items[7];
}

static word machine_call(word number, word value) {
  register word a0 __asm__("a0") = value;
  register word a7 __asm__("a7") = number;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a7) : "memory");
  return a0;
}

// Calls of M-mode, which may delegate less from now on.
static word call_machine(word sum) {
  for (word i = below(40); i; i--) {
    switch (below(8)) {
      case 0: machine_call(1, ~(word)(1 << 9 | below(2) << 8 | below(2) << 12 | below(2) << 13 | below(2) << 15)); break;
      case 1: sum += machine_call(2, (word)&counters[below(8)]); break;
      case 2: sum += machine_call(2, OWN + sizeof(word) * below(20)); break;
      case 3: sum += machine_call(3, sum); break;
      case 4: sum += machine_call(4, sum); break;
      default: sum = machine_call(0, sum); break;
    }
  }
  return sum;
}

static word visit(word sum) {
  counters[8] = 0;
  if (below(2)) {
    leaves[PAGES + 2] = 0;
    fence(USER + 4096);
  }
  register word count __asm__("a1") = 1 + below(20);
  return sum + visit_user(USER, count);
}

void work(void) {
  set_timer();
  word sum = 1;
  for (;;) {
    switch (below(17)) {
      case 0: sum += fibonacci(below(10)); break;
      case 1: for (word i = below(50); i; i--) sum += functions[below(3)](sum); break;
      case 2: sum = patch(sum); break;
      case 3: sum = remap(sum); break;
      case 4: sum = touch(sum); break;
      case 5: sum = atomics(sum); break;
      case 6: sum = below(2) ? floats(sum) : arithmetic(sum); break;
      case 7: sum = shuffle(sum); break;
      case 8: for (word i = below(60); i; i--) sum = choose(sum); break;
      case 9: sum += call_on(frame, sum, (word)memory[1 + below(PAGES - 2)] + 16 * below(256)); break;
      case 10: sum += deep(below(60) ? below(20) : 300); break;
      case 11: sum = enter_space(sum); break;
      case 12: sum = call_machine(sum); break;
      case 13: sum = cross(sum); break;
      case 14: sum = copy(sum); break;
      case 15: sum = set_vector(sum); break;
      default: sum += visit(sum); break;
    }
    counters[15] += sum;
  }
}
