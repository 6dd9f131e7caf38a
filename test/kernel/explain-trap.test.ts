// Traps of a real machine in words: each program is an instruction or a few, in one mode.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { phys } from '../../emulator/address.ts';
import type { MachineControl } from '../../emulator/control.ts';
import type { TrapEvent } from '../../emulator/events.ts';
import type { HartView } from '../../emulator/inspection.ts';
import { createMachine } from '../../emulator/machine.ts';
import { type ExplainedTrap, explainTrap, type TrapNames } from '../../kernel/index.ts';

const base = 0x8000_0000;
const Csr = {
  mstatus: 0x300,
  mcounteren: 0x306,
  menvcfg: 0x30a,
  mepc: 0x341,
  pmpcfg0: 0x3a0,
  pmpaddr0: 0x3b0,
} as const;
const names: TrapNames = { regionOf: () => '', symbolOf: () => '', nameOfPhysical: () => '', images: [] };
const MRET = 0x30200073;

interface Setting {
  readonly isa?: string;
  readonly misaligned?: 'supported' | 'trap';
  /** 0 = U, 1 = S, 3 = M. */
  readonly privilege?: 0 | 1 | 3;
  /** Bits of mstatus besides MPP. */
  readonly mstatus?: bigint;
  readonly csrs?: Readonly<Record<number, bigint>>;
  readonly registers?: Readonly<Record<number, bigint>>;
  readonly pmpcfg?: bigint;
}

/** The trap that one instruction takes, explained. */
function trapOf(word: number, setting: Setting = {}): ExplainedTrap {
  const { isa = 'rv64max', misaligned = 'supported', privilege = 3, mstatus = 0n } = setting;
  const machine: MachineControl = createMachine(
    { memory: 0x100_0000n, harts: 1, isa, mmu: 'sv39', misaligned },
    {
      xlen: 64,
      isa,
      mmu: 'sv39',
      firmware: 'none',
      privilege: 3,
      entry: phys(base),
      segments: [],
      dtb: phys(0),
      kernel: { start: phys(base), end: phys(base) },
    },
  );
  const code = new DataView(new ArrayBuffer(8));
  code.setUint32(0, MRET, true);
  code.setUint32(4, word, true);
  machine.writePhysical(phys(base), new Uint8Array(code.buffer));
  machine.setCsr(0, Csr.pmpaddr0, (1n << 54n) - 1n);
  machine.setCsr(0, Csr.pmpcfg0, setting.pmpcfg ?? 0x1fn);
  machine.setCsr(0, Csr.mepc, BigInt(base + 4));
  for (const [csr, value] of Object.entries(setting.csrs ?? {})) machine.setCsr(0, Number(csr), value);
  for (const [register, value] of Object.entries(setting.registers ?? {})) machine.setX(0, Number(register), value);
  machine.setCsr(0, Csr.mstatus, mstatus | (BigInt(privilege) << 11n));
  let trap: TrapEvent | undefined;
  machine.listen(
    (event) => {
      if (event.kind === 'trap') trap ??= event;
      return false;
    },
    { kinds: ['trap'] },
  );
  for (let step = 0; step < 2 && !trap; step += 1) machine.step(0);
  assert.ok(trap, 'a trap was taken');
  return explainTrap(machine, machine.harts[0] as HartView, trap, machine.harts[0]?.csr(0x180) ?? 0n, names);
}

const csrr = (csr: number) => ((csr << 20) | (2 << 12) | (10 << 7) | 0x73) >>> 0;
const csrw = (csr: number) => ((csr << 20) | (11 << 15) | (1 << 12) | 0x73) >>> 0;
const FS = 1n << 13n;
const at = 'at 0x80000004';

describe('illegal instructions', () => {
  const cases: readonly [string, number, Setting, string, string][] = [
    [
      'zeros',
      0,
      {},
      `Illegal instruction ${at}: 0x0: all bits are 0: this is no code, so the jump here went astray.`,
      '',
    ],
    [
      'ones',
      0xffffffff,
      {},
      `Illegal instruction ${at}: 0xffffffff: all bits are 1: this is no code, so the jump here went astray.`,
      '',
    ],
    ['no instruction', 0x0000007b, {}, `Illegal instruction ${at}: 0x7b: no instruction has these bits.`, ''],
    [
      'an absent extension',
      0x02b50533,
      { isa: 'rv64iac_zicsr' },
      `Illegal instruction ${at}: mul a0,a0,a1: this machine has no M.`,
      'add m to the ISA string, or compile without it',
    ],
    [
      'floating point that is off',
      0x02b57553,
      {},
      `Illegal instruction ${at}: fadd.d fa0,fa0,fa1: mstatus.FS is Off.`,
      'set sstatus.FS to Initial (1) before floating point is used',
    ],
    [
      'fcsr that is off',
      csrr(0x003),
      {},
      `Illegal instruction ${at}: frcsr a0: mstatus.FS is Off, and fcsr belongs to floating point.`,
      'set sstatus.FS to Initial (1)',
    ],
    [
      'a reserved rounding mode',
      0x02b55553,
      { mstatus: FS },
      `Illegal instruction ${at}: fadd.d fa0,fa0,fa1,unknown: its rounding mode is reserved.`,
      '',
    ],
    [
      'a CSR of a higher mode',
      csrr(0x300),
      { privilege: 1 },
      `Illegal instruction ${at}: csrr a0,mstatus: mstatus needs M-mode, and this is S-mode.`,
      '',
    ],
    ['an unknown CSR', csrr(0x7ff), {}, `Illegal instruction ${at}: csrr a0,0x7ff: this machine has no CSR 0x7ff.`, ''],
    ['a read-only CSR', csrw(0xf14), {}, `Illegal instruction ${at}: csrw mhartid,a1: mhartid is read-only.`, ''],
    [
      'satp under TVM',
      csrw(0x180),
      { privilege: 1, mstatus: 1n << 20n },
      `Illegal instruction ${at}: csrw satp,a1: mstatus.TVM = 1 keeps satp for M-mode.`,
      'clear mstatus.TVM in M-mode',
    ],
    [
      'a counter',
      csrr(0xc01),
      { privilege: 1 },
      `Illegal instruction ${at}: rdtime a0: mcounteren bit 1 = 0 keeps time from S-mode.`,
      'set bit 1 of mcounteren',
    ],
    [
      'stimecmp',
      csrw(0x14d),
      { privilege: 1 },
      `Illegal instruction ${at}: csrw stimecmp,a1: menvcfg.STCE = 0 keeps stimecmp for M-mode.`,
      'set menvcfg.STCE in M-mode',
    ],
    [
      'sret under TSR',
      0x10200073,
      { privilege: 1, mstatus: 1n << 22n },
      `Illegal instruction ${at}: sret: mstatus.TSR = 1 keeps it for M-mode.`,
      'clear mstatus.TSR in M-mode',
    ],
    [
      'mret in S-mode',
      MRET,
      { privilege: 1 },
      `Illegal instruction ${at}: mret: it needs M-mode, and this is S-mode.`,
      '',
    ],
    [
      'wfi under TW',
      0x10500073,
      { privilege: 1, mstatus: 1n << 21n },
      `Illegal instruction ${at}: wfi: mstatus.TW = 1 lets only M-mode wait.`,
      'clear mstatus.TW in M-mode',
    ],
    [
      'sfence.vma in U-mode',
      0x12000073,
      { privilege: 0 },
      `Illegal instruction ${at}: sfence.vma: it needs S-mode, and this is U-mode.`,
      '',
    ],
    [
      'cbo.zero',
      0x0045a00f,
      { privilege: 1 },
      `Illegal instruction ${at}: cbo.zero (a1): menvcfg do not allow it in S-mode.`,
      'set the CBIE, CBCFE or CBZE field of menvcfg',
    ],
  ];
  for (const [title, word, setting, text, remedy] of cases) {
    test(title, () => {
      const trap = trapOf(word, setting);
      assert.equal(trap.text, text);
      assert.deepEqual(
        trap.repairs.map((repair) => repair.text),
        remedy ? [remedy] : [],
      );
    });
  }
});

describe('other traps', () => {
  test('an ecall says what is called', () => {
    const sbi = trapOf(0x73, { privilege: 1, registers: { 16: 2n, 17: 0x4442434en } });
    assert.equal(sbi.text, `ecall from S-mode ${at}: SBI extension 0x4442434e (a7), function 2 (a6).`);
    assert.equal(
      trapOf(0x73, { privilege: 0, registers: { 17: 64n } }).text,
      `ecall from U-mode ${at}: system call 64 (a7).`,
    );
  });

  test('an ebreak is what it is', () => {
    assert.equal(
      trapOf(0x00100073).text,
      `ebreak ${at} asks for the debugger: kernels put it where they give up or warn.`,
    );
  });

  test('a misaligned access that the machine traps', () => {
    const trap = trapOf(0x0005a503, { misaligned: 'trap', registers: { 11: BigInt(base + 0x102) } });
    assert.equal(
      trap.text,
      `lw a0,0(a1) ${at} loads 4 bytes at 0x80000102, which is no multiple of 4, and this machine traps misaligned accesses.`,
    );
    assert.equal(trap.va, 0x80000102n);
  });

  test('a jump between two words without compressed instructions', () => {
    const trap = trapOf(0x00058067, { isa: 'rv64ima_zicsr', registers: { 11: BigInt(base + 0x102) } });
    assert.match(trap.text, /^jr a1 at 0x80000004 jumps to 0x80000102, which is no multiple of 4/);
  });
});

describe('access faults', () => {
  test('of M-mode to nowhere: no change helps', () => {
    const trap = trapOf(0x0005b503, { registers: { 11: 0x7000_0000n } });
    assert.equal(
      trap.text,
      'Load access fault (5) for 0x70000000: the M-mode load was denied: nothing at this address (PMA).',
    );
    assert.deepEqual(trap.repairs, []);
    assert.match(trap.details, /^no change of tables or registers would let it pass$/m);
    assert.deepEqual(trap.rule, { id: 'pma_chk_paddr', title: 'Physical Memory Attributes' });
  });

  test('of S-mode by PMP: the entry gets the right that lacks', () => {
    const trap = trapOf(0x00c5b023, { privilege: 1, pmpcfg: 0x1dn, registers: { 11: BigInt(base + 0x100) } });
    assert.equal(
      trap.text,
      'Store/AMO access fault (7) for 0x80000100: the S-mode store was denied: PMP entry 0 has W=0.',
    );
    assert.equal(trap.repairs[0]?.text, 'allow it in the PMP, in M-mode: pmpcfg0 = 0x1f');
    assert.equal(trap.rule?.id, 'pmp_rwx_check');
  });
});
