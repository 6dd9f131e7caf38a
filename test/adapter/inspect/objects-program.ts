// A program with one of each: structs, unions, bit-fields, arrays, enums, pointers, locals in registers and on the stack.

import { build } from '../../support/riscv-gcc.ts';
import { start } from './start.ts';

const main = `
typedef unsigned long size_t;
typedef struct { unsigned long pte; } pte_t;
typedef unsigned long phys_addr_t;
enum colour { RED, GREEN = 5, BLUE };
enum flag { NONE = 0, READ = 1, WRITE = 2, EXEC = 4 };
struct list { struct list *next; };
union word { unsigned whole; unsigned char bytes[4]; };
struct item {
  int count;
  unsigned first : 3, second : 7;
  signed small : 4;
  char name[8];
  enum colour colour;
  enum flag flags;
  union word word;
  struct { short x, y; };
  struct list link;
  long table[3][2];
  int (*handler)(struct item *, int);
  const char *text;
  pte_t entry;
  phys_addr_t memory;
  _Bool on;
  double ratio;
};
__attribute__((used)) static short local = 4;
extern unsigned char stack_top[];
static int handle(struct item *item, int by) { return item->count + by; }
__attribute__((used)) static int own(void) { return local + stack_top[-1]; }
static struct item items[300];
int total = 41;
long tops[] = {10, 20, 30};

__attribute__((noinline)) int leaf(struct item *item, int by) {
  int local = by * 2;
  static int calls = 7;
  calls++;
  {
    int local = 99;
    asm volatile("" : "+r"(local));
    total += local;
  }
  asm volatile("" : "+m"(*item), "+r"(local));
  return item->handler(item, local);
}

__attribute__((noinline)) int outer(int depth) {
  volatile int on_stack = depth + 1000;
  struct item *item = &items[depth];
  int got = leaf(item, depth + 2);
  on_stack += got;
  return on_stack + tops[1];
}

int main(void) {
  for (int i = 0; i < 300; i++) items[i].count = i;
  struct item *item = &items[1];
  item->first = 5;
  item->second = 77;
  item->small = -3;
  item->name[0] = 'a';
  item->name[1] = 'b';
  item->colour = GREEN;
  item->flags = READ | EXEC;
  item->word.whole = 0x04030201;
  item->x = -1;
  item->y = 2;
  item->link.next = &items[2].link;
  for (int i = 0; i < 6; i++) item->table[i / 2][i % 2] = i * 11;
  item->handler = handle;
  item->text = "words";
  item->entry.pte = (0x80200000ul >> 12 << 10) | 0xcf;
  item->memory = 0x80000000;
  item->on = 1;
  item->ratio = 1.5;
  return outer(1);
}
`;

const script = `
ENTRY(_start)
SECTIONS {
  . = 0x80200000;
  .text : { *(.text*) }
  .rodata : { *(.rodata*) }
  .data : { *(.data*) *(.sdata*) }
  .bss : { *(.bss*) *(.sbss*) }
}
`;

/** Builds it; the path of the ELF. */
export function objectsProgram(): string {
  return build({ 'start.S': start, 'main.c': main, 'program.ld': script }, [
    '-g',
    '-Og',
    '-ffreestanding',
    '-mcmodel=medany',
    '-march=rv64gc',
    '-mabi=lp64d',
  ]);
}
