// Which translation is in force on a hart now, for each kind of access, and why not the one that satp names.

import type { Access, HartView, Inspection, Privilege } from '../emulator/inspection.ts';
import { decodeSatp } from '../emulator/mmu/modes.ts';
import { effectivePrivilege } from '../emulator/mmu/regime.ts';
import { satpText } from './describe-satp.ts';

const SATP = 0x180;
const MSTATUS = 0x300;

export interface AccessInForce {
  readonly translated: boolean;
  /** `Sv39`, `Sv39 as S-mode by MPRV`, `Bare (M-mode)`. */
  readonly text: string;
}

export interface InForce {
  /** `S-mode`. */
  readonly privilege: string;
  /** `Sv39, root pa:0x80210000, ASID 0`, or `Bare`. */
  readonly satp: string;
  readonly fetch: AccessInForce;
  readonly load: AccessInForce;
  readonly store: AccessInForce;
  /** `off`: satp is Bare; `on`: every access is translated; `partly`; `not-in-force`: satp is set, nothing is translated. */
  readonly lamp: 'off' | 'on' | 'partly' | 'not-in-force';
  /** `satp set, not in force: M-mode, MPRV=0`. */
  readonly text: string;
  /** Why, and what SUM and MXR mean now; a sentence each. */
  readonly details: readonly string[];
}

const names: Readonly<Record<Privilege, string>> = { 0: 'U-mode', 1: 'S-mode', 3: 'M-mode' };

/** Reads satp, the privilege and mstatus of `hart` (rules mstatus_mprv_ldst_op, and "Supervisor Address Translation and
 * Protection (satp) Register": satp counts below M-mode only). */
export function inForce({ xlen }: Inspection, hart: HartView): InForce {
  const satp = hart.csr(SATP) ?? 0n;
  const mode = decodeSatp(satp, xlen).mode?.name;
  const mprv = (((hart.csr(MSTATUS) ?? 0n) >> 17n) & 1n) === 1n;
  const of = (access: Access): AccessInForce => {
    const effective = effectivePrivilege(hart, access);
    if (!mode) return { translated: false, text: 'Bare' };
    if (effective === 3) return { translated: false, text: 'Bare (M-mode)' };
    const by = mprv && access !== 'fetch' ? ` as ${names[effective]} by MPRV` : '';
    return { translated: true, text: mode + by };
  };
  const accesses = { fetch: of('fetch'), load: of('load'), store: of('store') };
  const lamp = lampOf(mode, accesses);
  return {
    privilege: names[hart.privilege],
    satp: satpText(satp, xlen),
    ...accesses,
    lamp,
    text: textOf(lamp, accesses, mode, mprv),
    details: detailsOf(hart, lamp, mprv),
  };
}

type Accesses = Pick<InForce, 'fetch' | 'load' | 'store'>;

function lampOf(mode: string | undefined, { fetch, load }: Accesses): InForce['lamp'] {
  if (!mode) return 'off';
  if (fetch.translated && load.translated) return 'on';
  return fetch.translated || load.translated ? 'partly' : 'not-in-force';
}

function textOf(lamp: InForce['lamp'], { fetch, load }: Accesses, mode: string | undefined, mprv: boolean): string {
  if (lamp === 'off') return 'satp is Bare: addresses are physical';
  if (lamp === 'on') return `${mode} in force`;
  if (lamp === 'partly') return `fetch ${fetch.text}, load and store ${load.text}`;
  return `satp set, not in force: M-mode, MPRV=${mprv ? '1 with MPP=M' : '0'}`;
}

function detailsOf(hart: HartView, lamp: InForce['lamp'], mprv: boolean): string[] {
  const mstatus = hart.csr(MSTATUS) ?? 0n;
  const [sum, mxr] = [18n, 19n].map((bit) => ((mstatus >> bit) & 1n) === 1n);
  const lines: string[] = [];
  if (lamp !== 'off' && hart.privilege === 3) {
    lines.push('M-mode does not translate: satp is in force in S- and U-mode, after an mret or sret.');
    if (!mprv) lines.push('MPRV=0: loads and stores are those of M-mode, too.');
  }
  if (mprv) lines.push(`MPRV=1: loads and stores are made as ${names[effectivePrivilege(hart, 'load')]} (MPP).`);
  if (effectivePrivilege(hart, 'load') === 1) {
    lines.push(
      sum
        ? 'SUM=1: S-mode may load from and store to user pages (U=1).'
        : 'SUM=0: loads and stores of S-mode to user pages (U=1) fault.',
    );
  }
  lines.push(mxr ? 'MXR=1: loads may read pages that are only executable.' : 'MXR=0: loads need R.');
  return lines;
}
