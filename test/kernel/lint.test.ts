import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { phys, virt } from '../../emulator/address.ts';
import { node, writeFdt } from '../../emulator/firmware/fdt.ts';
import type { HartView, Inspection } from '../../emulator/inspection.ts';
import { Sv39 } from '../../emulator/mmu/modes.ts';
import { type Finding, type KernelImage, type KernelSymbols, lint, sarifOf } from '../../kernel/index.ts';
import { symbolsOf } from '../support/kernel-fixtures.ts';
import { A, D, PageTables, pte, R, stillMachine, TestMemory, U, V, W, X } from '../support/page-tables.ts';

const KERNEL = 0xffffffff80000000n;
const regions = [
  { name: 'uart', kind: 'device', base: phys(0x10000000), size: 0x100n },
  { name: 'RAM', kind: 'ram', base: phys(0x80000000), size: 0x100000n },
] as const;
const image: KernelImage = { va: virt(KERNEL), pa: phys(0x80040000), size: 0x8000n };
const sections = [
  { name: '.text', va: KERNEL, size: 0x2000n, write: false, execute: true },
  { name: '.rodata', va: KERNEL + 0x2000n, size: 0x1000n, write: false, execute: false },
  { name: '.data', va: KERNEL + 0x3000n, size: 0x2000n, write: true, execute: false },
];
const symbols = symbolsOf(
  new Map([
    ['_start', KERNEL],
    ['table', KERNEL + 0x2000n],
    ['boot_stack', KERNEL + 0x4000n],
  ]),
  sections,
);

interface Parts {
  readonly svpbmt?: boolean;
  readonly names?: KernelSymbols;
  readonly reservations?: Uint8Array;
  /** menvcfg.ADUE, where the hardware has it. */
  readonly hardwareAD?: boolean;
}

/** What the lint says of tables that `build` has filled, as rule and range. */
function found(build: (tables: PageTables) => void, parts: Parts = {}): Finding[] {
  const tables = new PageTables(new TestMemory(256 * 4096), Sv39);
  build(tables);
  if (parts.reservations) tables.memory.bytes.set(parts.reservations, 0xf0000);
  const still = stillMachine(tables.memory, { regions });
  const envcfg = (parts.hardwareAD === false ? 0n : 1n << 61n) | (1n << 62n);
  const hart: HartView = { ...(still.harts[0] as HartView), csr: (number) => (number === 0x30a ? envcfg : 0n) };
  const machine: Inspection = {
    ...still,
    harts: [hart],
    paging: { ...still.paging, svpbmt: parts.svpbmt ?? false, svadu: true },
    deviceTree: parts.reservations ? phys(0x800f0000) : undefined,
  };
  const space = tables.space({ pbmt: parts.svpbmt ?? false });
  const kernel = parts.names ?? symbolsOf(new Map(), []);
  const images = parts.names ? [image] : [];
  return [...lint({ machine, hart, space, symbols: kernel, images }).findings];
}

const told = (findings: readonly Finding[]) =>
  findings.map(({ rule, va, vaEnd }) => `${rule} 0x${va.toString(16)}–0x${vaEnd.toString(16)}`);
const page = 0x80050000n;

describe('the lint', () => {
  test('is silent about a map that is in order', () => {
    const build = (tables: PageTables) => {
      tables.map(KERNEL, 0x80040000n, R | X | A, 0, 2);
      tables.map(KERNEL + 0x2000n, 0x80042000n, R | A);
      tables.map(KERNEL + 0x5000n, 0x80045000n, R | W | A | D, 0, 3);
      tables.map(0x10000000n, 0x10000000n, R | W | A | D);
      tables.map(0x1000n, page, R | X | U | A);
    };
    assert.deepEqual(told(found(build, { names: symbols })), []);
  });

  const cases: readonly [string, (tables: PageTables) => void, readonly string[], Parts?][] = [
    [
      'W+X, joined over neighbours',
      (t) => t.map(0x1000n, page, R | W | X | A | D, 0, 3),
      ['writable-and-executable 0x1000–0x3fff'],
    ],
    [
      'reserved bits',
      (t) => t.setLeaf(0x1000n, 0, pte(page, V | R | A) | (1n << 55n)),
      ['reserved-bits 0x1000–0x1fff'],
    ],
    ['W without R', (t) => t.setLeaf(0x1000n, 0, pte(page, V | W | A)), ['write-without-read 0x1000–0x1fff']],
    [
      'A and D on a pointer',
      (t) => t.setLeaf(0x200000n, 1, pte(page, V | A | D)),
      ['pointer-with-leaf-bits 0x200000–0x3fffff'],
    ],
    ['a pointer at level 0', (t) => t.setLeaf(0x1000n, 0, pte(page, V)), ['pointer-at-last-level 0x1000–0x1fff']],
    [
      'a misaligned superpage',
      (t) => t.setLeaf(0x200000n, 1, pte(0x80001000n, V | R | A)),
      ['misaligned-superpage 0x200000–0x3fffff'],
    ],
    [
      'N without Svnapot',
      (t) => t.setLeaf(0x1000n, 0, pte(page, V | R | A) | (1n << 63n)),
      ['reserved-napot 0x1000–0x1fff'],
    ],
    [
      'PBMT that is not in force',
      (t) => t.setLeaf(0x1000n, 0, pte(page, V | R | A) | (1n << 61n)),
      ['reserved-memory-type 0x1000–0x1fff'],
    ],
    [
      'a pointer to nowhere',
      (t) => t.setLeaf(0x200000n, 1, pte(0x70000000n, V)),
      ['table-outside-memory 0x200000–0x3fffff'],
    ],
    ['a leaf to nowhere', (t) => t.map(0x1000n, 0x70000000n, R | A), ['page-outside-memory 0x1000–0x1fff']],
    ['A clear under Svade', (t) => t.map(0x1000n, page, R), ['accessed-clear 0x1000–0x1fff'], { hardwareAD: false }],
    [
      'D clear under Svade',
      (t) => t.map(0x1000n, page, R | W | A),
      ['dirty-clear 0x1000–0x1fff'],
      { hardwareAD: false },
    ],
    ['A and D clear where the hardware sets them', (t) => t.map(0x1000n, page, R | W), []],
    ['A clear in a user page under Svade', (t) => t.map(0x1000n, page, R | U), [], { hardwareAD: false }],
    ['an executable device', (t) => t.map(0x1000n, 0x10000000n, R | X | A), ['device-executable 0x1000–0x1fff']],
    [
      'a device as ordinary memory',
      (t) => t.setLeaf(0x1000n, 0, pte(0x10000000n, V | R | A) | (1n << 61n)),
      ['device-not-io 0x1000–0x1fff'],
      { svpbmt: true },
    ],
    [
      'uncached RAM',
      (t) => t.setLeaf(0x1000n, 0, pte(page, V | R | A) | (1n << 61n)),
      ['memory-uncached 0x1000–0x1fff'],
      { svpbmt: true },
    ],
    [
      'aliases of different types',
      (t) => {
        t.map(0x1000n, page, R | A);
        t.setLeaf(0x9000n, 0, pte(page, V | R | A) | (2n << 61n));
      },
      ['alias-types 0x9000–0x9fff', 'memory-uncached 0x9000–0x9fff'],
      { svpbmt: true },
    ],
    [
      'a page table that programs may write',
      (t) => t.map(0x1000n, t.root, R | W | U | A | D),
      ['page-table-user 0x1000–0x1fff'],
    ],
    ['address 0', (t) => t.map(0n, page, R | A), ['null-mapped 0x0–0xfff']],
    [
      'the kernel in reach of programs',
      (t) => t.map(KERNEL, 0x80040000n, R | X | U | A),
      ['user-kernel 0xffffffff80000000–0xffffffff80000fff'],
      { names: symbols },
    ],
    [
      '.text without X',
      (t) => t.map(KERNEL, 0x80040000n, R | A),
      ['text-not-executable 0xffffffff80000000–0xffffffff80000fff'],
      { names: symbols },
    ],
    [
      '.text writable through an alias',
      (t) => t.map(0x40000000n, 0x80041000n, R | W | A | D),
      ['text-writable 0x40000000–0x40000fff'],
      { names: symbols },
    ],
    [
      '.rodata writable',
      (t) => t.map(KERNEL + 0x2000n, 0x80042000n, R | W | A | D),
      ['rodata-writable 0xffffffff80002000–0xffffffff80002fff'],
      { names: symbols },
    ],
    [
      'a stack without a guard page',
      (t) => t.map(KERNEL + 0x3000n, 0x80043000n, R | W | A | D, 0, 4),
      ['no-guard-page 0xffffffff80003000–0xffffffff80003fff'],
      { names: symbols },
    ],
  ];
  for (const [title, build, expected, parts] of cases) {
    test(`finds ${title}`, () => assert.deepEqual(told(found(build, parts)), expected));
  }

  test('finds what the device tree keeps from being mapped', () => {
    const reservations = writeFdt({
      root: node('', {}, [
        node('reserved-memory', { '#address-cells': [2], '#size-cells': [2], ranges: true }, [
          node('firmware@80050000', { reg: [0, 0x80050000, 0, 0x1000], 'no-map': true }),
          node('framebuffer@80060000', { reg: [0, 0x80060000, 0, 0x1000] }),
        ]),
      ]),
      reservations: [],
      bootHart: 0,
    });
    const findings = found((tables) => tables.map(0x40000000n, page, R | W | A | D, 0, 32), { reservations });
    assert.deepEqual(told(findings), ['reserved-memory-mapped 0x40000000–0x40000fff']);
    assert.equal(
      findings[0]?.text,
      '0x40000000–0x40000fff (RAM) maps firmware@80050000, which the device tree says must not be mapped.',
    );
  });

  test('a table that leads to itself is looked at once', () => {
    const findings = found((tables) => tables.set(tables.root, 0, pte(tables.root, V)));
    assert.deepEqual(told(findings), ['pointer-at-last-level 0x0–0xfff']);
  });

  test('a thousand pages with one mistake are one finding', () => {
    const findings = found((tables) => {
      for (let index = 0n; index < 400n; index += 2n) tables.map(0x200000n + index * 4096n, page, R | W | X | A | D);
    });
    assert.equal(findings.length, 1);
    assert.deepEqual([findings[0]?.count, findings[0]?.size], [200, 200n * 4096n]);
    assert.match(findings[0]?.text ?? '', /is both writable and executable; 200 alike here, 800 KiB in all\.$/);
  });

  test('names the entry, the object and the region', () => {
    const [finding] = found((tables) => tables.map(KERNEL + 0x2000n, 0x80042000n, R | W | A | D), { names: symbols });
    assert.deepEqual([finding?.region, finding?.symbol, finding?.pa], ['.rodata', 'table', 0x80042000n]);
    assert.equal(finding?.pte?.raw, pte(0x80042000n, V | R | W | A | D));
  });
});

test('SARIF has each rule, each finding, and suppresses what is by design', () => {
  const findings = found((tables) => tables.map(0x1000n, page, R | W | X | A | D));
  const explained = { ...(findings[0] as Finding), severity: 'note', explained: 'so it is' } as const;
  const source = () => ({ path: 'mm.c', line: 7 });
  const log = sarifOf([...findings, explained], { artifact: 'kernel.elf', version: '1', source }) as {
    version: string;
    runs: {
      tool: { driver: { rules: { id: string }[] } };
      results: { ruleId: string; ruleIndex: number; level: string; suppressions?: unknown }[];
    }[];
  };
  const [run] = log.runs;
  assert.equal(log.version, '2.1.0');
  assert.deepEqual(
    run?.results.map(({ ruleId, level, suppressions }) => [ruleId, level, suppressions !== undefined]),
    [
      ['writable-and-executable', 'error', false],
      ['writable-and-executable', 'note', true],
    ],
  );
  assert.equal(run?.tool.driver.rules[run.results[0]?.ruleIndex ?? -1]?.id, 'writable-and-executable');
});
