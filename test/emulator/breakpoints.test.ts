import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { type MachineControl, type MachineOptions, virt } from '../../emulator/index.ts';
import { symbolValues } from '../../emulator/loader/elf-symbols.ts';
import { bytesSource, openElf } from '../../emulator/loader/index.ts';
import { build, hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { bareMachine } from './bare.ts';
import { stateHash } from './sample.ts';

describe('breakpoints cost nothing where they are not reached', { skip: hasGcc ? false : needsGcc }, () => {
  const programOf = (name: string) => {
    const flags = ['-march=rv64gc', '-mabi=lp64', '-mcmodel=medany', '-static', '-nostdlib', '-Wl,-Ttext=0x80000000'];
    const sources = { [`${name}.S`]: readFileSync(`test/programs/${name}/${name}.S`, 'utf8') };
    return build(sources, [...flags, '-Wl,--no-warn-rwx-segments,--no-relax']);
  };
  const machineWith = (name: string, options: Partial<MachineOptions> = {}) => {
    const elf = programOf(name);
    const symbols = openElf(bytesSource(name, readFileSync(elf)));
    return {
      machine: bareMachine(elf, options),
      at: (symbol: string) => symbolValues(symbols, [symbol]).get(symbol) as bigint,
    };
  };
  const set = (machine: MachineControl, ...addresses: bigint[]) =>
    machine.setBreakpoints({ virtual: addresses.map(virt), physical: [] });
  const translated = ({ counts }: MachineControl) => counts.regionInstructions ?? 0;

  test('on every place of another page, they leave the code of this one translated', () => {
    const plain = machineWith('calls', { translateAfter: 20 }).machine;
    const { machine } = machineWith('calls', { translateAfter: 20 });
    set(machine, ...Array.from({ length: 2048 }, (_, index) => 0x8010_0000n + BigInt(2 * index)));
    for (const each of [plain, machine]) for (let slice = 0; slice < 40; slice += 1) each.run(5000);
    assert.equal(stateHash(machine), stateHash(plain));
    assert.ok(translated(plain) > 100_000, `${translated(plain)} translated`);
    assert.equal(translated(machine), translated(plain));
  });

  test('set and taken away many times, they leave their page translated', () => {
    const { machine, at } = machineWith('calls', { translateAfter: 20 });
    const leaf = at('leaf');
    for (let time = 0; time < 40; time += 1) {
      set(machine, leaf);
      assert.equal(machine.run(100_000).reason, 'breakpoint');
      set(machine);
      machine.run(2000);
    }
    const before = translated(machine);
    for (let slice = 0; slice < 40; slice += 1) machine.run(5000);
    assert.ok(translated(machine) - before > 100_000, `${translated(machine) - before} of 200000 translated`);
  });

  test('one of them stops at its address, also where the instruction was last reached by another', () => {
    const { machine, at } = machineWith('aliases', { translateAfter: 5 });
    const alias = at('count') + (1n << 30n) + (1n << 21n);
    set(machine, alias);
    const values: bigint[] = [];
    for (let outcome = machine.run(5000); outcome.reason === 'breakpoint'; outcome = machine.run(5000)) {
      assert.equal(outcome.pc, alias);
      values.push(machine.harts[0]?.x(10) as bigint);
    }
    assert.deepEqual(
      values,
      Array.from({ length: 100 }, (_, round) => BigInt(2 * round + 1)),
    );
  });
});
