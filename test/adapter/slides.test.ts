// A kernel that moves itself is followed until it is found, and what it does often is generated code's again from then on.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { openModule } from '../../debug-adapter/modules/open.ts';
import { sightOf } from '../../debug-adapter/modules/sight.ts';
import { followSlides } from '../../debug-adapter/modules/slides.ts';
import { nodeHost } from '../../debug-adapter/node-host.ts';
import { SourcePaths } from '../../debug-adapter/sources/paths.ts';
import { Symbols } from '../../debug-adapter/symbols.ts';
import { createMachine, type HartView } from '../../emulator/index.ts';
import { bytesSource, planBoot } from '../../emulator/loader/index.ts';
import { build, hasGcc, needsGcc } from '../support/riscv-gcc.ts';

const WRITES = 1000;
/** Into the upper half: from the second write of satp on it runs there. */
const SLIDE = 0xffff_ffff_0000_0000n;
const DYNAMIC = 3;

const source = `
  .globl _start
_start:
  li s1, ${WRITES}
  li t0, -1
  csrw pmpaddr0, t0
  li t0, 0x1f
  csrw pmpcfg0, t0
  li t0, 1 << 11
  csrw mstatus, t0
  lla t0, supervisor
  csrw mepc, t0
  mret
supervisor:
  lla s0, root
  srli s0, s0, 12
  li t0, 8 << 60
  or s0, s0, t0
  csrw satp, s0
  sfence.vma
  li t0, ${SLIDE}
  lla t1, upper
  add t1, t1, t0
  jr t1
upper:
1: csrw satp, s0
  addi s1, s1, -1
  bnez s1, 1b
2: j 2b
  .data
  .balign 4096
root:
  .skip 16
  .quad 0x200000cf
  .skip 4056
  .quad 0x200000cf
  .quad 0
`;

describe('a kernel', { skip: hasGcc ? false : needsGcc }, () => {
  /** The kernel after all its writes, followed or not: its slide, and how many instructions were TypeScript's. */
  const run = ({ relocatable, followed }: { relocatable: boolean; followed: boolean }) => {
    const flags = ['-march=rv64g', '-mabi=lp64', '-mcmodel=medany', '-static', '-Wl,-Ttext=0x80000000,--no-relax'];
    const elf = build({ 'slide.S': source }, [...flags, '-Wl,--no-warn-rwx-segments']);
    if (relocatable) {
      const bytes = readFileSync(elf);
      bytes.writeUInt16LE(DYNAMIC, 16);
      writeFileSync(elf, bytes);
    }
    const program = bytesSource(elf, readFileSync(elf));
    const options = { memory: 8n << 20n, harts: 1, isa: 'rv64gc', mmu: 'sv39', counts: true } as const;
    const plan = planBoot({ program }, { ...options, firmware: 'none' });
    const machine = createMachine(options, plan);
    const module = openModule(nodeHost, { path: elf }, 1, { machine, program, kernel: plan.kernel }, elf);
    const sight = sightOf(machine, () => machine.harts[0] as HartView);
    if (followed) followSlides(machine, new Symbols([module], new SourcePaths(nodeHost, {}, ''), sight));
    machine.run(5 * WRITES);
    assert.equal(machine.harts[0]?.x(9), 0n, 'the kernel has not come to its end');
    return { slide: module.slide, left: machine.counts.execute ?? 0 };
  };

  test('that moves is followed to where it is, and its later writes of satp stay in generated code', () => {
    const alone = run({ relocatable: true, followed: false });
    const followed = run({ relocatable: true, followed: true });
    assert.equal(followed.slide, SLIDE);
    const more = followed.left - alone.left;
    assert.ok(more >= 1 && more < 5, `${more} of ${WRITES} writes were TypeScript's`);
  });

  test('that cannot move has all of them there', () => {
    const [alone, followed] = [false, true].map((each) => run({ relocatable: false, followed: each }));
    assert.deepEqual(followed, alone);
  });
});
