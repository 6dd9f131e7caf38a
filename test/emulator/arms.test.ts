import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { withArms } from '../../emulator/core/translator/arms.ts';
import { type Block, blocksOf } from '../../emulator/core/translator/blocks.ts';
import { createMachine, type MachineOptions } from '../../emulator/index.ts';
import { decoderFor } from '../../emulator/isa/decode.ts';
import { parseIsa } from '../../emulator/isa/isa-string.ts';
import { bytesSource, planBoot } from '../../emulator/loader/index.ts';
import { Random, seed } from '../oracle/random.ts';
import { build, hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { stateHash } from './sample.ts';

describe('short forward branches that choose between results', { skip: hasGcc ? false : needsGcc }, () => {
  const sources = { 'arms.S': readFileSync('test/programs/arms/arms.S', 'utf8') };
  const flags = ['-march=rv64gc', '-mabi=lp64', '-mcmodel=medany', '-static', '-Wl,-Ttext=0x80000000,--no-relax'];
  const program = () => bytesSource('arms', readFileSync(build(sources, [...flags, '-Wl,--no-warn-rwx-segments'])));
  const machineWith = (options: Partial<MachineOptions>) => {
    const full = { memory: 8n << 20n, harts: 1, isa: 'rv64gc', mmu: 'sv39', counts: true, ...options } as const;
    return createMachine(full, planBoot({ program: program() }, { ...full, firmware: 'none' }));
  };

  test(`leave the machine at any count as interpretation does (SEED=${seed})`, () => {
    const random = new Random(seed);
    const [interpreted, translated] = [machineWith({ translateAfter: 'never' }), machineWith({ translateAfter: 2 })];
    for (let stop = 0; stop < 60; stop += 1) {
      const count = 1 + random.below(stop % 3 ? 60 : 5000);
      interpreted.run(count);
      for (let left = count; left > 0; ) {
        const slice = 1 + random.below(left);
        translated.run(slice);
        left -= slice;
      }
      assert.equal(stateHash(translated), stateHash(interpreted), `stop ${stop}, at ${interpreted.time}`);
    }
    const inRegions = translated.counts.regionInstructions ?? 0;
    assert.ok(inRegions > Number(translated.time) / 2, `only ${inRegions} of ${translated.time} were translated`);
  });

  test('are found in each shape, and the blocks still hold every instruction', () => {
    const machine = machineWith({});
    const decode = decoderFor(parseIsa('rv64gc'));
    const bytes = new DataView(
      machine.readPhysical(machine.regions.find(({ kind }) => kind === 'ram')?.base as never, 0x100).slice().buffer,
    );
    const placed = [];
    for (let offset = 0; offset < 0xc0; ) {
      const instruction = decode(bytes.getUint32(offset, true));
      if (!instruction) break;
      placed.push({ offset, instruction });
      offset += instruction.length;
    }
    const plain = blocksOf(placed, [0]);
    const chosen = withArms(plain, [0]);
    const instructionsIn = (blocks: readonly Block[]) =>
      blocks.flatMap(({ instructions }) =>
        instructions.flatMap(({ offset, arms }) => [
          offset,
          ...[...(arms?.taken ?? []), ...(arms?.fallen ?? [])].map((each) => each.offset),
        ]),
      );
    const ascending = (a: number, b: number) => a - b;
    assert.deepEqual(instructionsIn(chosen).sort(ascending), instructionsIn(plain).sort(ascending));
    const shapes = chosen.flatMap(({ instructions }) =>
      instructions.flatMap(({ arms }) => (arms ? `${arms.taken.length} ${arms.fallen.length}` : [])),
    );
    assert.deepEqual(shapes, ['0 1', '0 2', '1 3', '2 0', '0 1']);
  });
});
