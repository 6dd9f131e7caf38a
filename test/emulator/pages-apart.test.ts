import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMachine, phys } from '../../emulator/index.ts';
import { bytesSource } from '../../emulator/loader/index.ts';

const ram = 0x8000_0000n;
const [SATP, MSTATUS] = [0x180, 0x300];

/** Adds up the doublewords at each address downwards: those that lie on two pages too. */
const code = [
  0x0005b503, // ld a0, 0(a1)
  0x00a686b3, // add a3, a3, a0
  0xfff58593, // addi a1, a1, -1
  0xfff60613, // addi a2, a2, -1
  0xfe0618e3, // bnez a2, -16
  0x0000006f, // j .
];

/** The page of RAM at `number`, for entries of page tables. */
const page = (number: bigint) => ram + (number << 12n);
const quad = (value: bigint) => new Uint8Array(BigUint64Array.of(value).buffer);

function machineWith(translateAfter: number | 'never') {
  const machine = createMachine(
    { memory: 16n << 20n, harts: 1, isa: 'rv64ima', mmu: 'sv39', translateAfter, counts: true },
    {
      xlen: 64,
      isa: 'rv64ima',
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
  const pointer = (number: bigint) => quad(((page(number) >> 12n) << 10n) | 1n);
  const leaf = (number: bigint) => quad(((page(number) >> 12n) << 10n) | 0xc7n);
  machine.writePhysical(phys(page(16n)), pointer(17n));
  machine.writePhysical(phys(page(17n)), pointer(18n));
  // Two pages side by side, whose memory is not.
  machine.writePhysical(phys(page(18n)), leaf(40n));
  machine.writePhysical(phys(page(18n) + 8n), leaf(33n));
  for (const number of [32n, 33n, 40n]) {
    const bytes = Uint8Array.from({ length: 4096 }, (_, index) => Number(number) * 5 + index * 7);
    machine.writePhysical(phys(page(number)), bytes);
  }
  machine.setX(0, 11, 0x1800n);
  machine.setX(0, 12, 0x1000n);
  machine.setCsr(0, 0x3b0, 0xffff_ffff_ffffn);
  machine.setCsr(0, 0x3a0, 0x1fn);
  machine.setCsr(0, SATP, (8n << 60n) | (page(16n) >> 12n));
  // Loads are those of S-mode.
  machine.setCsr(0, MSTATUS, (1n << 17n) | (1n << 11n));
  return machine;
}

test('a loop that goes down over the beginning of a page reads from both pages', () => {
  const [translated, interpreted] = ([3, 'never'] as const).map((after) => {
    const machine = machineWith(after);
    for (let run = 0; run < 200; run += 1) machine.run(200);
    return machine;
  });
  assert.ok((translated?.counts.regionInstructions ?? 0) > 1000, 'translated code has not run');
  assert.equal(translated?.harts[0]?.x(13), interpreted?.harts[0]?.x(13));
});
