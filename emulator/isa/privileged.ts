// Instructions of opcode SYSTEM that no CSR is named in: ECALL and EBREAK (unprivileged manual, "Environment Call and
// Breakpoints") and the privileged manual's own.

import { type Encoding, exact, rType } from './encoding.ts';
import type { Format, InstructionRow } from './row.ts';

function row(mnemonic: string, extension: string, encoding: Encoding, text: string, format: Format = 'none') {
  return { mnemonic, extension, xlen: 'any', format, ...encoding, text, host: 'system' } as const;
}

const sfence = rType(0b0001001, 0, 0x73);

export const privileged: readonly InstructionRow[] = [
  row('ecall', 'I', exact(0x00000073), 'Asks the environment for a service: an exception whose cause tells the mode.'),
  row('ebreak', 'I', exact(0x00100073), 'Raises a breakpoint exception.'),
  row(
    'sret',
    'S',
    exact(0x10200073),
    'Returns from a trap taken to S-mode: SPP, SPIE and sepc become mode, SIE and pc.',
  ),
  row(
    'mret',
    'Sm',
    exact(0x30200073),
    'Returns from a trap taken to M-mode: MPP, MPIE and mepc become mode, MIE and pc.',
  ),
  row('wfi', 'Sm', exact(0x10500073), 'Waits until an interrupt is pending and enabled in mie, whatever mstatus says.'),
  row(
    'sfence.vma',
    'S',
    { mask: sfence.mask | (31 << 7), match: sfence.match },
    'Orders page-table stores before later translations: of address rs1 (zero = all) in address space rs2 (zero = all).',
    'sfence',
  ),
];
