// Cache-block operations (unprivileged manual, "Cache Management Operations"). There are no caches: management changes
// nothing, but it checks its switches and its address as the hardware would.

import { type VirtAddr, virt } from '../address.ts';
import { Status } from '../core/layout.ts';
import { type Access, Privilege } from '../inspection.ts';
import { cacheBlockBytes, cacheBlockSwitch } from '../isa/cache-blocks.ts';
import type { Instruction } from '../isa/row.ts';
import { causeOf } from '../mmu/cause.ts';
import { regimeOf, walkMemoryOf } from '../mmu/regime.ts';
import { type FaultReason, walk } from '../mmu/walk.ts';
import { readableAddress, writableAddress } from './cached.ts';
import type { HartContext } from './context.ts';
import { Csr } from './csr-numbers.ts';
import type { Hart } from './hart.ts';
import { takeTrap } from './traps.ts';

const switchOf = (mnemonic: string) => cacheBlockSwitch[mnemonic.replace('cbo.', '') as keyof typeof cacheBlockSwitch];

/** Below M-mode menvcfg must allow the operation, in U-mode senvcfg too; else it is an illegal instruction. */
export function mayOperateOnBlocks(hart: Hart, { row }: Instruction): boolean {
  const allows = (register: bigint) => (register & switchOf(row.mnemonic)) !== 0n;
  if (hart.privilege < Privilege.M && !allows(hart.menvcfg)) return false;
  return hart.privilege > Privilege.U || allows(hart.raw(Csr.senvcfg));
}

export function executeCacheBlock(hart: Hart, { row, operands }: Instruction, context: HartContext): number {
  const address = virt(BigInt.asUintN(context.xlen, hart.x(operands.rs1)));
  const block = virt(address & ~BigInt(cacheBlockBytes - 1));
  const zeroes = row.mnemonic === 'cbo.zero';
  if (zeroes ? zeroCached(hart, block, context) : readableAddress(hart, block) !== undefined) return Status.done;
  // Management needs the block to be readable or writable.
  const accesses: readonly Access[] = zeroes ? ['store'] : ['load', 'store'];
  const access = accesses.find((each) => refusalOf(hart, block, each, context) === undefined);
  if (!access) return fault(hart, refusalOf(hart, block, accesses[0] as Access, context), address, context);
  const pa = context.translate(hart, block, access, cacheBlockBytes);
  if (pa === undefined) return Status.trap;
  if (!zeroes || zeroCached(hart, block, context)) return Status.done;
  // Only RAM takes blocks of zeros.
  if (context.guest.pageOf(pa) === undefined) return fault(hart, undefined, address, context);
  for (let at = 0; at < cacheBlockBytes; at += 8) {
    if (!context.store(hart, virt(block + BigInt(at)), 8, 0n)) return Status.trap;
  }
  return Status.done;
}

/** Zeroes the block if its page is cached for writing. */
function zeroCached(hart: Hart, block: VirtAddr, { guest }: HartContext): boolean {
  const cached = writableAddress(hart, block);
  if (cached !== undefined) guest.bytes.fill(0, cached, cached + cacheBlockBytes);
  return cached !== undefined;
}

/** Why the whole block may not be accessed so; undefined = it may. */
function refusalOf(hart: Hart, block: VirtAddr, access: Access, context: HartContext): FaultReason | undefined {
  const { inspection } = context;
  const view = inspection.harts[hart.id];
  if (!view) throw new Error(`no hart ${hart.id}`);
  const regime = regimeOf(inspection, view, access);
  const result = walk(walkMemoryOf(inspection, hart.id), regime, block, access, cacheBlockBytes);
  return result.ok ? undefined : result.reason;
}

/** Faults are those of stores, and tell rs1 itself; without a reason the memory refuses. */
function fault(hart: Hart, reason: FaultReason | undefined, address: VirtAddr, context: HartContext): number {
  takeTrap(hart, causeOf(reason ?? 'access-refused', 'store'), address, false, context);
  return Status.trap;
}
