// The entropy source behind the seed CSR (Zkr; unprivileged manual, "Entropy Source"): a generator whose state is part of
// the hart, so that every run gives the same. It is always ready.

import { Privilege } from '../inspection.ts';
import { Csr } from './csr-numbers.ts';
import type { Hart } from './hart.ts';

const ES16 = 2n << 30n;
const USEED = 1n << 8n;
const SSEED = 1n << 9n;

/** M-mode always may; S-mode and U-mode as mseccfg says. Only instructions that write may access it. */
export function maySeed(hart: Hart, write: boolean): boolean {
  const allowed = { [Privilege.M]: ~0n, [Privilege.S]: SSEED, [Privilege.U]: USEED }[hart.privilege];
  return write && (allowed === ~0n || (hart.raw(Csr.mseccfg) & allowed) !== 0n);
}

/** What the next access reads: 16 bits of entropy. Looking does not use them up. */
export function seedOf(hart: Hart): bigint {
  return ES16 | BigInt.asUintN(16, mixed(hart.raw(Csr.seed) + (BigInt(hart.id) << 56n)));
}

/** An access wipes what was read. */
export function nextSeed(hart: Hart): void {
  hart.setRaw(Csr.seed, BigInt.asUintN(64, hart.raw(Csr.seed) + 0x9e3779b97f4a7c15n));
}

/** Every bit of the result depends on every bit of the state (the finaliser of SplitMix64). */
function mixed(state: bigint): bigint {
  let value = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n);
  value = BigInt.asUintN(64, (value ^ (value >> 30n)) * 0xbf58476d1ce4e5b9n);
  value = BigInt.asUintN(64, (value ^ (value >> 27n)) * 0x94d049bb133111ebn);
  return value ^ (value >> 31n);
}
