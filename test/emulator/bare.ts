// Programs in M-mode on machines without firmware, interpreted and translated.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { PlacedInstruction } from '../../emulator/core/translator/blocks.ts';
import { createMachine, type MachineControl, type MachineOptions, phys } from '../../emulator/index.ts';
import { decoderFor } from '../../emulator/isa/decode.ts';
import { parseIsa } from '../../emulator/isa/isa-string.ts';
import { bytesSource, planBoot } from '../../emulator/loader/index.ts';
import type { Random } from '../oracle/random.ts';
import { stateHash } from './sample.ts';

/** At the program's first instruction; `elf` is its bytes or the file's name. */
export function bareMachine(elf: Uint8Array | string, options: Partial<MachineOptions> = {}): MachineControl {
  const full = { memory: 8n << 20n, harts: 1, isa: 'rv64gc', mmu: 'sv39', counts: true, ...options } as const;
  const program = bytesSource('program', typeof elf === 'string' ? readFileSync(elf) : elf);
  return createMachine(full, planBoot({ program }, { ...full, firmware: 'none' }));
}

/** Whether both are in the same state at random counts, to which the translated one comes in random slices: short ones, and some `far`. */
export function assertSameStates(
  interpreted: MachineControl,
  translated: MachineControl,
  random: Random,
  far: number,
): void {
  for (let stop = 0; stop < 60; stop += 1) {
    const count = 1 + random.below(stop % 3 ? 60 : far);
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
}

/** The instructions at the beginning of RAM, to the first word that is none, or to `end`. */
export function instructionsOf(machine: MachineControl, end = 0x100): PlacedInstruction[] {
  const decode = decoderFor(parseIsa('rv64gc'));
  const words = new DataView(machine.readPhysical(phys(0x8000_0000n), end + 4).slice().buffer);
  const placed: PlacedInstruction[] = [];
  for (let offset = 0; offset < end; ) {
    const instruction = decode(words.getUint32(offset, true));
    if (!instruction) break;
    placed.push({ offset, instruction });
    offset += instruction.length;
  }
  return placed;
}
