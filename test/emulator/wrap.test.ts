import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMachine, type MachineControl, phys, virt } from '../../emulator/index.ts';
import { bytesSource } from '../../emulator/loader/index.ts';

const ram = 0x8000_0000n;
const root = 0x8000_1000n;
const [SATP, MSTATUS, MTVAL, MCAUSE] = [0x180, 0x300, 0x343, 0x342];
const readable = 0xc7n;

/** A 4 MiB page of RAM, `number` × 4 MiB behind its base. */
const leaf = (number: bigint) => (((ram >> 12n) + (number << 10n)) << 10n) | readable;
const word = (value: bigint | number) => new Uint8Array(Uint32Array.of(Number(value)).buffer);

/** What an access finds behind the last address, on the page that is mapped at 0, and at 0 when it is mapped elsewhere. */
const code = [
  0x0005a503, // lw a0, 0(a1)
  0x00062003, // lw zero, 0(a2)
  0x0005a783, // lw a5, 0(a1)
  0x00d72023, // sw a3, 0(a4)
  0x12060073, // sfence.vma a2
  0x0005a803, // lw a6, 0(a1)
  0x0105a023, // sw a6, 0(a1)
  0x0005a883, // lw a7, 0(a1)
  0x00072023, // sw zero, 0(a4)
  0x12060073, // sfence.vma a2
  0x0005a903, // lw s2, 0(a1)
];

function machineAtCode(): MachineControl {
  const machine = createMachine(
    { memory: 16n << 20n, harts: 1, isa: 'rv32ima', mmu: 'sv32' },
    {
      xlen: 32,
      isa: 'rv32ima',
      mmu: 'sv32',
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
  const map = { 0: 1n, 512: 0n, 1023: 3n };
  for (const [index, number] of Object.entries(map)) {
    machine.writePhysical(phys(root + BigInt(index) * 4n), word(leaf(number)));
  }
  machine.writePhysical(phys(ram + (4n << 20n)), word(0x1111_2222));
  machine.writePhysical(phys(ram + (8n << 20n)), word(0x3333_4444));
  machine.writePhysical(phys(ram + (16n << 20n) - 4n), word(0x5555_6666));
  const registers = { 11: 0xffff_fffen, 12: 0n, 13: leaf(2n), 14: root };
  for (const [index, value] of Object.entries(registers)) machine.setX(0, Number(index), value);
  machine.setCsr(0, 0x3b0, 0xffff_ffffn);
  machine.setCsr(0, 0x3a0, 0x1fn);
  machine.setCsr(0, SATP, (1n << 31n) | (root >> 12n));
  // Loads and stores are those of S-mode.
  machine.setCsr(0, MSTATUS, (1n << 17n) | (1n << 11n));
  return machine;
}

test('an RV32 access over the end of the address space goes on at 0, as it is mapped by then', () => {
  const machine = machineAtCode();
  const hart = machine.harts[0];
  assert.ok(hart);
  const told: bigint[] = [];
  machine.listen(
    (event) => {
      if (event.kind === 'trap') told.push(event.tval);
      return undefined;
    },
    { kinds: ['trap'] },
  );
  machine.run(code.length);
  const [first, second, third, stored] = [10, 15, 16, 17].map((index) => BigInt.asUintN(32, hart.x(index)));
  assert.deepEqual([first, second], [0x2222_5555n, 0x2222_5555n]);
  assert.deepEqual([third, stored], [0x4444_5555n, 0x4444_5555n]);
  assert.deepEqual([hart.csr(MCAUSE), hart.csr(MTVAL)], [13n, 0n]);
  assert.deepEqual(told, [0n]);
});

test('a watchpoint at 0 sees an RV32 store over the end of the address space', () => {
  const machine = machineAtCode();
  machine.setWatchpoints([{ id: 1, space: 'virtual', address: virt(0), size: 2n, on: 'write' }]);
  const outcome = machine.run(code.length);
  assert.ok(outcome.reason === 'watchpoint', outcome.reason);
  assert.deepEqual([outcome.hits[0]?.va, machine.harts[0]?.instret], [0n, 7n]);
});

test('a watchpoint at 0 sees an RV32 load over the end of the address space', () => {
  const machine = machineAtCode();
  machine.setWatchpoints([{ id: 1, space: 'virtual', address: virt(0), size: 2n, on: 'read' }]);
  const outcome = machine.run(code.length);
  assert.ok(outcome.reason === 'watchpoint', outcome.reason);
  assert.deepEqual([outcome.hits[0]?.va, outcome.hits[0]?.size, machine.harts[0]?.instret], [0n, 2, 1n]);
});

test('an RV32 hart that waits at the last address goes on at 0', () => {
  const machine = machineAtCode();
  const executable = 0xcfn;
  machine.writePhysical(phys(root + 1023n * 4n), word(leaf(3n) | executable));
  machine.writePhysical(phys(root), word(leaf(1n) | executable));
  // wfi
  machine.writePhysical(phys(ram + (16n << 20n) - 4n), word(0x1050_0073));
  // mret to the last word, in S-mode, where an interrupt of software's ends the wait but is not taken.
  machine.writePhysical(phys(ram), word(0x3020_0073));
  for (const [number, value] of Object.entries({ 772: 2n, 833: 0xffff_fffcn, 768: 1n << 11n })) {
    machine.setCsr(0, Number(number), value);
  }
  const hart = machine.harts[0];
  machine.run(2);
  assert.deepEqual([hart?.privilege, hart?.pc, hart?.state], [1, 0n, 'waiting']);
});
