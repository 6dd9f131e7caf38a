// The machine as the built-in SBI sees it.

import { type PhysAddr, plus, virt } from '../address.ts';
import type { Board } from '../board.ts';
import type { HartContext } from '../hart/context.ts';
import { presentCsr, readCsr, writeCsr } from '../hart/csr-file.ts';
import { Csr } from '../hart/csr-numbers.ts';
import type { Hart } from '../hart/hart.ts';
import { Privilege } from '../inspection.ts';
import type { RunLoop } from '../run-loop.ts';
import { HsmState, type SbiMachine } from './host.ts';

interface Parts {
  readonly cores: readonly Hart[];
  readonly context: HartContext;
  readonly board: Board;
  readonly loop: RunLoop;
  readonly print: (bytes: Uint8Array) => void;
  readonly write: (address: PhysAddr, bytes: Uint8Array) => void;
}

const SSIP = 2n;
const STIP = 32n;
/** Fences over more pages than this forget everything. */
const MANY_PAGES = 64n;
const [a0, a1] = [10, 11];
/** SIE, SPIE, SPP and the FS field are what a hart starts without. */
const STATUS_AT_START = 0x122n | (3n << 13n);

export function sbiFace({ cores, context, board, loop, print, write }: Parts): SbiMachine {
  const hartOf = (id: number) => cores[id] as Hart;
  return {
    xlen: context.xlen,
    extensions: context.facts.extensions,
    harts: cores.length,
    get mtime() {
      return context.mtime(loop.current);
    },
    x: (hart, index) => BigInt.asUintN(context.xlen, hartOf(hart).x(index)),
    setX: (hart, index, value) => hartOf(hart).setX(index, BigInt.asIntN(context.xlen, value)),
    csr: (hart, number) => {
      const row = presentCsr(number, context);
      return row ? readCsr(hartOf(hart), row, context) : 0n;
    },
    setCsr: (hart, number, value) => {
      const row = presentCsr(number, context);
      if (row) writeCsr(hartOf(hart), row, value, context);
    },
    setTimer: (id, ticks) => {
      const hart = hartOf(id);
      hart.setStimecmp(ticks, context.xlen);
      hart.software &= ~STIP;
      loop.current.attend();
    },
    sendIpi: (id) => {
      hartOf(id).software |= SSIP;
      loop.current.attend();
    },
    fence: (id, start, size) => {
      const hart = hartOf(id);
      if (start === undefined || size === undefined || size > MANY_PAGES * 4096n) {
        context.forgetTranslations(hart);
        return;
      }
      const first = start & ~0xfffn;
      for (let offset = 0n; first + offset < start + size; offset += 4096n) {
        context.forgetTranslations(hart, virt(first + offset));
      }
    },
    // Stores are seen by decoded code at once.
    fenceInstructions: () => undefined,
    firmwareLocks: board.firmwareLocks,
    state: (id) => {
      const { state } = hartOf(id);
      return state === 'waiting' ? HsmState.started : HsmState[state];
    },
    start: (id, address, opaque) => {
      const hart = hartOf(id);
      hart.privilege = Privilege.S;
      hart.setRaw(Csr.satp, 0n);
      hart.setRaw(Csr.mstatus, hart.raw(Csr.mstatus) & ~STATUS_AT_START);
      hart.setX(a0, BigInt(id));
      hart.setX(a1, opaque);
      hart.pc = address;
      hart.state = 'started';
      context.regimeChanged(hart);
      context.spaceChanged(hart);
      tell(context, hart);
    },
    stop: (id) => {
      const hart = hartOf(id);
      hart.state = 'stopped';
      tell(context, hart);
    },
    suspend: (id) => {
      const hart = hartOf(id);
      hart.state = 'suspended';
      tell(context, hart);
    },
    isMemory: (address, size) => {
      const last = plus(address, size > 0n ? size - 1n : 0n);
      return context.guest.pageOf(address) !== undefined && last >= address && context.guest.pageOf(last) !== undefined;
    },
    read: (address, length) => context.guest.read(address, length),
    write,
    print,
    key: () => board.key(),
    poweroff: (code) => board.end({ kind: 'poweroff', code, by: 'SBI SRST' }),
    reboot: () => board.end({ kind: 'reset', code: 0, by: 'SBI SRST' }),
  };
}

function tell(context: HartContext, hart: Hart): void {
  if (!context.listeners.hears('hart-state')) return;
  context.emit({ kind: 'hart-state', hart: hart.id, pc: hart.pc, instret: hart.instret, state: hart.state });
}
