// How an address translates, as rows: each level of the walk, then the result or the reason why there is none.

import { paText, virt } from '../../emulator/address.ts';
import { type Access, Privilege } from '../../emulator/inspection.ts';
import { decodeSatp, sizeText } from '../../emulator/mmu/modes.ts';
import { regimeUnder, walkMemoryOf } from '../../emulator/mmu/regime.ts';
import { type Walk, walk } from '../../emulator/mmu/walk.ts';
import { type Explanation, explain } from '../../kernel/index.ts';
import { u32, u64 } from '../../kernel/objects/c-types.ts';
import { walkFor } from '../expressions/functions.ts';
import type { Value } from '../expressions/index.ts';
import { physical, referenceTo } from '../memory/space.ts';
import { explanationNames } from './names.ts';
import { type Children, numberText, type Row, type View } from './row.ts';

const SATP = 0x180;
const STVEC = 0x105;

/** pc, sp and stvec: the three addresses that must be mapped for a kernel to go on. */
export function translationRows(view: View): Row[] {
  const { hart } = view.scope;
  const stvec = (hart.csr(STVEC) ?? 0n) & ~3n;
  return [
    translationRow(view, 'pc', { bits: hart.pc }, 'fetch'),
    translationRow(view, 'sp', { bits: hart.x(2) }, 'store'),
    walkRow(view, 'stvec', (now) => walkAs(now, Privilege.S, stvec, 'fetch')),
  ];
}

/** A walk with the address space of satp at a privilege that is not the present one: a trap's, or a trap return's. */
export function walkAs({ scope }: View, privilege: Privilege, address: bigint, access: Access): Walk {
  const { machine, hart } = scope;
  const { mode, root } = decodeSatp(hart.csr(SATP) ?? 0n, machine.xlen);
  const regime = regimeUnder(machine, hart, privilege === Privilege.M ? undefined : mode, root, privilege);
  return walk(walkMemoryOf(machine), regime, virt(address), access);
}

export function translationRow(view: View, name: string, at: Pick<Value, 'bits' | 'space'>, access: Access): Row {
  return walkRow(view, name, ({ scope }) => walkFor(scope, at, access));
}

export function walkRow(view: View, name: string, make: (view: View) => Walk): Row {
  const explanation = explanationOf(view, make(view));
  return {
    name,
    value: explanation.text,
    type: `${explanation.access}, ${explanation.regime}`,
    ...(explanation.ok && { memoryReference: referenceTo(physical, explanation.pa) }),
    children: walkChildren(make),
  };
}

export function explanationOf({ session, scope }: View, walked: Walk): Explanation {
  return explain(walked, explanationNames(session, scope.hart));
}

/** The rows of a walk that is made anew each time they are shown. */
export function walkChildren(make: (view: View) => Walk): Children {
  return {
    rows(view) {
      const walked = make(view);
      const explanation = explanationOf(view, walked);
      return [...stepRows(view, walked, explanation), ...resultRows(explanation)];
    },
  };
}

function stepRows(view: View, { regime }: Walk, { steps }: Explanation): Row[] {
  const type = regime.mode?.pteSize === 4 ? u32 : u64;
  return steps.map((step) => ({
    name: `level ${step.level} [${step.index}]`,
    value: `${paText(step.pteAddress)}: ${step.pte === undefined ? '' : `${numberText(view, step.pte)} `}${step.text}`,
    type: 'page-table entry',
    evaluateName: `${type.name}[${paText(step.pteAddress)}]`,
    location: { kind: 'memory', space: physical, address: step.pteAddress, type },
    memoryReference: referenceTo(physical, step.pteAddress),
  }));
}

function resultRows(explanation: Explanation): Row[] {
  const fact = (name: string, value: string): Row[] => (value ? [{ name, value }] : []);
  return [
    ...(explanation.ok ? successRows(explanation) : [{ name: 'not translated', value: explanation.text }]),
    ...fact('region', explanation.region),
    ...fact('symbol', explanation.symbol),
    ...fact('regime', explanation.regime),
  ];
}

function successRows({ pa, pageSize, permissions, memoryType, steps }: Extract<Explanation, { ok: true }>): Row[] {
  const result = { name: 'physical address', value: paText(pa), evaluateName: paText(pa), memoryReference: paText(pa) };
  if (steps.length === 0) return [result];
  return [
    result,
    { name: 'page size', value: sizeText(pageSize) },
    { name: 'permissions', value: permissions },
    ...(memoryType === 'PMA' ? [] : [{ name: 'memory type', value: memoryType }]),
  ];
}

/** ` → pa:0x80200000, 2 MiB R-X .text`, or ` → ` and why not: a translation in one line. */
export function translationSuffix({ scope }: View, explanation: Explanation): string {
  if (!explanation.ok) {
    const loaded = scope.symbols.loadAddress(explanation.va);
    return ` → ${explanation.text}${loaded === undefined ? '' : ` It is loaded at ${paText(loaded)}.`}`;
  }
  const { pa, pageSize, permissions, region, steps } = explanation;
  const page = steps.length ? `, ${sizeText(pageSize)} ${permissions}` : '';
  return ` → ${paText(pa)}${page}${region && ` ${region}`}`;
}

/** The access by which data would be read, or code where the page can only be executed. */
export function accessFor(view: View, at: Pick<Value, 'bits' | 'space'>): Access {
  const walked = walkFor(view.scope, at, 'load');
  const executable = !walked.ok && walked.reason === 'not-readable' && walked.steps.at(-1)?.pte?.x;
  return executable ? 'fetch' : 'load';
}
