// The extensions of SBI 0.1 ("Legacy Extensions"): one function each, an answer in a0 alone, masks at virtual addresses.

import { type PhysAddr, virt } from '../../address.ts';
import { decodeSatp } from '../../mmu/modes.ts';
import { littleEndian } from '../../mmu/regime.ts';
import { type WalkMemory, walk } from '../../mmu/walk.ts';
import type { SbiMachine } from '../host.ts';
import { type SbiCall, SbiError, wide } from './call.ts';
import { hartsOf, sendIpi } from './hart-mask.ts';
import { fence } from './rfence.ts';

const csr = { satp: 0x180, mip: 0x344 } as const;
const ssip = 2n;
const none = -1n;

/** What goes to a0, or `halted`. */
export type LegacyFunction = (call: SbiCall) => bigint | 'halted';

/** By extension id. */
export const legacy: readonly LegacyFunction[] = [
  function setTimer(call) {
    call.machine.setTimer(call.hart, wide(call, 0));
    return 0n;
  },
  function consolePutchar({ machine, args: [byte] }) {
    machine.print(Uint8Array.of(Number(byte & 0xffn)));
    return 0n;
  },
  function consoleGetchar({ machine }) {
    return BigInt(machine.key() ?? none);
  },
  function clearIpi({ machine, hart }) {
    const mip = machine.csr(hart, csr.mip);
    machine.setCsr(hart, csr.mip, mip & ~ssip);
    return mip & ssip ? 1n : 0n;
  },
  (call) => onEach(call, (hart) => sendIpi(call.machine, hart)),
  (call) => onEach(call, (hart) => call.machine.fenceInstructions(hart)),
  (call) => onEach(call, (hart) => fence(call.machine, hart, call.args[1], call.args[2])),
  (call) => onEach(call, (hart) => fence(call.machine, hart, call.args[1], call.args[2], call.args[3])),
  function shutdown({ machine }) {
    machine.poweroff(0);
    return 'halted';
  },
];

/** Does something to each hart of the mask at the virtual address in a0 (0 = all harts). */
function onEach(call: SbiCall, act: (hart: number) => void): bigint {
  const { machine, args } = call;
  const mask = args[0] === 0n ? (1n << BigInt(machine.harts)) - 1n : readVirtual(call, args[0]);
  if (mask === undefined) return SbiError.invalidAddress;
  const harts = hartsOf(machine, mask, 0n);
  if (!harts) return SbiError.invalidParam;
  for (const hart of harts) act(hart);
  return 0n;
}

/** The unsigned long at an address of the caller, undefined where its page table or the memory has none. */
function readVirtual({ machine, hart }: SbiCall, address: bigint): bigint | undefined {
  const { mode, root } = decodeSatp(machine.csr(hart, csr.satp), machine.xlen);
  const size = machine.xlen / 8;
  const regime = {
    mode,
    root,
    privilege: 1,
    sum: false,
    mxr: false,
    hardwareAD: true,
    pbmt: true,
    svnapot: true,
  } as const;
  const found = walk(memoryOf(machine), regime, virt(address), 'load', size);
  return found.ok ? littleEndian(machine.read(found.pa, size)) : undefined;
}

function memoryOf(machine: SbiMachine): WalkMemory {
  const refusal = (address: PhysAddr, size: number) =>
    machine.isMemory(address, BigInt(size)) ? undefined : ({ by: 'PMA', text: 'no memory at this address' } as const);
  return {
    readPte: (address, size) => refusal(address, size) ?? littleEndian(machine.read(address, size)),
    refusal,
  };
}
