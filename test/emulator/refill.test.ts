// Accesses of translated code whose page is not in the TLB, which that code fills: the same state as interpretation leaves,
// also where translations are used that page tables no longer have, where pages share an entry, and where somebody watches.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import {
  createMachine,
  type MachineControl,
  type MachineEvent,
  type MachineOptions,
  phys,
  virt,
} from '../../emulator/index.ts';
import { bytesSource, planBoot } from '../../emulator/loader/index.ts';
import { Random, seed } from '../oracle/random.ts';
import { build, hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { stateHash } from './sample.ts';

const ram = 0x8000_0000n;
const [SATP, STVEC, MSTATUS, MEDELEG, MEPC] = [0x180, 0x105, 0x300, 0x302, 0x341];
const flags = ['-march=rv64ima_zicsr', '-mabi=lp64', '-mcmodel=medany', '-static', '-Wl,-Ttext=0x80000000,--no-relax'];
const [PARTS, PART] = [5, 16_000];

/** Virtual pages with one entry of the TLB: as far apart as the table reaches. */
const APART = 0x200_0000;
/** Of eight pages, and of eight from APART on; the pages of code have other entries. */
const FIRST = 64;
const BASE = FIRST << 12;
/** Where the tables of these pages are mapped themselves. */
const TABLES = 0x5_0000;

/** The page of RAM at `number`, for entries of page tables. */
const page = (number: number) => ram + (BigInt(number) << 12n);
const quad = (value: bigint) => new Uint8Array(BigUint64Array.of(value).buffer);
const leaf = (number: number, bits = 0xc7) => ((page(number) >> 12n) << 10n) | BigInt(bits);

interface Guest {
  /** Executed for ever: a1 and a4 are bases with one entry, s2 and s3 what they are to be mixed with, s9 is another page;
   * s4 is the address of the first page's entry of its page table, s8 that of the handler's page. */
  readonly body: string;
  /** The page table is in the handler's page. */
  readonly tableInCode?: boolean;
}

/** Loops in S-mode, each 1 KiB. What faults is passed over by the handler; before it is room for a page table. */
function elfOf(all: readonly Guest[]): Uint8Array<ArrayBuffer> {
  const loops = all.map(
    ({ body }) => `.balign 1024
    9: ${body}
    addi s10, s10, 1
    j 9b`,
  );
  const source = `.globl _start
    .space 2048
    _start: mret
    .balign 16
    handler: csrr t0, sepc
    addi t0, t0, 4
    csrw sepc, t0
    addi s11, s11, 1
    sret
    .balign 4096
    ${loops.join('\n')}
    `;
  return new Uint8Array(readFileSync(build({ 'refill.S': source }, flags)));
}

function machineWith(
  elf: Uint8Array<ArrayBuffer>,
  all: readonly Guest[],
  index: number,
  options: Partial<MachineOptions>,
) {
  const full = { memory: 3n << 20n, harts: 1, isa: 'rv64ima', mmu: 'sv39', counts: true, ...options } as const;
  const machine = createMachine(full, planBoot({ program: bytesSource('refill', elf) }, { ...full, firmware: 'none' }));
  const low = all[index]?.tableInCode ? 0 : 18;
  const put = (table: number, at: number, value: bigint) =>
    machine.writePhysical(phys(page(table) + 8n * BigInt(at)), quad(value));
  put(16, 0, leaf(17, 1));
  put(16, 2, (ram >> 2n) | 0xcfn);
  put(17, 0, leaf(low, 1));
  put(17, APART >> 21, leaf(19, 1));
  for (let at = 0; at < 8; at += 1) {
    put(low, FIRST + at, leaf(40 + 2 * at));
    put(19, FIRST + at, leaf(60 + at));
  }
  put(low, TABLES >> 12, leaf(low));
  put(low, (TABLES >> 12) + 1, leaf(19));
  const [a1, a4, s2, s3, s4, s8, s9] = [11, 14, 18, 19, 20, 24, 25];
  machine.setX(0, a1, BigInt(BASE + 0x100));
  machine.setX(0, a4, BigInt(APART + BASE + 0x100));
  machine.setX(0, s2, BigInt(APART));
  machine.setX(0, s3, 0x3000n);
  machine.setX(0, s4, BigInt(TABLES + 8 * FIRST));
  machine.setX(0, s8, ram);
  machine.setX(0, s9, BigInt(BASE + 0x3000));
  for (let number = 40; number < 70; number += 1) {
    machine.writePhysical(
      phys(page(number)),
      Uint8Array.from({ length: 4096 }, (_, at) => number * 5 + at * 7),
    );
  }
  machine.setCsr(0, SATP, (8n << 60n) | (page(16) >> 12n));
  machine.setCsr(0, MSTATUS, 1n << 11n);
  machine.setCsr(0, MEDELEG, (1n << 6n) | (1n << 13n) | (1n << 15n));
  machine.setCsr(0, 0x3b0, 0xffff_ffff_ffffn);
  machine.setCsr(0, 0x3a0, 0x1fn);
  machine.setCsr(0, STVEC, ram + 0x810n);
  machine.setCsr(0, MEPC, page(1) + BigInt(1024 * index));
  machine.setPc(0, virt(ram + 0x800n));
  return machine;
}

/** By the guests' places, the two machines of one. */
function machinesOf(all: readonly Guest[]) {
  let elf: Uint8Array<ArrayBuffer> | undefined;
  return (index: number) => {
    elf ??= elfOf(all);
    const translated = machineWith(elf, all, index, { translateAfter: 3 });
    return { translated, interpreted: machineWith(elf, all, index, { translateAfter: 'never' }) };
  };
}

/** Runs both, in parts, and compares; returns how many entries translated code filled. */
function compare({ translated, interpreted }: ReturnType<ReturnType<typeof machinesOf>>, name: string): number {
  for (let part = 0; part < PARTS; part += 1) {
    const count = PART + part;
    for (let half = 0; half < 2; half += 1) translated.run(count);
    interpreted.run(2 * count);
    assert.equal(stateHash(translated), stateHash(interpreted), `after part ${part} of ${name}`);
  }
  return translated.counts.refills ?? 0;
}

/** Another page for each round: a1, and a4 with the same entry as a1's or APART's others. */
const elsewhere = 'xor a1, a1, s2; xor a4, a4, s2';
/** The first page leads to another page of RAM, without a fence. */
const remap = 'ld s5, 0(s4); xori s5, s5, 0x400; sd s5, 0(s4)';

/** `fills`: so many entries at least. */
const guests: Readonly<Record<string, Guest & { readonly fills: number }>> = {
  'one access, and two pages in turns': { body: `ld a0, 0(a1); add a3, a3, a0; ${elsewhere}`, fills: 500 },
  'stores, and two pages in turns': { body: `add a3, a3, s10; sd a3, 0(a1); ${elsewhere}`, fills: 500 },
  'atomics, and two pages in turns': { body: `amoadd.d a3, s10, (a1); ${elsewhere}`, fills: 500 },
  'reservations, and two pages in turns': { body: `lr.d a3, (a1); sc.d a5, s10, (a1); ${elsewhere}`, fills: 500 },
  'two pages with one entry': { body: `ld a0, 0(a1); ld a3, 0(a4); add a5, a5, a3; ${elsewhere}`, fills: 500 },
  'an entry that accesses behind it still use': {
    body: `ld a0, 0(a1); ld a3, 0(a4); ld a5, 8(a1); sd a3, 16(a1); ld a6, 8(a4); ${elsewhere}`,
    fills: 0,
  },
  'an entry that is empty, while accesses behind it still use another': {
    body: `sfence.vma s9; nop; ld a0, 0(a1); ld a3, 0(s9); ld a5, 8(a1); add a6, a6, a5`,
    fills: 10_000,
  },
  'an entry that a loop remembers': {
    body: `li a2, 5; 1: ld a0, 0(a1); add a3, a3, a0; ld a5, 0(a4); xor a3, a3, a5; addi a1, a1, 8; addi a2, a2, -1
      bnez a2, 1b; addi a1, a1, -40; xor a4, a4, s3`,
    fills: 500,
  },
  'an entry that rounds of a loop use': {
    body: `li a2, 9; mv a6, a1; mv a7, a4; 1: ld a0, 0(a6); ld a5, 0(a7); add a3, a3, a0; sd a3, 8(a6); addi a6, a6, 8
      addi a7, a7, 8; addi a2, a2, -1; bnez a2, 1b; sfence.vma`,
    fills: 500,
  },
  'a translation that the table no longer has': {
    body: `ld a0, 0(a1); ${remap}; ld a3, 0(a4); ld a5, 8(a1); add a6, a6, a5; ld a7, 16(a4)`,
    fills: 500,
  },
  'a translation that accesses behind it still use and the table no longer has': {
    body: `ld a0, 0(a1); ld a3, 0(a4); ${remap}; ld a5, 8(a1); add a6, a6, a5; ld a7, 16(a4); ${elsewhere}`,
    fills: 0,
  },
  'a translation that a loop remembers and the table no longer has': {
    body: `${remap}; li a2, 6; 1: ld a0, 0(a1); add a3, a3, a0; ld a5, 0(a4); add a6, a6, a5; addi a2, a2, -1; bnez a2, 1b
      xor a4, a4, s3`,
    fills: 500,
  },
  'a fault behind it in the block': {
    body: `sfence.vma; nop; ld a0, 0(a1); add a3, a3, a0; ld a5, -0x200(zero); add a3, a3, a5; ld a6, 0(a4)`,
    fills: 500,
  },
  'a page that is not there in each second round': {
    body: `xori s6, s6, 1; sd zero, 8(s4); beqz s6, 1f; li s7, ${leaf(42)}; sd s7, 8(s4); 1: sfence.vma; li a6, ${BASE + 0x1000}
      ld a0, 8(a6); add a3, a3, a0; ld a5, 0(a1)`,
    fills: 500,
  },
  'a page table in a page of code': {
    body: `sfence.vma; ld a0, 0(a1); add a3, a3, a0; ${remap}; ld a6, 0(a4)`,
    tableInCode: true,
    fills: 500,
  },
  'pages that are not dirty yet': {
    body: `li s7, ${leaf(46, 0x47)}; sd s7, 24(s4); sfence.vma; sd a3, 0x100(s9); ld a0, 0(a1); add a3, a3, a0`,
    fills: 500,
  },
  'an access over the end of a page in each second round': {
    body: `xori s6, s6, 4; li a5, 0xef8; add a5, a5, a1; add a5, a5, s6; sfence.vma; ld a0, 0(a5); add a3, a3, a0`,
    fills: 500,
  },
  'an atomic that is not aligned in each second round': {
    body: `xori s6, s6, 4; add a5, a1, s6; sfence.vma; amoadd.d a3, s10, (a5)`,
    fills: 500,
  },
  'stores to a page of code': { body: `sfence.vma; sd s10, 0(s8); ld a0, 0(a1); add a3, a3, a0`, fills: 500 },
};

/** Guests made at random. */
function atRandom(random: Random): Guest {
  const offset = () => 8 * random.below(20);
  const steps = [
    () => `ld a0, ${offset()}(${random.of(['a1', 'a4', 's9', 's4'])}); add a3, a3, a0`,
    () => `lw a5, ${offset()}(${random.of(['a1', 'a4'])}); xor a3, a3, a5`,
    () => `sd a3, ${0x100 + offset()}(${random.of(['a1', 'a4', 's9'])})`,
    () => `amoxor.d a6, s10, (${random.of(['a1', 'a4'])})`,
    () => 'xor a1, a1, s2',
    () => 'xor a4, a4, s3',
    () => 'xor s9, s9, s2',
    () => remap,
    () => 'andi t1, s10, 15; bnez t1, 1f; sfence.vma; 1: nop',
    () => 'li a2, 3; 2: ld a7, 0(a1); addi a1, a1, 8; add a3, a3, a7; addi a2, a2, -1; bnez a2, 2b; addi a1, a1, -24',
  ];
  const body = Array.from({ length: 4 + random.below(8) }, () => random.of(steps)()).join('; ');
  return { body, tableInCode: random.once(6) };
}

describe(`the TLB is filled within translated code (SEED=${seed})`, { skip: hasGcc ? false : needsGcc }, () => {
  const machines = machinesOf(Object.values(guests));
  for (const [index, [name, { fills }]] of Object.entries(guests).entries()) {
    test(name, () => {
      const refills = compare(machines(index), name);
      assert.ok(refills >= fills, `only ${refills} were filled there`);
    });
  }

  test('in loops made at random', () => {
    const random = new Random(seed);
    const all = Array.from({ length: 12 }, () => atRandom(random));
    const made = machinesOf(all);
    const refills = all.reduce((sum, { body }, index) => sum + compare(made(index), body), 0);
    assert.ok(refills > 10_000, `only ${refills} were filled there`);
  });

  test('a function that is changed, on a page that may only be executed unseen', () => {
    const body = `andi a5, s10, 0x7ff; slli a5, a5, 20; li a6, 0x00068693; or a5, a5, a6; sw a5, 0(s8)  # addi a3, a3, s10
      li a6, 0x00028067; sw a6, 4(s8)  # jr t0
      sfence.vma; jalr t0, 0(s8); ld a0, 0(a1)`;
    const made = machinesOf([{ body }])(0);
    // A page with a breakpoint is entered by the host, which makes an entry for nothing but fetches.
    const virtual = [virt(ram + 0x700n)];
    for (const machine of Object.values(made)) machine.setBreakpoints({ virtual, physical: [] });
    assert.ok(compare(made, body) > 500);
  });

  const warm = (machine: MachineControl) => {
    for (let part = 0; part < PARTS; part += 1) machine.run(PART);
  };

  test('and watchpoints hear of each access to their bytes', () => {
    const hits = (machine: MachineControl) => {
      warm(machine);
      const address = virt(BigInt(APART + BASE) + 0x108n);
      machine.setWatchpoints([{ id: 1, address, size: 4n, on: 'read-write', space: 'virtual' }]);
      const found = Array.from({ length: 40 }, () => {
        const { reason } = machine.run(1000);
        const [hart] = machine.harts;
        return { reason, pc: hart?.pc, instret: hart?.instret, x13: hart?.x(13) };
      });
      machine.setWatchpoints([]);
      warm(machine);
      return { found, state: stateHash(machine) };
    };
    const guest = { body: `ld a0, 0(a1); ld a3, 8(a1); add a5, a5, a3; ${elsewhere}` };
    const { translated, interpreted } = machinesOf([guest])(0);
    const expected = hits(interpreted);
    assert.deepEqual(hits(translated), expected);
    assert.ok((translated.counts.refills ?? 0) > 500);
    assert.ok(expected.found.every(({ reason }) => reason === 'watchpoint'));
  });

  test('and who watches page tables hears of each store to them', () => {
    const writes = (machine: MachineControl) => {
      warm(machine);
      machine.watchTables([phys(page(18))], true);
      const found: unknown[] = [];
      const listener = (event: MachineEvent) => {
        if (event.kind === 'table-write') found.push([event.pc, event.instret, event.va, event.before, event.after]);
        return false;
      };
      const stop = machine.listen(listener, { kinds: ['table-write'] });
      warm(machine);
      stop();
      return { found, state: stateHash(machine) };
    };
    const guest = { body: `ld a0, 0(a1); ${remap}; sfence.vma; ld a3, 0(a4); ${elsewhere}` };
    const { translated, interpreted } = machinesOf([guest])(0);
    const expected = writes(interpreted);
    assert.deepEqual(writes(translated), expected);
    assert.ok((translated.counts.refills ?? 0) > 500);
    assert.ok(expected.found.length > 500, 'none was heard of');
  });
});
