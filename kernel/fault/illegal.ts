// Why an instruction is illegal, in one clause: no such instruction, an absent extension, a privilege, or a switch.

import { hex } from '../../emulator/address.ts';
import { isReadOnly, privilegeOf } from '../../emulator/csr/row.ts';
import { csrNumbered } from '../../emulator/csr/table.ts';
import type { TrapEvent } from '../../emulator/events.ts';
import type { HartView, Inspection } from '../../emulator/inspection.ts';
import { parseIsa } from '../../emulator/isa/isa-string.ts';
import type { Instruction } from '../../emulator/isa/row.ts';
import type { TrappedInstruction } from './instruction.ts';

export interface Illegality {
  /** `mstatus.FS is Off`; reads on after the instruction's text and a colon. */
  readonly text: string;
  /** What would make it legal; empty where nothing would. */
  readonly remedy: string;
  /** Rule id of the manual; empty where none is known. */
  readonly rule: string;
}

const Csr = { mstatus: 0x300, mcounteren: 0x306, scounteren: 0x106, menvcfg: 0x30a, menvcfgh: 0x31a } as const;
const Number_ = { satp: 0x180, stimecmp: 0x14d, stimecmph: 0x15d, cycle: 0xc00 } as const;
const bit = { FS: 3n << 13n, TVM: 1n << 20n, TW: 1n << 21n, TSR: 1n << 22n } as const;
const levels = ['U-mode', 'S-mode', 'reserved', 'M-mode'] as const;

const illegal = (text: string, remedy = '', rule = ''): Illegality => ({ text, remedy, rule });

/** Why this instruction was illegal where it was executed. */
export function illegality(
  machine: Inspection,
  hart: HartView,
  event: TrapEvent,
  { instruction, word }: TrappedInstruction,
): Illegality {
  const bits = word ?? Number(event.tval & 0xffff_ffffn);
  if (!instruction) {
    if ((bits & 0xffff) === 0) return illegal('all bits are 0: this is no code, so the jump here went astray');
    if (bits === 0xffff_ffff) return illegal('all bits are 1: this is no code, so the jump here went astray');
    return illegal('no instruction has these bits');
  }
  const { row, compressed } = instruction;
  const { extensions } = parseIsa(machine.isa);
  const needed = [row.extension, row.alsoNeeds, compressed?.extension].find(
    (name) => name !== undefined && !extensions.has(name.toLowerCase()),
  );
  if (needed !== undefined) {
    return illegal(
      `this machine has no ${needed}`,
      `add ${needed.toLowerCase()} to the ISA string, or compile without it`,
    );
  }
  const { from } = event;
  const has = (mask: bigint) => (event.mstatus & mask) !== 0n;
  if (row.host === 'csr') return csrIllegality(machine, hart, event, instruction);
  switch (row.mnemonic) {
    case 'mret':
      return illegal(`it needs M-mode, and this is ${levels[from]}`, '', 'xret_in_lower_mode');
    case 'sret':
      if (from === 0) return illegal('it needs S-mode, and this is U-mode', '', 'xret_in_lower_mode');
      return illegal('mstatus.TSR = 1 keeps it for M-mode', 'clear mstatus.TSR in M-mode', 'mstatus_tsr_op');
    case 'wfi':
    case 'wrs.nto':
      if (has(bit.TW))
        return illegal('mstatus.TW = 1 lets only M-mode wait', 'clear mstatus.TW in M-mode', 'mstatus_tw_op');
      return illegal('U-mode may not wait for interrupts', '', 'wfi_ill_exc');
    case 'sfence.vma':
    case 'sinval.vma':
      if (from === 0) return illegal('it needs S-mode, and this is U-mode');
      return illegal(
        'mstatus.TVM = 1 keeps the address space for M-mode',
        'clear mstatus.TVM in M-mode',
        'mstatus_tvm_warl_op',
      );
  }
  if (row.host === 'fp' || row.format.startsWith('fp-')) {
    if (!has(bit.FS)) {
      return illegal(
        'mstatus.FS is Off',
        'set sstatus.FS to Initial (1) before floating point is used',
        'mstatus_fs_vs_xs_off_op',
      );
    }
    return illegal('its rounding mode is reserved');
  }
  if (row.host === 'cbo') {
    const where = from === 0 ? 'menvcfg and senvcfg' : 'menvcfg';
    return illegal(`${where} do not allow it in ${levels[from]}`, `set the CBIE, CBCFE or CBZE field of ${where}`);
  }
  return from < 3 ? illegal(`it may not be executed in ${levels[from]}`) : illegal('its operands are reserved');
}

function csrIllegality(
  machine: Inspection,
  hart: HartView,
  event: TrapEvent,
  { row, operands }: Instruction,
): Illegality {
  const { from, mstatus } = event;
  const number = operands.imm;
  const csr = csrNumbered(number, machine.xlen);
  const name = csr?.name ?? `CSR ${hex(number)}`;
  const needed = privilegeOf(number);
  const writes = row.mnemonic.startsWith('csrrw') || operands.rs1 !== 0;
  const value = (which: number) => hart.csr(which) ?? 0n;
  if (from < needed) {
    return illegal(`${name} needs ${levels[needed]}, and this is ${levels[from]}`, '', 'M_access_all_lower_priv_CSRs');
  }
  if (!csr || hart.csr(number) === undefined) return illegal(`this machine has no ${name}`);
  if (writes && isReadOnly(number)) return illegal(`${name} is read-only`);
  if (csr.extension === 'F' && (mstatus & bit.FS) === 0n) {
    return illegal(
      `mstatus.FS is Off, and ${name} belongs to floating point`,
      'set sstatus.FS to Initial (1)',
      'mstatus_fs_vs_xs_off_op',
    );
  }
  if (number === Number_.satp && from === 1 && (mstatus & bit.TVM) !== 0n) {
    return illegal('mstatus.TVM = 1 keeps satp for M-mode', 'clear mstatus.TVM in M-mode', 'mstatus_tvm_warl_op');
  }
  if ((number === Number_.stimecmp || number === Number_.stimecmph) && from < 3) {
    const stce = ((value(Csr.menvcfg) | (value(Csr.menvcfgh) << 32n)) >> 63n) & 1n;
    if (!stce)
      return illegal('menvcfg.STCE = 0 keeps stimecmp for M-mode', 'set menvcfg.STCE in M-mode', 'menvcfg_stce_op1');
    return illegal('mcounteren.TM = 0 keeps the time for M-mode', 'set mcounteren.TM in M-mode', 'mcounteren_tm_clr');
  }
  const counter = (number & ~0x80) - Number_.cycle;
  if (counter >= 0 && counter < 32) {
    const enable = 1n << BigInt(counter);
    const which = (value(Csr.mcounteren) & enable) === 0n ? 'mcounteren' : 'scounteren';
    return illegal(
      `${which} bit ${counter} = 0 keeps ${name} from ${levels[from]}`,
      `set bit ${counter} of ${which}`,
      'mcounteren_clr_ill_inst_exc',
    );
  }
  return illegal(`${name} is switched off for ${levels[from]}`);
}
