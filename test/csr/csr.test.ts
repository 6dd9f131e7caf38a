import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type CsrFacts, isPresent, legalise, throughView } from '../../emulator/csr/legalise.ts';
import { pmpAddressLocked } from '../../emulator/csr/pmp.ts';
import type { CsrRow } from '../../emulator/csr/row.ts';
import { readFields, summaryOf } from '../../emulator/csr/summary.ts';
import { csrNamed, csrNumbered, csrs } from '../../emulator/csr/table.ts';
import { assemble, missingTools } from '../isa/binutils.ts';

const facts: CsrFacts = {
  xlen: 64,
  modes: [8, 9],
  svadu: false,
  svpbmt: false,
  sstc: true,
  pmpEntries: 16,
  extensions: new Set(),
  misa: 0x800000000014112dn,
};
const facts32: CsrFacts = { ...facts, xlen: 32, modes: [1], misa: 0x4014112dn };
const ones = (1n << 64n) - 1n;

function csr(name: string, xlen: 32 | 64 = 64): CsrRow {
  const row = csrNamed(name, xlen);
  assert.ok(row, name);
  return row;
}

const written = (name: string, old: bigint, value: bigint, machine = facts) =>
  legalise(csr(name, machine.xlen), old, value, machine);

describe('the CSR table', () => {
  test('no two CSRs of one XLEN share a number or a name', () => {
    for (const xlen of [32, 64]) {
      const rows = csrs.filter((row) => row.xlen === undefined || row.xlen === xlen);
      assert.equal(new Set(rows.map((row) => row.number)).size, rows.length);
      assert.equal(new Set(rows.map((row) => row.name)).size, rows.length);
    }
  });

  test('no two fields of a register share a bit', () => {
    for (const row of csrs) {
      const bits = row.fields.flatMap(({ bits: [high, low] }) =>
        Array.from({ length: high - low + 1 }, (_, index) => low + index),
      );
      assert.equal(new Set(bits).size, bits.length, row.name);
    }
  });

  test('every CSR has the number that GNU as knows', { skip: missingTools() ?? false }, () => {
    for (const xlen of [32, 64] as const) {
      // Version 2.44 does not know medelegh yet.
      const rows = csrs.filter((row) => (row.xlen ?? xlen) === xlen && row.name !== 'medelegh');
      const code = assemble(
        rows.map((row) => `csrr a0,${row.name}`),
        xlen,
        false,
      );
      for (const [index, row] of rows.entries())
        assert.equal(code.readUInt32LE(index * 4) >>> 20, row.number, row.name);
    }
  });

  test('a view shows a register of the table', () => {
    for (const { name, viewOf, xlen } of csrs) {
      if (viewOf) assert.ok(csrNamed(viewOf.csr, xlen ?? 64), name);
    }
  });

  test('a CSR is found by its number', () => {
    assert.equal(csrNumbered(0x180, 64)?.name, 'satp');
    assert.equal(csrNumbered(0x3a1, 64), undefined);
    assert.equal(csrNumbered(0x3a1, 32)?.name, 'pmpcfg1');
  });

  test('a CSR is present where its extension is', () => {
    assert.ok(isPresent(csr('stimecmp'), facts));
    assert.ok(!isPresent(csr('stimecmp'), { ...facts, sstc: false }));
    assert.ok(!isPresent(csr('fcsr'), { ...facts, misa: facts.misa & ~0x20n }));
    assert.ok(!isPresent(csr('satp'), { ...facts, misa: facts.misa & ~0x40000n }));
    assert.ok(!isPresent(csr('pmpaddr0'), { ...facts, pmpEntries: 0 }));
  });
});

describe('writing a CSR', () => {
  test('satp_mode_op_unsupported: a write of an unsupported MODE has no effect', () => {
    const old = 0x8000000000080210n;
    assert.equal(written('satp', old, 0xa000000000080300n), old);
    assert.equal(written('satp', old, 0x1000000000000000n), old);
    assert.equal(written('satp', old, 0x9fff000000080300n), 0x9fff000000080300n);
    assert.equal(written('satp', old, 0n), 0n);
  });

  test('satp of RV32 takes Sv32 only where the machine has it', () => {
    assert.equal(written('satp', 0n, 0x80080210n, facts32), 0x80080210n);
    assert.equal(written('satp', 5n, 0x80080210n, { ...facts32, modes: [] }), 5n);
  });

  test('mstatus_xpp_warl: MPP keeps its mode where the reserved one is written', () => {
    assert.equal(written('mstatus', 0x800n, 0x1000n) & 0x1800n, 0x800n);
    assert.equal(written('mstatus', 0x800n, 0x1800n) & 0x1800n, 0x1800n);
  });

  test('mstatus_sd_op1: SD says whether a context is Dirty', () => {
    assert.equal(written('mstatus', 0n, 0x6000n) >> 63n, 1n);
    assert.equal(written('mstatus', 0n, (1n << 63n) | 0x4000n) >> 63n, 0n);
    assert.equal(written('sstatus', 0n, 0x6000n, facts32), 0x80006000n);
  });

  test('mstatus keeps XLEN and endianness, and has no FS without F', () => {
    const reset = csr('mstatus').reset ?? 0n;
    assert.equal(written('mstatus', reset, ones), 0x8000000a007e79aan);
    assert.equal(written('mstatus', reset, 0n), reset);
    assert.equal(written('mstatus', reset, ones, { ...facts, misa: 0x8000000000141105n }), 0xa007e19aan);
  });

  test('a write through sstatus leaves what only M-mode sees', () => {
    const sstatus = csr('sstatus');
    const mask = sstatus.viewOf?.mask ?? 0n;
    const mstatus = 0xa00001888n;
    const held = legalise(sstatus, mstatus & mask, 0x40002n, facts);
    assert.equal(throughView(sstatus, mstatus, held), 0xa0004188an);
  });

  test('mtvec_mode_enc: a reserved MODE is not taken', () => {
    assert.equal(written('stvec', 1n, 0x80200002n), 0x80200001n);
    assert.equal(written('mtvec', 1n, 0x80200000n), 0x80200000n);
  });

  test('mepc_align: the low bits that IALIGN rules out are zero', () => {
    assert.equal(written('mepc', 0n, 0x80000003n), 0x80000002n);
    assert.equal(written('sepc', 0n, 0x80000003n, { ...facts, misa: facts.misa & ~4n }), 0x80000000n);
  });

  test('medeleg_enc_txt: calls from M-mode are never delegated', () => {
    assert.equal(written('medeleg', 0n, ones), 0xb3ffn);
    assert.equal(written('mideleg', 0n, ones), 0x222n);
  });

  test('only S-mode interrupts can be made pending by a write', () => {
    assert.equal(written('mip', 0x80n, ones), 0x2a2n);
    assert.equal(written('mip', 0x80n, 0n), 0x80n);
    assert.equal(written('sip', 0x20n, ones), 0x22n);
    assert.equal(written('mie', 0n, ones), 0xaaan);
    assert.equal(written('sie', 0n, ones), 0x222n);
  });

  test('menvcfg has the switches of the extensions that the machine has', () => {
    assert.equal(written('menvcfg', 0n, ones), 0x8000000000000001n);
    assert.equal(written('menvcfg', 0n, ones, { ...facts, svadu: true, svpbmt: true }), 0xe000000000000001n);
    assert.equal(written('menvcfgh', 0n, ones, { ...facts32, sstc: false, svadu: true }), 0x20000000n);
  });

  test('time cannot be stopped, and enables of counters have 32 bits', () => {
    assert.equal(written('mcountinhibit', 0n, ones), 0xfffffffdn);
    assert.equal(written('mcounteren', 0n, ones), 0xffffffffn);
  });

  test('read-only registers keep their value', () => {
    for (const name of ['misa', 'mhartid', 'mhpmcounter3', 'mhpmevent3', 'cycle']) {
      assert.equal(written(name, 5n, ones), 5n, name);
    }
  });

  test('pmp_rwx_warl: a PMP entry that would be writable but not readable keeps its configuration', () => {
    assert.equal(written('pmpcfg0', 0x1fn, 0x1an), 0x1fn);
    assert.equal(written('pmpcfg0', 0n, 0x7fn), 0x1fn);
  });

  test('pmp_l_bit_write_protection: a locked entry keeps its configuration, its neighbours do not', () => {
    assert.equal(written('pmpcfg0', 0x1f9fn, 0n), 0x9fn);
  });

  test('PMP entries that are not implemented read as zero', () => {
    assert.equal(written('pmpcfg4', 0n, ones), 0n);
    assert.equal(written('pmpaddr15', 0n, ones), (1n << 54n) - 1n);
    assert.equal(written('pmpaddr16', 0n, ones), 0n);
    assert.equal(written('pmpaddr0', 0n, ones, facts32), 0xffffffffn);
  });

  test('pmpaddr is locked with its entry, and with a locked TOR entry above it', () => {
    const configuration = [0x0f, 0x8f, 0x98];
    const locked = (entry: number) => pmpAddressLocked(entry, (index) => configuration[index] ?? 0);
    assert.deepEqual([0, 1, 2, 3, 63].map(locked), [true, true, true, false, false]);
  });
});

describe('a CSR in words', () => {
  const cases: readonly [name: string, value: bigint, text: string, xlen?: 32][] = [
    ['satp', 0x8000000000080210n, 'Sv39, ASID 0, root pa:0x80210000'],
    ['satp', 0xa000a00000081234n, 'Sv57, ASID 10, root pa:0x81234000'],
    ['satp', 0x80480210n, 'Sv32, ASID 1, root pa:0x80210000', 32],
    ['satp', 0n, 'Bare'],
    ['mstatus', 0x8000000a00046880n, 'MPP=S MPIE SUM FS=Dirty'],
    ['sstatus', 0x200000120n, 'SPP=S SPIE'],
    ['scause', 15n, 'store page fault (15)'],
    ['scause', 0x8000000000000005n, 'supervisor timer interrupt (5)'],
    ['mcause', 0x80000007n, 'machine timer interrupt (7)', 32],
    ['mcause', 14n, 'reserved exception (14)'],
    ['stvec', 0xffffffff80001000n, 'direct, 0xffffffff80001000'],
    ['mtvec', 0x80000101n, 'vectored, 0x80000100'],
    ['misa', facts.misa, 'RV64IMAFDCSU'],
    ['mie', 0x222n, 'SSIE STIE SEIE'],
    ['mip', 0n, 'none'],
    ['fcsr', 0x21n, 'NX frm=rtz'],
    ['pmpcfg0', 0x9b0fn, 'pmp0cfg TOR RWX, pmp1cfg NAPOT RW- locked'],
    ['pmpcfg0', 0n, 'all off'],
    ['pmpaddr0', 0x20000000n, 'pa:0x80000000'],
    ['sepc', 0x80200000n, '0x80200000'],
  ];
  for (const [name, value, text, xlen] of cases) {
    test(`${name} 0x${value.toString(16)} is ${text}`, () => {
      assert.equal(summaryOf(csr(name, xlen), value), text);
    });
  }

  test('fields have values, and names where values have names', () => {
    const fields = readFields(csr('mstatus'), 0xa00001800n);
    const named = Object.fromEntries(fields.map(({ field, value, name }) => [field.name, name ?? value]));
    assert.equal(named.MPP, 'M');
    assert.equal(named.SXL, '64');
    assert.equal(named.SUM, 0n);
    const [code, interrupt] = readFields(csr('scause'), 0x8000000000000009n);
    assert.equal(code?.name, 'supervisor external interrupt');
    assert.equal(interrupt?.value, 1n);
  });
});
