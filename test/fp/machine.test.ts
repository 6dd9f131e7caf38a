// The machine's floating point, fast paths and host together, against the host's exact arithmetic alone, which
// qemu.test.ts holds to QEMU's: results and flags, interpreted and translated.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowRelaxedSimd } from '../../debug-adapter/compiler-thread/relaxed-simd.ts';
import { phys, virt } from '../../emulator/address.ts';
import { CompilerHere, createMachine, type MachineOptions } from '../../emulator/index.ts';
import type { InstructionRow } from '../../emulator/isa/row.ts';
import { bytesSource } from '../../emulator/loader/index.ts';
import { fusesProducts } from '../../emulator/wasm/fused.ts';
import { boxed, execute, fpRows, Random, randomDouble, randomInteger, randomSingle } from './support.ts';

const seed = BigInt(process.env.SEED ?? 20261126);
const ram = 0x8000_0000n;
const vectorsPerRow = 300;

function machineWith(code: readonly number[], options: Partial<MachineOptions>) {
  return createMachine(
    { memory: 1n << 20n, harts: 1, isa: 'rv64gc', mmu: 'sv39', ...options },
    {
      xlen: 64,
      isa: 'rv64gc',
      mmu: 'sv39',
      firmware: 'none',
      privilege: 3,
      entry: phys(ram),
      segments: [
        {
          address: phys(ram),
          source: bytesSource('code', new Uint8Array(Uint32Array.from(code).buffer)),
          what: 'code',
        },
      ],
      dtb: phys(0),
      kernel: { start: phys(ram), end: phys(ram) },
    },
  );
}

function operand(random: Random, row: InstructionRow): bigint {
  if (row.format === 'fp-from-int' || row.format === 'fp-move-from-int') return randomInteger(random);
  if (!/[sw]$/.test(row.mnemonic)) return randomDouble(random);
  return random.below(30) ? boxed(randomSingle(random)) : random.bits64();
}

/** rd = 4, rs1 = 1, rs2 = 2, rs3 = 3, rm dynamic. */
function wordOf(row: InstructionRow, rm: number): number {
  const fields = (3 << 27) | (rm << 12) | (2 << 20) | (1 << 15) | (4 << 7);
  return (row.match | (fields & ~row.mask)) >>> 0;
}

const writesX = ({ format }: InstructionRow) => /compare|to-int/.test(format);

// Before any machine asks.
allowRelaxedSimd();

const ways = {
  interpreted: { translateAfter: 'never' },
  translated: { translateAfter: 4, compiler: new CompilerHere(() => false) },
  'translated with products fused by the host': { translateAfter: 4, compiler: new CompilerHere() },
} as const;

test('the host of these tests fuses products', () => {
  assert.ok(fusesProducts());
});

for (const [how, options] of Object.entries(ways)) {
  test(`${how}, every instruction of F and D gives the exact result and flags, whatever was raised before (SEED=${seed})`, () => {
    const random = new Random(seed);
    const repeats = how === 'interpreted' ? 1 : 40;
    for (const row of fpRows) {
      const rtz = row.format === 'fp-to-int' && random.below(4) > 0;
      // The instruction, and a jump back to it.
      const machine = machineWith([wordOf(row, rtz ? 1 : 7), 0xffdff06f], options);
      machine.setCsr(0, 0x300, 0x6000n);
      for (let count = 0; count < vectorsPerRow; count += 1) {
        const operands = [operand(random, row), operand(random, row), operand(random, row)];
        const frm = random.below(4) ? 0 : random.below(5);
        const before = random.below(2) ? 1 : random.below(32);
        for (const [index, value] of operands.entries()) machine.setF(0, index + 1, value);
        machine.setX(0, 1, operands[0] ?? 0n);
        machine.setX(0, 4, 0n);
        machine.setF(0, 4, 0n);
        machine.setCsr(0, 0x003, BigInt((frm << 5) | before));
        machine.setPc(0, virt(ram));
        machine.run(count ? 2 : 2 * repeats);
        const exact = execute(row.mnemonic, operands, frm, rtz ? 1 : 7);
        const hart = machine.harts[0];
        const got = { result: writesX(row) ? hart?.x(4) : hart?.f(4), flags: Number(hart?.csr(0x001)) };
        const wanted = { result: exact.result, flags: before | exact.flags };
        if (got.result === wanted.result && got.flags === wanted.flags) continue;
        const text = operands.map((value) => value.toString(16)).join(', ');
        assert.deepEqual(got, wanted, `${row.mnemonic} ${text}, frm ${frm}, flags before ${before}`);
      }
    }
  });
}
