// Where stacks end and cross traps: a program that was entered with ra = 0, and a kernel that goes on with a trapped task on
// another hart than the one that took the trap.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { build, hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { type Body, DapClient } from './dap-client.ts';

const entry = `
  .macro each op
  .irp n, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
  \\op x\\n, 8 * \\n (sp)
  .endr
  .endm

  .globl _start
  .section .text.startup, "ax"
_start:
  csrr t0, mhartid
  la t1, entry
  csrw mtvec, t1
  li t1, -1
  csrw pmpaddr0, t1
  li t1, 0x1f
  csrw pmpcfg0, t1
  bnez t0, second
  la t1, program
  csrw mepc, t1
  li t1, 0x1800
  csrc mstatus, t1
  la t1, kernel_top
  csrw mscratch, t1
  la sp, user_top
  li ra, 0
  li s0, 0
  mret
second:
  la t1, context
1:
  ld t2, 0(t1)
  beqz t2, 1b
  mv sp, t2
  ld ra, 8(t1)
  ld s0, 16(t1)
  ret

  .globl entry
  .balign 4
entry:
  csrrw sp, mscratch, sp
  addi sp, sp, -256
  each sd
  csrr t0, mscratch
  sd t0, 16(sp)
  csrr t0, mepc
  sd t0, 0(sp)
  call handle
  ld t0, 0(sp)
  addi t0, t0, 4
  csrw mepc, t0
  li t0, 0x1800
  csrc mstatus, t0
  each ld
  ld sp, 16(sp)
  mret

  /* The caller goes on, on the other hart. */
  .globl migrate
migrate:
  la t1, context
  sd ra, 8(t1)
  sd s0, 16(t1)
  fence
  sd sp, 0(t1)
1:
  wfi
  j 1b

  .bss
  .balign 16
context: .space 24
  .balign 16
  .space 4096
user_top: .space 4096
kernel_top: .space 16
`;

const main = `
void migrate(void);
volatile long asked, answered;
__attribute__((noinline)) void leaf(void) { answered++; }
__attribute__((noinline)) void first(void) { asked++; }
__attribute__((noinline)) void moved(void) { migrate(); }
void handle(void) {
  first();
  if (asked == 2) moved();
  leaf();
  answered++;
}
__attribute__((noinline)) long ask(long what) {
  register long a0 asm("a0") = what;
  asm volatile("ecall" : "+r"(a0) : : "memory");
  return a0 + 1;
}
/* The first thing that runs in U-mode: nobody has called it, and its first trap is in itself. */
void program(void) {
  asm volatile("ecall" : : : "memory");
  answered += ask(7);
  for (;;) ;
}
`;

const label = 'trap from U: environment call from U-mode (8)';

for (const optimised of ['-O0', '-O2']) {
  describe(`a stack, ${optimised}`, { skip: hasGcc ? false : needsGcc }, () => {
    let program = '';
    before(() => {
      const flags = ['-g', optimised, '-mcmodel=medany', '-march=rv64imac_zicsr', '-mabi=lp64'];
      program = build({ 'entry.S': entry, 'main.c': main }, [
        ...flags,
        '-Wl,-Ttext=0x80000000',
        '-Wl,-e,_start',
        '-Wl,--no-relax',
      ]);
    });

    const stack = async (client: DapClient, threadId: number): Promise<string[]> => {
      const { stackFrames } = await client.request('stackTrace', { threadId });
      return stackFrames.map(({ name }: Body) => name.replace(/\+0x[0-9a-f]+$/, ''));
    };

    test('ends with what was entered with ra = 0, and goes on where a trap was taken on another hart', async () => {
      const client = new DapClient();
      await client.launch({ program, memory: '16M', firmware: 'none', harts: 2 }, async () => {
        await client.request('setExceptionBreakpoints', { filters: [] });
        await client.request('setFunctionBreakpoints', { breakpoints: [{ name: 'leaf' }] });
      });
      assert.equal((await client.run('continue')).threadId, 1);
      assert.deepEqual(await stack(client, 1), ['leaf', 'handle', 'entry', label, 'program']);

      assert.equal((await client.run('continue')).threadId, 2, 'on the other hart');
      assert.deepEqual(await stack(client, 2), ['leaf', 'handle', 'entry', label, 'ask', 'program']);

      // Once it has returned, the trap is over on the hart that took it, too.
      await client.request('setFunctionBreakpoints', { breakpoints: [] });
      while (!(await stack(client, 2))[0]?.startsWith('ask')) await client.run('stepOut', { threadId: 2 });
      assert.deepEqual(await stack(client, 2), ['ask', 'program']);
      assert.deepEqual(
        (await stack(client, 1)).filter((name) => name.startsWith('trap')),
        [],
      );
      await client.close();
    });

    test('is where a step over a trap ends, on the hart that has gone on with it', async () => {
      const client = new DapClient();
      await client.launch({ program, memory: '16M', firmware: 'none', harts: 2 }, async () => {
        await client.request('setExceptionBreakpoints', { filters: [] });
        await client.request('setFunctionBreakpoints', { breakpoints: [{ name: 'ask' }] });
      });
      let stop = await client.run('continue');
      for (let steps = 0; stop.threadId === 1 && steps < 5; steps++) stop = await client.run('next');
      assert.equal(stop.threadId, 2, stop.description);
      assert.deepEqual(await stack(client, 2), ['ask', 'program']);
      await client.close();
    });
  });
}
