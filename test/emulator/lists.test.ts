// Lists whose elements lie in scattered pages: translated code guesses where a loaded value leads.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { blocksOf } from '../../emulator/core/translator/blocks.ts';
import { chainsOf } from '../../emulator/core/translator/chains.ts';
import { createMachine, type MachineOptions, phys, virt } from '../../emulator/index.ts';
import { decoderFor } from '../../emulator/isa/decode.ts';
import { parseIsa } from '../../emulator/isa/isa-string.ts';
import { bytesSource, planBoot } from '../../emulator/loader/index.ts';
import { Random, seed } from '../oracle/random.ts';
import { build, hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { stateHash } from './sample.ts';

const ram = 0x8000_0000n;
const [SATP, MSTATUS] = [0x180, 0x300];
const flags = ['-march=rv64ima_zba', '-mabi=lp64', '-mcmodel=medany', '-static', '-Wl,-Ttext=0x80000000,--no-relax'];

/** Where pages from address 0 on lie: pages of RAM, the last page of RAM among them, in two orders. */
const orders = [
  [40, 33, 47, 767, 52, 39, 44, 36],
  [36, 767, 40, 52, 33, 47, 39, 44],
];
/** A page of the PLIC, whose registers read as zero. */
const DEVICE = 8;
/** From the page of one element to the next. */
const SLOT = 64;
const PAGES = 8;

interface Form {
  readonly body: string;
  /** What leads to an element that begins at `at`, in a1. */
  readonly link: (at: number) => number;
  readonly bytes: 4 | 8;
  /** a4 and a7. */
  readonly bases?: readonly [number, number];
  readonly misaligned?: boolean;
  /** What is behind an element's first bytes is not used. */
  readonly alone?: boolean;
  /** At 16 it holds what leads to the element after next. */
  readonly pairs?: boolean;
  /** It takes that much longer than others, until nothing is guessed. */
  readonly times?: number;
}

const pointer = (body: string, form: Partial<Form> = {}): Form => ({
  body: `${body}; add a3, a3, a1`,
  link: (at) => at,
  bytes: 8,
  ...form,
});
const indexed = (body: string, base: number, bytes: 4 | 8): Form =>
  pointer(body, { link: (at) => (at - base) / bytes, bytes, bases: [base, base - 4096], alone: base % 8 !== 0 });

/** An element holds what leads to the next, behind it the address of another's last eight bytes, and 8 bytes to be stored to. */
const forms: Readonly<Record<string, Form>> = {
  pointers: pointer('ld a1, 0(a1)', { alone: true }),
  'pointers that are misaligned': pointer('ld a1, 0(a1)', { misaligned: true }),
  'pointers of four bytes': pointer('lw a1, 0(a1)', { bytes: 4, misaligned: true, alone: true }),
  'pointers from before the element': pointer('ld a1, 40(a1)', {
    link: (at) => at - 40,
    misaligned: true,
    alone: true,
  }),
  'pointers from behind the element': pointer('ld a1, -40(a1)', { link: (at) => at + 40, alone: true }),
  'pointers from the page before': pointer('li a5, 4096; add a5, a1, a5; ld a1, 0(a5)', {
    link: (at) => at - 4096,
    alone: true,
  }),
  'indices of eight bytes': indexed('slli a5, a1, 3; add a5, a5, a4; ld a1, 0(a5)', 0x40, 8),
  'indices of four bytes, not from the beginning of a page': indexed('sh2add a5, a1, a4; lwu a1, 0(a5)', 0x7c, 4),
  'indices of two arrays': indexed(
    'slli a5, a1, 3; add a6, a5, a4; add a5, a5, a7; ld a5, 0(a5); add a3, a3, a5; ld a1, 0(a6)',
    0x40,
    8,
  ),
  'two fields of an element': pointer('ld a5, 8(a1); ld a1, 0(a1); xor a3, a3, a5', { misaligned: true }),
  'two fields, one after the other': pointer('ld a5, 8(a1); beqz a5, 2f; xor a3, a3, a5; 2: ld a1, 0(a1)'),
  'what elements point to, which may be a device': pointer('ld a5, 8(a1); lwu a5, 0(a5); ld a1, 0(a1); xor a3, a3, a5'),
  'stores to elements': pointer('ld a1, 0(a1); add a3, a3, a1; sd a3, 16(a1)', { misaligned: true }),
  // What leads to the next element is another each time.
  'pairs of pointers that change places': pointer(
    'ld a5, 0(a1); ld a6, 16(a1); sd a6, 0(a1); sd a5, 16(a1); mv a1, a5',
    { pairs: true, times: 100 },
  ),
  'atomics on what elements point to': pointer('ld a5, 8(a1); amoadd.d a6, a1, (a5); xor a3, a3, a6; ld a1, 0(a1)'),
};

const elf = () => {
  const programs = Object.values(forms).map(
    ({ body }) => `.balign 128\n0: li a2, 500\n1: ${body}\naddi a2, a2, -1\nbnez a2, 1b\nj 0b`,
  );
  return new Uint8Array(readFileSync(build({ 'lists.S': `.globl _start\n_start:\n${programs.join('\n')}\n` }, flags)));
};

/** The elements' addresses, in the order of the list: two end at a page's end, one goes on in the next page. */
function elementsFor({ misaligned, alone, pairs }: Form, random: Random): number[] {
  const slots = Array.from({ length: (PAGES * 4096) / SLOT }, (_, slot) => slot * SLOT);
  const inner = slots.filter((at) => at >= 0x1000 && at % 4096 !== 0 && at % 4096 !== 4096 - SLOT);
  const at = inner.filter(() => random.once(2)).map((slot) => slot + (misaligned ? random.below(8) : 0));
  // Regions are left at elements that go on in the next page, and forget.
  if (!pairs) at.push(0x4000 - 8, ...(alone ? [PAGES * 4096 - 8] : []), ...(misaligned ? [0x3000 - 3] : []));
  return at
    .map((each) => [random.bits(), each] as const)
    .sort((a, b) => a[0] - b[0])
    .map(([, each]) => each);
}

function machineWith(program: Uint8Array<ArrayBuffer>, options: Partial<MachineOptions>) {
  const full = { memory: 3n << 20n, harts: 1, isa: 'rv64ima_zba', mmu: 'sv39', counts: true, ...options } as const;
  const plan = planBoot({ program: bytesSource('lists', program) }, { ...full, firmware: 'none' });
  const machine = createMachine(full, plan);
  const page = (number: number) => ram + (BigInt(number) << 12n);
  const quad = (value: bigint) => new Uint8Array(BigUint64Array.of(value).buffer);
  const pte = (at: bigint, bits: bigint) => quad(((at >> 12n) << 10n) | bits);
  let order = orders[0] as number[];
  machine.setCsr(0, 0x3b0, 0xffff_ffff_ffffn);
  machine.setCsr(0, 0x3a0, 0x1fn);
  // Loads and stores are those of S-mode.
  machine.setCsr(0, MSTATUS, (1n << 17n) | (1n << 11n));
  return {
    machine,
    /** Maps the pages anew: what they hold is elsewhere, too. */
    map(which: number) {
      order = orders[which] as number[];
      machine.writePhysical(phys(page(16)), pte(page(17), 1n));
      machine.writePhysical(phys(page(17)), pte(page(18), 1n));
      for (const [index, number] of order.entries()) {
        machine.writePhysical(phys(page(18) + BigInt(index * 8)), pte(page(number), 0xc7n));
      }
      machine.writePhysical(phys(page(18) + BigInt(DEVICE * 8)), pte(0x0c00_0000n, 0xc7n));
      machine.setCsr(0, SATP, (8n << 60n) | (page(16) >> 12n));
    },
    poke(address: number, value: number, size: number) {
      const bytes = quad(BigInt(value)).slice(0, size);
      for (const [index, byte] of bytes.entries()) {
        const at = address + index;
        const number = order[at >> 12];
        if (number !== undefined) machine.writePhysical(phys(page(number) + BigInt(at & 0xfff)), Uint8Array.of(byte));
      }
    },
  };
}

describe(`lists in scattered pages (SEED=${seed})`, { skip: hasGcc ? false : needsGcc }, () => {
  let program: Uint8Array<ArrayBuffer> | undefined;
  for (const [number, [name, form]] of Object.entries(forms).entries()) {
    test(`of ${name} are followed as by interpretation`, () => {
      program ??= elf();
      const random = new Random(seed + number);
      const elements = elementsFor(form, random);
      const others = elements.map(() => (random.once(8) ? DEVICE << 12 : (random.of(elements) & ~(SLOT - 1)) + 48));
      const atomic = name.startsWith('atomics');
      const translated = machineWith(program, { translateAfter: 3 });
      const interpreted = machineWith(program, { translateAfter: 'never' });
      const both = [translated, interpreted];
      for (let round = 0; round < 4; round += 1) {
        for (const { machine, map, poke } of both) {
          map(round % 2);
          for (const [index, at] of elements.entries()) {
            const other = others[index] as number;
            poke(at + 8, atomic && other >> 12 === DEVICE ? 0x1030 : other, 8);
          }
          for (const [index, at] of elements.entries()) {
            poke(at, form.link(elements[(index + 1) % elements.length] as number), form.bytes);
            if (form.pairs) poke(at + 16, elements[(index + 2) % elements.length] as number, 8);
          }
          const [a4, a7] = form.bases ?? [0, 0];
          const first = form.link(elements[0] as number);
          for (const [register, value] of [first, 0, 0, a4, 0, 0, a7].entries()) {
            machine.setX(0, 11 + register, BigInt.asUintN(64, BigInt(value)));
          }
          machine.setPc(0, virt(ram + BigInt(number * 128)));
          // In the last rounds one page has watched bytes, which nothing reaches.
          const watched = { id: 1, space: 'virtual', address: virt(0x2001n), size: 1n, on: 'read-write' } as const;
          machine.setWatchpoints(round < 2 ? [] : [watched]);
        }
        for (let stop = 0; stop < 6; stop += 1) {
          const count = 1 + random.below(6000 * (form.times ?? 1));
          for (let left = count; left > 0; ) {
            const slice = 1 + random.below(left);
            translated.machine.run(slice);
            left -= slice;
          }
          interpreted.machine.run(count);
          const where = `round ${round}, stop ${stop}`;
          assert.equal(stateHash(translated.machine), stateHash(interpreted.machine), where);
          assert.equal(translated.machine.harts[0]?.csr(0x342), 0n, `${where}: it traps`);
        }
      }
      const { counts, time } = translated.machine;
      assert.ok((counts.regionInstructions ?? 0) > Number(time) / 2, `${counts.regionInstructions} of ${time}`);
    });
  }

  test('are known by loads whose bases are made of what they have loaded, and of nothing else that the loop loads', () => {
    const chainsIn = (code: string) => {
      const program = readFileSync(build({ 'one.S': `.globl _start\n_start:\n${code}\nj _start\n` }, flags));
      const { machine } = machineWith(new Uint8Array(program), {});
      const view = new DataView(machine.readPhysical(phys(ram), 64).slice().buffer);
      const decode = decoderFor(parseIsa('rv64ima_zba'));
      const placed = code.split(';').map((_, index) => {
        const instruction = decode(view.getUint32(4 * index, true));
        assert.ok(instruction);
        return { offset: 4 * index, instruction };
      });
      return [...chainsOf(blocksOf(placed, [0]))].map(
        ([{ offset }, { register, plus }]) => `${offset / 4} at x${register}+${plus}`,
      );
    };
    assert.deepEqual(chainsIn('ld a1, 0(a1)'), ['0 at x11+0']);
    assert.deepEqual(chainsIn('ld a1, 0(a1); ld a2, 0(a0)'), ['0 at x11+0']);
    assert.deepEqual(chainsIn('mv a2, a1; addi a2, a2, 16; ld a1, 8(a2)'), ['2 at x11+16']);
    assert.deepEqual(chainsIn('slli a5, a5, 3; add a5, a5, a3; ld a5, 0(a5)'), ['2 at x15+0']);
    assert.deepEqual(chainsIn('mul a5, a5, a3; sh3add a5, a5, a4; lw a5, 0(a5)'), ['2 at x15+0']);
    assert.deepEqual(chainsIn('ld a2, 0(a1); ld a1, 0(a2)'), ['0 at x11+0', '1 at x12+0'], 'two loads a round');
    assert.deepEqual(chainsIn('j .+4; ld a5, 8(a1); mv a1, a5'), ['1 at x15+0'], 'of a copy');
    assert.deepEqual(chainsIn('j .+4; ld a5, 8(a1); add a1, a1, a5'), ['1 at x15+0'], 'of a distance');
    assert.deepEqual(chainsIn('j .+4; ld a5, 8(a1); mv a1, a5; j .+4; addi a1, a1, 8'), [], 'made in two ways');
    assert.deepEqual(
      chainsIn('lbu a2, 8(a1); addi a1, a1, 8; sd a3, 8(a1); ld a1, 0(a1)'),
      ['0 at x11+0', '2 at x11+8', '3 at x11+8'],
      'all accesses to an element',
    );
    assert.deepEqual(
      chainsIn('slli a2, a1, 3; add a3, a2, a4; ld a1, 0(a3); add a3, a2, a5; ld a0, 0(a3)'),
      ['2 at x11+0'],
      'one of two places',
    );
    assert.deepEqual(
      chainsIn('ld a5, 0(a1); ld a5, 0(a5); ld a1, 8(a1)'),
      ['0 at x11+0', '2 at x11+0'],
      'none leads back from a5',
    );
    assert.deepEqual(
      chainsIn('ld a2, 8(a0); slli a2, a2, 3; add a2, a2, a3; ld a4, 0(a2)'),
      [],
      'no load waits for another',
    );
    assert.deepEqual(chainsIn('ld a2, 8(a1); add a1, a1, a2; ld a1, 0(a1)'), [], 'two loads make the base');
    assert.deepEqual(chainsIn('mv a4, a5; ld a5, 0(a0); ld a5, 0(a4)'), [], 'it has been loaded anew');
    assert.deepEqual(chainsIn('lh a1, 0(a1)'), [], 'too short for an address');
    assert.deepEqual(chainsIn('sd a2, 0(a1); addi a1, a1, 8'), []);
  });
});
