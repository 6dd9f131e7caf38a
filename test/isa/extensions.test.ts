// What extensions do to a hart and to memory, on the machine; the operands of every row are compared with QEMU's by
// test/oracle.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { phys, virt } from '../../emulator/address.ts';
import { csrNamed } from '../../emulator/csr/table.ts';
import { createMachine } from '../../emulator/index.ts';
import { instructionNamed } from '../../emulator/isa/table.ts';

const ram = 0x8000_0000n;
const data = ram + 0x2000n;
const handler = ram + 0x1000n;
const [a0, a1, a2, a3, a4, a5] = [10, 11, 12, 13, 14, 15] as const;
const [U, S, M] = [0, 1, 3] as const;

interface Fields {
  readonly rd?: number;
  readonly rs1?: number;
  readonly rs2?: number;
  /** A CSR's number, or what else the upper twelve bits hold. */
  readonly upper?: number;
}

/** A machine at the RAM's base in M-mode with every trap going to `handler`. */
class Bench {
  readonly xlen: 32 | 64;
  readonly machine;

  constructor(isa: string, privilege: 0 | 1 | 3 = M) {
    this.xlen = isa.startsWith('rv32') ? 32 : 64;
    this.machine = createMachine(
      { memory: 1n << 20n, harts: 1, isa, mmu: this.xlen === 32 ? 'sv32' : 'sv39' },
      {
        xlen: this.xlen,
        isa,
        mmu: this.xlen === 32 ? 'sv32' : 'sv39',
        firmware: 'none',
        privilege: 3,
        entry: phys(ram),
        segments: [],
        dtb: phys(0),
        kernel: { start: phys(ram), end: phys(ram) },
      },
    );
    this.setCsr('mtvec', handler);
    this.setCsr('pmpaddr0', (1n << 32n) - 1n);
    this.setCsr('pmpcfg0', 0x1fn);
    this.setCsr('mstatus', 0x6000n);
    if (privilege !== M) this.drop(privilege);
  }

  /** Goes down by mret. */
  private drop(privilege: 0 | 1): void {
    this.setCsr('mstatus', 0x6000n | (BigInt(privilege) << 11n));
    this.setCsr('mepc', ram);
    this.run('mret');
  }

  setCsr(name: string, value: bigint): void {
    const row = csrNamed(name, this.xlen);
    assert.ok(row, name);
    this.machine.setCsr(0, row.number, value);
  }

  csr(name: string): bigint {
    const row = csrNamed(name, this.xlen);
    assert.ok(row, name);
    return this.hart.csr(row.number) ?? -1n;
  }

  get hart() {
    const [hart] = this.machine.harts;
    assert.ok(hart);
    return hart;
  }

  /** Executes one instruction at the RAM's base; the cause of the trap it took, or undefined. */
  run(mnemonic: string, { rd = 0, rs1 = 0, rs2 = 0, upper = 0 }: Fields = {}): bigint | undefined {
    const row = instructionNamed(mnemonic, this.xlen);
    assert.ok(row, mnemonic);
    const fields = (rd << 7) | (rs1 << 15) | (rs2 << 20) | (upper << 20);
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setInt32(0, row.match | (fields & ~row.mask), true);
    this.machine.writePhysical(phys(ram), bytes);
    this.machine.setPc(0, virt(ram));
    this.machine.step(0);
    return this.hart.pc === handler ? this.csr('mcause') : undefined;
  }

  set(values: Readonly<Record<number, bigint>>): void {
    for (const [index, value] of Object.entries(values)) this.machine.setX(0, Number(index), value);
  }

  /** Memory as numbers of `size` bytes. */
  write(address: bigint, size: number, ...values: bigint[]): void {
    for (const [index, value] of values.entries()) {
      const bytes = Uint8Array.from({ length: size }, (_, at) => Number((value >> BigInt(8 * at)) & 0xffn));
      this.machine.writePhysical(phys(address + BigInt(index * size)), bytes);
    }
  }

  read(address: bigint, size: number): bigint {
    const bytes = this.machine.readPhysical(phys(address), size);
    return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
  }
}

const [illegal, storeMisaligned, storeAccess, storePage] = [2n, 6n, 7n, 15n];

describe('amocas', () => {
  const bench = new Bench('rv64max');
  for (const [name, size] of [
    ['amocas.b', 1],
    ['amocas.h', 2],
    ['amocas.w', 4],
    ['amocas.d', 8],
  ] as const) {
    const top = 0x80n << BigInt(8 * size - 8);
    test(`${name} stores where the low bits of rd equal memory, and gives what was there`, () => {
      bench.write(data, 8, -1n);
      bench.write(data, size, top);
      // What stands above the operand in rd does not count.
      bench.set({ [a0]: size === 8 ? top : 0x5555_0000_0000_0000n | top, [a1]: data, [a2]: 0x1122334455667788n });
      assert.equal(bench.run(name, { rd: a0, rs1: a1, rs2: a2 }), undefined);
      const mask = (1n << BigInt(8 * size)) - 1n;
      assert.equal(bench.read(data, size), 0x1122334455667788n & mask);
      if (size < 8) assert.equal(bench.read(data + BigInt(size), 1), 0xffn);
      assert.equal(bench.hart.x(a0), BigInt.asUintN(64, BigInt.asIntN(8 * size, top)));
    });

    test(`${name} leaves memory alone where they differ`, () => {
      bench.write(data, size, top);
      bench.set({ [a0]: top ^ 1n, [a1]: data, [a2]: 0x77n });
      bench.run(name, { rd: a0, rs1: a1, rs2: a2 });
      assert.equal(bench.read(data, size), top);
      assert.equal(bench.hart.x(a0), BigInt.asUintN(64, BigInt.asIntN(8 * size, top)));
    });

    test(`${name} with rd = zero compares with 0`, () => {
      bench.write(data, size, 0n);
      bench.set({ [a1]: data, [a2]: 0x77n });
      // Something was written to x0 just before.
      bench.run('addi', { rd: 0, rs1: a2 });
      bench.run(name, { rd: 0, rs1: a1, rs2: a2 });
      assert.equal(bench.read(data, size), 0x77n);
    });
  }

  for (const [isa, name, half] of [
    ['rv64max', 'amocas.q', 8],
    ['rv32max', 'amocas.d', 4],
  ] as const) {
    const pairs = new Bench(isa);
    const [low, high] = [0x11223344n, 0x80000001n];
    const extended = (value: bigint) => BigInt.asUintN(64, BigInt.asIntN(8 * half, value));
    const matching = { [a0]: low, [a1]: extended(high), [a2]: 0x55n, [a3]: 0x66n };

    test(`${name} on RV${pairs.xlen} takes pairs of registers`, () => {
      pairs.write(data, half, low, high);
      pairs.set({ ...matching, [a4]: data });
      assert.equal(pairs.run(name, { rd: a0, rs1: a4, rs2: a2 }), undefined);
      assert.deepEqual([pairs.read(data, half), pairs.read(data + BigInt(half), half)], [0x55n, 0x66n]);
      assert.deepEqual([pairs.hart.x(a0), pairs.hart.x(a1)], [low, extended(high)]);
      pairs.run(name, { rd: a0, rs1: a4, rs2: a2 });
      assert.deepEqual([pairs.hart.x(a0), pairs.hart.x(a1)], [0x55n, 0x66n]);
    });

    test(`${name} on RV${pairs.xlen} takes x0 for a pair of zeros`, () => {
      pairs.write(data, half, 0n, 0n);
      pairs.set({ ...matching, 1: 0x99n, [a4]: data });
      pairs.run(name, { rd: 0, rs1: a4, rs2: a2 });
      assert.deepEqual([pairs.read(data, half), pairs.read(data + BigInt(half), half)], [0x55n, 0x66n]);
      assert.equal(pairs.hart.x(1), 0x99n);
    });

    test(`${name} on RV${pairs.xlen} with an odd register is an illegal instruction, and its address must be aligned`, () => {
      pairs.set({ [a4]: data + BigInt(half) });
      assert.equal(pairs.run(name, { rd: a1, rs1: a4, rs2: a2 }), illegal);
      assert.equal(pairs.run(name, { rd: a0, rs1: a4, rs2: a3 }), illegal);
      assert.equal(pairs.run(name, { rd: a0, rs1: a4, rs2: a2 }), storeMisaligned);
    });
  }
});

describe('cache-block operations', () => {
  test('cbo.zero clears the aligned block around its address', () => {
    const bench = new Bench('rv64max');
    bench.write(data, 8, ...Array.from({ length: 24 }, () => -1n));
    bench.set({ [a0]: data + 64n + 37n });
    assert.equal(bench.run('cbo.zero', { rs1: a0 }), undefined);
    assert.equal(bench.read(data + 56n, 8), 0xffff_ffff_ffff_ffffn);
    for (let at = 64n; at < 128n; at += 8n) assert.equal(bench.read(data + at, 8), 0n);
    assert.equal(bench.read(data + 128n, 8), 0xffff_ffff_ffff_ffffn);
  });

  test('outside RAM it is an access fault of a store that tells the address in rs1', () => {
    const bench = new Bench('rv64max');
    bench.set({ [a0]: 0x1000_0005n });
    assert.equal(bench.run('cbo.zero', { rs1: a0 }), storeAccess);
    assert.equal(bench.csr('mtval'), 0x1000_0005n);
  });

  const controlled = [
    ['cbo.zero', 0x80n],
    ['cbo.clean', 0x40n],
    ['cbo.flush', 0x40n],
    ['cbo.inval', 0x10n],
    ['cbo.inval', 0x30n],
  ] as const;
  for (const [name, bit] of controlled) {
    test(`${name} below M-mode needs menvcfg, and in U-mode senvcfg (bits 0x${bit.toString(16)})`, () => {
      for (const [privilege, menvcfg, senvcfg, legal] of [
        [S, ~bit & 0xf0n, 0xf0n, false],
        [S, bit, 0n, true],
        [U, bit, ~bit & 0xf0n, false],
        [U, ~bit & 0xf0n, bit, false],
        [U, bit, bit, true],
      ] as const) {
        const bench = new Bench('rv64max', privilege);
        // CBIE = 2 is reserved: 0xb0 of it keeps what was there.
        bench.setCsr('menvcfg', menvcfg & ~(bit === 0x10n || bit === 0x30n ? 0x30n & ~bit : 0n));
        bench.setCsr('senvcfg', senvcfg & ~(bit === 0x10n || bit === 0x30n ? 0x30n & ~bit : 0n));
        bench.set({ [a0]: data });
        assert.equal(bench.run(name, { rs1: a0 }), legal ? undefined : illegal, `${privilege} ${menvcfg} ${senvcfg}`);
      }
    });
  }

  test('management is allowed on pages that may only be read, zeroing is a page fault', () => {
    const bench = new Bench('rv64max', S);
    bench.setCsr('menvcfg', 0xf0n);
    // Sv39: gigapage 2 is RAM itself, of which the first megapage table's page 1 is read-only at 0x40000000.
    const [root, middle, leaf] = [ram + 0x4000n, ram + 0x5000n, ram + 0x6000n];
    const pointer = (table: bigint) => ((table >> 12n) << 10n) | 1n;
    bench.write(root, 8, 0n, pointer(middle), ((ram >> 12n) << 10n) | 0xcfn);
    bench.write(middle, 8, pointer(leaf));
    bench.write(leaf, 8, ((data >> 12n) << 10n) | 0xc3n, ((data >> 12n) << 10n) | 0x83n);
    bench.setCsr('satp', (8n << 60n) | (root >> 12n));
    bench.set({ [a0]: 0x4000_0041n, [a1]: 0x4000_3000n });
    for (const name of ['cbo.clean', 'cbo.flush', 'cbo.inval']) assert.equal(bench.run(name, { rs1: a0 }), undefined);
    for (const [name, register, address] of [
      ['cbo.zero', a0, 0x4000_0041n],
      ['cbo.clean', a1, 0x4000_3000n],
      ['cbo.zero', a1, 0x4000_3000n],
    ] as const) {
      const again = bench.run(name, { rs1: register });
      assert.equal(again, storePage, name);
      assert.equal(bench.csr('mtval'), address);
      bench.setCsr('mepc', ram);
      bench.setCsr('mstatus', 0x6800n);
      bench.run('mret');
    }
  });

  test('prefetches and the hints of other extensions change nothing, whatever their address', () => {
    const bench = new Bench('rv64max');
    bench.set({ [a0]: 0x123n });
    for (const name of ['prefetch.i', 'prefetch.r', 'prefetch.w']) {
      assert.equal(bench.run(name, { rs1: a0 }), undefined);
    }
    for (const name of ['pause', 'ntl.p1', 'ntl.all']) assert.equal(bench.run(name), undefined);
    assert.equal(bench.hart.x(a0), 0x123n);
  });
});

describe('waiting and fences', () => {
  test('wrs.nto with mstatus.TW is an illegal instruction below M-mode, wrs.sto is not', () => {
    for (const [privilege, tw, legal] of [
      [M, true, true],
      [S, false, true],
      [S, true, false],
      [U, true, false],
    ] as const) {
      const bench = new Bench('rv64max', privilege);
      if (tw) bench.setCsr('mstatus', bench.csr('mstatus') | (1n << 21n));
      assert.equal(bench.run('wrs.sto'), undefined);
      assert.equal(bench.run('wrs.nto'), legal ? undefined : illegal);
    }
  });

  test('sinval.vma obeys TVM as sfence.vma does; the fences around it only need S-mode', () => {
    const bench = new Bench('rv64max', S);
    bench.setCsr('mstatus', bench.csr('mstatus') | (1n << 20n));
    assert.equal(bench.run('sfence.w.inval'), undefined);
    assert.equal(bench.run('sfence.inval.ir'), undefined);
    assert.equal(bench.run('sinval.vma'), illegal);
    assert.equal(new Bench('rv64max', S).run('sinval.vma'), undefined);
    for (const name of ['sinval.vma', 'sfence.w.inval', 'sfence.inval.ir']) {
      assert.equal(new Bench('rv64max', U).run(name), illegal, name);
    }
  });
});

describe('the seed CSR', () => {
  const seed = 0x015;
  const swap = { rd: a0, rs1: 0, upper: seed };

  test('gives 16 bits of entropy, others each time, the same in every run', () => {
    const draw = () => {
      const bench = new Bench('rv64max_zkr');
      return Array.from({ length: 64 }, () => {
        assert.equal(bench.run('csrrw', swap), undefined);
        return bench.hart.x(a0);
      });
    };
    const values = draw();
    for (const value of values) assert.equal(value >> 16n, 0x8000n);
    assert.ok(new Set(values).size > 60);
    assert.deepEqual(draw(), values);
  });

  test('is not used up by looking at it', () => {
    const bench = new Bench('rv64max_zkr');
    const seen = bench.csr('seed');
    assert.equal(bench.csr('seed'), seen);
    bench.run('csrrw', swap);
    assert.equal(bench.hart.x(a0), seen);
  });

  test('may only be accessed by instructions that write', () => {
    const bench = new Bench('rv64max_zkr');
    assert.equal(bench.run('csrrs', { rd: a0, rs1: 0, upper: seed }), illegal);
    assert.equal(bench.run('csrrci', { rd: a0, rs1: 0, upper: seed }), illegal);
    assert.equal(bench.run('csrrs', { rd: a0, rs1: a5, upper: seed }), undefined);
    assert.equal(bench.run('csrrwi', { rd: a0, rs1: 0, upper: seed }), undefined);
  });

  test('below M-mode needs mseccfg.SSEED or USEED', () => {
    for (const [privilege, bit] of [
      [S, 1n << 9n],
      [U, 1n << 8n],
    ] as const) {
      const bench = new Bench('rv64max_zkr', privilege);
      bench.setCsr('mseccfg', bit);
      assert.equal(bench.run('csrrw', swap), undefined);
      bench.setCsr('mseccfg', 0x300n & ~bit);
      assert.equal(bench.run('csrrw', swap), illegal);
    }
  });

  test('is absent without Zkr', () => {
    assert.equal(new Bench('rv64gc').run('csrrw', swap), illegal);
  });
});
