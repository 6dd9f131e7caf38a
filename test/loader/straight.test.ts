// Big files go into RAM without a copy in between.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { phys } from '../../emulator/address.ts';
import { createMachine } from '../../emulator/index.ts';
import { type ByteSource, bytesSource, planBoot } from '../../emulator/loader/index.ts';

const machine = { memory: 64n << 20n, harts: 1, isa: 'rv64gc', mmu: 'sv39', firmware: 'auto' } as const;

/** A source that hands out no more than headers. */
function frugal(source: ByteSource): ByteSource {
  return {
    ...source,
    read(offset, length) {
      assert.ok(length <= 4096, `${length} bytes are copied`);
      return source.read(offset, length);
    },
    readInto: (offset, target) => source.readInto(offset, target),
  };
}

/** A raw Image of so many bytes, none like its neighbours. */
function image(size: number): Uint8Array {
  const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 7 + (i >> 12)) & 0xff);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(8, 0x200000n, true);
  view.setBigUint64(16, BigInt(size), true);
  view.setUint32(0x38, 0x05435352, true);
  return bytes;
}

test('an Image and its initrd are read straight into RAM, again at each reset', () => {
  const [kernel, disk] = [image(3_000_001), image(100_003)];
  const files = { program: frugal(bytesSource('Image', kernel)), initrd: frugal(bytesSource('initrd', disk)) };
  const plan = planBoot(files, machine);
  const loaded = createMachine(machine, plan);
  const initrd = plan.segments.find(({ what }) => what === 'initrd')?.address;
  assert.ok(initrd);
  for (let round = 0; round < 2; round += 1) {
    assert.equal(Buffer.compare(loaded.readPhysical(plan.kernel.start, kernel.length), kernel), 0);
    assert.equal(Buffer.compare(loaded.readPhysical(initrd, disk.length), disk), 0);
    loaded.writePhysical(plan.kernel.start, new Uint8Array(5000));
    loaded.reset();
  }
});

test('segments may begin anywhere in a page, and their pages may have been touched in any order', () => {
  const first = Uint8Array.from({ length: 3000 }, (_, i) => i & 0xff);
  const second = Uint8Array.from({ length: 20_000 }, (_, i) => (i * 3 + (i >> 8)) & 0xff);
  const ram = 0x8000_0000;
  const [low, high] = [phys(ram + 0x123), phys(ram + 0x6000)];
  const loaded = createMachine(machine, {
    ...planBoot({ program: bytesSource('Image', image(4096)) }, machine),
    segments: [
      { address: high, source: bytesSource('first', first), what: 'first' },
      { address: phys(ram + 0x2000), source: bytesSource('middle', first), what: 'middle' },
      { address: low, source: bytesSource('second', second), what: 'second' },
    ],
  });
  assert.deepEqual(loaded.readPhysical(low, second.length), second);
  assert.deepEqual(loaded.readPhysical(high, first.length), first);
  assert.equal(loaded.readPhysical(phys(ram + 0x122), 1)[0], 0);
});
