// FWFT: switches that the firmware holds for each hart ("Firmware Features Extension").

import type { SbiMachine } from '../host.ts';
import { failure, index, type SbiCall, type SbiExtension, type SbiResult, success } from './call.ts';

/** A feature is a group of bits of one CSR: all set or all clear. */
interface Feature {
  readonly csr: number;
  readonly bits: bigint;
}

const features: Readonly<Record<number, Feature>> = {
  // MISALIGNED_EXC_DELEG: load and store address misaligned, in medeleg.
  0: { csr: 0x302, bits: (1n << 4n) | (1n << 6n) },
  // PTE_AD_HW_UPDATING: menvcfg.ADUE.
  4: { csr: 0x30a, bits: 1n << 61n },
};

/** LANDING_PAD, SHADOW_STACK, DOUBLE_TRAP and POINTER_MASKING_PMLEN: the harts have none of these extensions. */
const withoutHardware = [1, 2, 3, 5];

const lock = 1n;

/** Whether the CSR takes both values of the feature; it holds its old one afterwards. */
function isThere(machine: SbiMachine, hart: number, { csr, bits }: Feature): boolean {
  const before = machine.csr(hart, csr);
  machine.setCsr(hart, csr, before ^ bits);
  const taken = ((machine.csr(hart, csr) ^ before) & bits) === bits;
  machine.setCsr(hart, csr, before);
  return taken;
}

/** The feature that a0 names, or the error for it. */
function featureOf({ machine, hart, args: [id] }: SbiCall): Feature | SbiResult {
  const number = index(BigInt.asUintN(32, id));
  const feature = features[number];
  if (!feature) return failure(withoutHardware.includes(number) ? 'notSupported' : 'denied');
  return isThere(machine, hart, feature) ? feature : failure('notSupported');
}

export const fwft: SbiExtension = {
  name: 'FWFT',
  id: 0x4657_4654,
  functions: [
    (call) => {
      const { machine, hart, args } = call;
      const [id, value, flags] = args;
      const feature = featureOf(call);
      if (feature === 'halted' || 'error' in feature) return feature;
      if (value > 1n || flags > lock) return failure('invalidParam');
      const name = `FWFT ${hart} ${BigInt.asUintN(32, id)}`;
      if (machine.firmwareLocks.has(name)) return failure('deniedLocked');
      const before = machine.csr(hart, feature.csr);
      machine.setCsr(hart, feature.csr, value ? before | feature.bits : before & ~feature.bits);
      if (flags === lock) machine.firmwareLocks.add(name);
      return success();
    },
    (call) => {
      const feature = featureOf(call);
      if (feature === 'halted' || 'error' in feature) return feature;
      const held = call.machine.csr(call.hart, feature.csr) & feature.bits;
      return success(held === feature.bits ? 1n : 0n);
    },
  ],
};
