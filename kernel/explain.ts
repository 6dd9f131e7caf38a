// A walk for people: each level in one line, the result or the reason in one sentence, in the manual's words.

import { hex, hex64, type PhysAddr, paText, phys, type VirtAddr } from '../emulator/address.ts';
import type { Access, AccessRefusal } from '../emulator/inspection.ts';
import { causeOf } from '../emulator/mmu/cause.ts';
import { sizeText, spanOf } from '../emulator/mmu/modes.ts';
import { flagsText, type MemoryType, permissionsText } from '../emulator/mmu/pte.ts';
import type { FaultReason, Regime, Walk, WalkFailure, WalkStep, WalkSuccess } from '../emulator/mmu/walk.ts';
import { reasonText } from './reason-text.ts';

/** Names for addresses, where somebody has them. Both may answer with an empty text. */
export interface Names {
  /** `direct map`, `.text`, `ns16550a`. */
  regionOf(va: VirtAddr, pa: PhysAddr | undefined, user: boolean | undefined): string;
  /** `start_kernel+0x10`. */
  symbolOf(va: VirtAddr): string;
}

export interface ExplainedStep {
  readonly level: number;
  readonly index: number;
  readonly pteAddress: PhysAddr;
  /** undefined when it could not be read. */
  readonly pte: bigint | undefined;
  /** `pointer → pa:0x80212000`, `leaf 2 MiB → pa:0x80400000 DAG.XWRV`, or what is wrong. */
  readonly text: string;
}

interface ExplanationBase {
  readonly va: VirtAddr;
  readonly access: Access;
  /** `Sv39, root pa:0x80210000, S-mode, SUM=0 MXR=0`. */
  readonly regime: string;
  readonly steps: readonly ExplainedStep[];
  readonly region: string;
  readonly symbol: string;
  /** One sentence: the physical address, or why there is none. */
  readonly text: string;
}

export type Explanation =
  | (ExplanationBase & {
      readonly ok: true;
      readonly pa: PhysAddr;
      readonly pageSize: bigint;
      /** `R-X`; `RWX` when Bare. */
      readonly permissions: string;
      readonly memoryType: MemoryType;
    })
  | (ExplanationBase & {
      readonly ok: false;
      readonly reason: FaultReason;
      /** The exception code. */
      readonly cause: number;
    });

const nameless: Names = { regionOf: () => '', symbolOf: () => '' };

/** Puts a walk into words. */
export function explain(walk: Walk, names: Names = nameless): Explanation {
  const leaf = walk.ok ? walk.leaf : walk.steps.at(-1)?.pte;
  const base = {
    va: walk.va,
    access: walk.access,
    regime: regimeText(walk.regime),
    steps: walk.steps.map((step, index) => explainStep(step, walk, index === walk.steps.length - 1)),
    region: names.regionOf(walk.va, walk.ok ? walk.pa : undefined, leaf?.leaf ? leaf.u : undefined),
    symbol: names.symbolOf(walk.va),
  };
  if (!walk.ok) {
    const cause = causeOf(walk.reason, walk.access);
    return { ...base, ok: false, reason: walk.reason, cause, text: failureText(walk, cause) };
  }
  return {
    ...base,
    ok: true,
    pa: walk.pa,
    pageSize: walk.pageSize,
    permissions: walk.leaf ? permissionsText(walk.leaf) : 'RWX',
    memoryType: walk.leaf?.pbmt ?? 'PMA',
    text: successText(walk),
  };
}

const privilegeNames = { 0: 'U-mode', 1: 'S-mode', 3: 'M-mode' } as const;

/** `Sv39, root pa:0x80210000, S-mode, SUM=0 MXR=0`. */
export function regimeText({ mode, root, privilege, sum, mxr }: Regime): string {
  const who = privilegeNames[privilege];
  if (!mode) return privilege === 3 ? 'M-mode: no translation' : `Bare, ${who}`;
  return `${mode.name}, root ${paText(root)}, ${who}, SUM=${sum ? 1 : 0} MXR=${mxr ? 1 : 0}`;
}

function explainStep(step: WalkStep, walk: Walk, last: boolean): ExplainedStep {
  const { level, index, address, pte } = step;
  return { level, index, pteAddress: address, pte: pte?.raw, text: stepText(step, walk, last) };
}

function stepText(step: WalkStep, walk: Walk, last: boolean): string {
  const { pte, level } = step;
  if (!pte) return `unreadable: ${(walk.ok ? undefined : walk.refusal?.text) ?? 'nothing at this address'}`;
  const mode = walk.regime.mode;
  const size = mode ? sizeText(pte.napot && level === 0 ? 0x10000n : spanOf(mode, level)) : '';
  const what = pte.pointer
    ? `pointer → ${paText(pte.target)}`
    : `leaf ${size} → ${paText(pte.target)} ${flagsText(pte)}`;
  if (!last || walk.ok) return pte.pbmt === 'PMA' ? what : `${what} ${pte.pbmt}`;
  const why = reasonText(walk.reason, walk.access, walk.regime, step);
  return pte.valid ? `${what}: ${why}` : `not valid: ${why}`;
}

function successText(walk: WalkSuccess): string {
  const { va, pa, leaf, pageSize, regime, sets } = walk;
  if (!leaf)
    return `${hex(va)} is ${paText(pa)}: ${regime.privilege === 3 ? 'M-mode does not translate' : 'Bare does not translate'}.`;
  const type = leaf.pbmt === 'PMA' ? '' : `, memory type ${leaf.pbmt}`;
  const owner = leaf.u ? ', user' : '';
  const bits =
    sets === 0n
      ? ''
      : `; the hardware sets ${sets & 0x40n ? 'A' : ''}${sets === 0xc0n ? ' and ' : ''}${sets & 0x80n ? 'D' : ''}`;
  return `${hex(va)} → ${paText(pa)}, in a ${sizeText(pageSize)} page, ${permissionsText(leaf)}${owner}${type}${bits}.`;
}

const exceptions: Record<number, string> = {
  1: 'instruction access fault',
  5: 'load access fault',
  7: 'store/AMO access fault',
  12: 'instruction page fault',
  13: 'load page fault',
  15: 'store/AMO page fault',
};

function failureText(walk: WalkFailure, cause: number): string {
  const step = walk.steps.at(-1);
  const name = capital(`${exceptions[cause]} (${cause})`);
  const at = `${name} for ${hex(walk.va)}`;
  if (walk.reason === 'access-refused') return `${at}: ${refusedAccess(walk)}.`;
  const where = step ? `the level-${step.level} PTE at ${paText(step.address)}` : hex(walk.va);
  if (walk.reason === 'pte-unreadable')
    return `${at}, no page fault: the walker could not read ${where}${refusalText(walk)}.`;
  const value = step?.pte ? ` (${hex64(step.pte.raw)})` : '';
  const why = reasonText(walk.reason, walk.access, walk.regime, step);
  return `${at}: ${where}${value} ${why}${refusalText(walk)}.`;
}

const refusalText = ({ refusal }: WalkFailure) => (refusal ? `: ${refusal.text}${by(refusal)}` : '');
/** Where the text does not say it by itself. */
const by = ({ by: who, text }: AccessRefusal) => (text.includes(who) ? '' : ` (${who})`);

/** Where a well-translated access was going, and who refused it there. */
function refusedAccess(walk: WalkFailure): string {
  const step = walk.steps.at(-1);
  const { mode, privilege } = walk.regime;
  const who = `the ${privilegeNames[privilege]} ${walk.access}`;
  if (!step?.pte || !mode) return `${who} was denied${refusalText(walk)}`;
  const size = step.pte.napot ? 0x10000n : spanOf(mode, step.level);
  const pa = phys((step.pte.target & ~(size - 1n)) | (walk.va & (size - 1n)));
  const from = `the level-${step.level} PTE at ${paText(step.address)} (${hex64(step.pte.raw)})`;
  return `${from} maps it to ${paText(pa)}, where ${who} was denied${refusalText(walk)}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
