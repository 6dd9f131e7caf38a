// The built-in SBI beside OpenSBI 1.5.1: the same program in S-mode makes the same calls, with the built-in SBI, with
// OpenSBI on our machine, and with OpenSBI on QEMU.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, test } from 'node:test';
import { oracleMissing } from '../oracle/assemble.ts';
import { cpuOf } from '../oracle/machines.ts';
import { type Answer, onOurs, onQemu } from './call-program.ts';
import { callSteps, differences } from './calls.ts';

const models = [
  { name: 'RV64 with Sstc and Svadu', xlen: 64, isa: 'rv64imafdc_zicsr_zifencei_zicntr_sstc_svadu', mmu: 'sv57' },
  { name: 'RV64 without Sstc', xlen: 64, isa: 'rv64imafdc_zicsr_zifencei_zicntr', mmu: 'sv57' },
  { name: 'RV32 with Sstc', xlen: 32, isa: 'rv32imafdc_zicsr_zifencei_zicntr_sstc', mmu: 'sv32' },
] as const;

const firmwareOf = (xlen: 32 | 64) => `/usr/lib/riscv${xlen}-linux-gnu/opensbi/generic/fw_dynamic.bin`;

describe('every function of the built-in SBI, with good and bad arguments,', () => {
  const missing =
    oracleMissing() ??
    (existsSync(firmwareOf(64)) ? undefined : 'needs opensbi 1.5.1: node scripts/tools.mjs --install');
  const skip = missing ?? false;

  for (const { name, xlen, isa, mmu } of models) {
    const calls = callSteps(xlen);
    const steps = calls.map(({ step }) => step);
    /** The calls whose answers are not the same. */
    const apart = (ours: readonly Answer[], theirs: readonly Answer[]) =>
      calls.flatMap(({ name }, i) => {
        const [our, their] = [ours[i], theirs[i]].map(
          (answer) => answer && `${answer.a0} ${answer.a1} ${answer.pending}`,
        );
        return our === their ? [] : [`${name}: ${our} and not ${their}`];
      });
    const firmware = firmwareOf(xlen);

    test(`answers on ${name} as OpenSBI does, but for what is listed`, { skip }, () => {
      const theirs = onOurs(xlen, isa, steps, firmware);
      const expected = calls.map(({ name }, i) => {
        const answer = theirs[i] as Answer;
        const listed = differences.find(({ calls }) => calls.test(name));
        if (!listed || (answer.a0 === -2n && /^FWFT/.test(name))) return answer;
        const [a0, a1] = listed.answer;
        assert.notDeepEqual([answer.a0, answer.a1], [a0, a1], `${name}: no difference any more`);
        // A call that is refused leaves no interrupt behind.
        return { a0, a1, pending: a0 === -3n ? '' : answer.pending };
      });
      assert.deepEqual(apart(onOurs(xlen, isa, steps), expected), []);
    });

    test(`OpenSBI answers on ${name} as it does on QEMU`, { skip }, async () => {
      const ours = onOurs(xlen, isa, steps, firmware);
      assert.deepEqual(apart(ours, await onQemu(xlen, cpuOf({ isa, mmu }), steps, firmware)), []);
    });
  }

  test('differs from OpenSBI only in ways that some call shows', () => {
    const names = callSteps(64).map(({ name }) => name);
    for (const { calls } of differences)
      assert.ok(
        names.some((name) => calls.test(name)),
        String(calls),
      );
  });
});
