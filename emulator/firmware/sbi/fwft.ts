// FWFT: switches that the firmware holds for each hart ("Firmware Features Extension").

import type { SbiMachine } from '../host.ts';
import { failure, index, type SbiCall, type SbiExtension, type SbiResult, success } from './call.ts';

/** A feature is a group of bits of one CSR: all set or all clear. */
interface Feature {
  readonly csr: number;
  readonly bits: bigint;
}

/** MISALIGNED_EXC_DELEG: load and store address misaligned, in medeleg. */
const misalignedDelegation: Feature = { csr: 0x302, bits: (1n << 4n) | (1n << 6n) };
/** PTE_AD_HW_UPDATING: ADUE of menvcfg, on RV32 in menvcfgh. */
const updating = { 32: { csr: 0x31a, bits: 1n << 29n }, 64: { csr: 0x30a, bits: 1n << 61n } } as const;

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
  if (number === 4 && !machine.extensions.has('svadu')) return failure('notSupported');
  const feature = number === 0 ? misalignedDelegation : number === 4 ? updating[machine.xlen] : undefined;
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
