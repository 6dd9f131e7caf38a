// Instructions of opcode SYSTEM that no CSR is named in: ECALL and EBREAK (unprivileged manual, "Environment Call and
// Breakpoints"), the privileged manual's own, and those of Svinval and Zawrs.

import { type Encoding, exact, rType } from './encoding.ts';
import type { Format, InstructionRow } from './row.ts';

function row(mnemonic: string, extension: string, encoding: Encoding, text: string, format: Format = 'none') {
  return { mnemonic, extension, xlen: 'any', format, ...encoding, text, host: 'system' } as const;
}

/** A fence of translations. */
function fence(mnemonic: string, extension: string, encoding: Encoding, text: string): InstructionRow {
  return { ...row(mnemonic, extension, encoding, text, 'sfence'), semantics: (e) => e.fenceTranslations() };
}

/** No rd. */
const fenced = (funct7: number) => {
  const { mask, match } = rType(funct7, 0, 0x73);
  return { mask: mask | (31 << 7), match };
};

export const privileged: readonly InstructionRow[] = [
  {
    ...row(
      'ecall',
      'I',
      exact(0x00000073),
      'Asks the environment for a service: an exception whose cause tells the mode.',
    ),
    semantics: (e) => e.callEnvironment(),
  },
  row('ebreak', 'I', exact(0x00100073), 'Raises a breakpoint exception.'),
  {
    ...row(
      'sret',
      'S',
      exact(0x10200073),
      'Returns from a trap taken to S-mode: SPP, SPIE and sepc become mode, SIE and pc.',
    ),
    semantics: (e) => e.returnFromTrap('supervisor'),
  },
  {
    ...row(
      'mret',
      'Sm',
      exact(0x30200073),
      'Returns from a trap taken to M-mode: MPP, MPIE and mepc become mode, MIE and pc.',
    ),
    semantics: (e) => e.returnFromTrap('machine'),
  },
  row('wfi', 'Sm', exact(0x10500073), 'Waits until an interrupt is pending and enabled in mie, whatever mstatus says.'),
  fence(
    'sfence.vma',
    'S',
    fenced(0b0001001),
    'Orders page-table stores before later translations: of address rs1 (zero = all) in address space rs2 (zero = all).',
  ),
  fence(
    'sinval.vma',
    'Svinval',
    fenced(0b0001011),
    'Forgets translations as sfence.vma does, ordered only by sfence.w.inval before it and sfence.inval.ir after it.',
  ),
  row('sfence.w.inval', 'Svinval', exact(0x18000073), 'Orders earlier stores before later sinval.vma.'),
  row('sfence.inval.ir', 'Svinval', exact(0x18100073), 'Orders earlier sinval.vma before later translations.'),
  row('wrs.nto', 'Zawrs', exact(0x00d00073), 'Waits until the reservation is lost or an interrupt is pending.'),
  row(
    'wrs.sto',
    'Zawrs',
    exact(0x01d00073),
    'Waits a short time until the reservation is lost or an interrupt is pending.',
  ),
];
