// Verbs of the console that judge: the custom requests of the same names, as text.

import { hex64, paText } from '../../emulator/address.ts';
import { modeNamed, sizeText } from '../../emulator/mmu/modes.ts';
import { UserError } from '../../emulator/user-error.ts';
import { evaluateAddress } from '../expressions/index.ts';
import type { SpaceArgument } from '../protocol/explaining.ts';
import { explainHart } from '../requests/explain-fault.ts';
import { pagewalkDiff } from '../requests/pagewalk-diff.ts';
import { pagewalkCheck, pagewalkLint } from '../requests/pagewalk-lint.ts';
import { pagewalkPhysmap, pagewalkPmp, pagewalkReverse } from '../requests/pagewalk-physical.ts';
import { pagewalkPreflight } from '../requests/pagewalk-preflight.ts';
import type { View } from './row.ts';
import type { Verb } from './verbs.ts';

/** Lines of a long answer. */
const MOST = 200;

export const explainingVerbs: Readonly<Record<string, Verb>> = {
  explain: {
    usage: 'explain',
    text: 'why the hart trapped, and what would have let it pass',
    run: ({ session, scope }) => {
      const { text, details } = explainHart(session, scope.hart);
      return `${text}\n${details}`;
    },
  },
  preflight: {
    usage: 'preflight [VALUE]',
    text: 'what the satp write at pc will do, or a write of this value',
    run: preflightText,
  },
  lint: {
    usage: 'lint [notes]',
    text: 'what is wrong with the map; with notes also what the kernel does by design',
    run: ({ session }, argument) => lintText(session, argument === 'notes'),
  },
  check: {
    usage: 'check EXPECTATION',
    text: 'whether the map is so: check va 0x80200000 +2M -> pa 0x80200000 RX, check no W+X',
    run: ({ session }, argument) => checkText(session, argument),
  },
  roots: { usage: 'roots', text: 'the page-table roots that satp has held', run: rootsText },
  diff: {
    usage: 'diff ROOT [ROOT]',
    text: 'what two roots map differently; the second is the one in force unless told',
    run: diffText,
  },
  reverse: {
    usage: 'reverse PHYSICAL',
    text: 'every virtual address of a physical one, in all roots that satp has held',
    run: reverseText,
  },
  pmp: { usage: 'pmp', text: "the hart's PMP entries", run: pmpText },
  physmap: {
    usage: 'physmap',
    text: 'the physical address space: RAM, devices, image, reservations',
    run: ({ session }) => physmapText(session),
  },
};

type Session = View['session'];

function preflightText(view: View, argument: string): string {
  const satp = argument ? hex64(evaluateAddress(argument, view.scope).bits) : undefined;
  const { verdict, text, before, after, checks, diff } = pagewalkPreflight(view.session, {
    hart: view.scope.hart.id,
    ...(satp !== undefined && { satp }),
  });
  const rows = checks.map((check) => `  ${check.verdict.padEnd(8)} ${check.title.padEnd(15)} ${check.text}`);
  const changes = diff.length > 0 ? [`  ${diff.length} differences between the maps: diff shows them`] : [];
  return [`${verdict}: satp ← ${after} (was ${before})`, text, ...rows, ...changes].join('\n');
}

function lintText(session: Session, notes: boolean): string {
  const { profile, mode, findings } = pagewalkLint(session, {});
  if (mode === 'Bare') return 'satp is Bare: there is no map to judge.';
  const shown = findings.filter(({ severity }) => notes || severity !== 'note');
  const lines = shown.map(({ severity, rule, text, explained, source }) => {
    const at = source ? `\n  ${source.path}:${source.line}` : '';
    return `${severity}: ${rule}: ${text}${at}${explained === undefined ? '' : `\n  by design: ${explained}`}`;
  });
  const hidden = findings.length - shown.length;
  return [profile, ...lines, `${shown.length} findings${hidden ? `, ${hidden} by design (lint notes)` : ''}`].join(
    '\n',
  );
}

function checkText(session: Session, text: string): string {
  if (!text)
    throw new UserError('What should be so? For example: check no W+X, check va 0x80200000 -> pa 0x80200000 RX.');
  const { results } = pagewalkCheck(session, { text, file: 'check' });
  return results.map(({ state, message }) => `${state}${message === undefined ? '' : `: ${message}`}`).join('\n');
}

function rootsText({ session, scope }: View): string {
  const roots = session.watch.roots.list(scope.machine, (pa) => session.symbols.nameOfPhysical(pa));
  if (roots.length === 0) return 'satp has held no root yet.';
  return roots
    .map(({ mode, root, name, asids, harts }) => {
      const held = harts.length > 0 ? `, in force on hart ${harts.join(', ')}` : '';
      return `${mode.name} ${paText(root)} ${name === paText(root) ? '' : `${name} `}ASID ${asids.join(', ')}${held}`;
    })
    .join('\n');
}

function diffText(view: View, argument: string): string {
  const [first, second] = argument.split(/\s+/).filter(Boolean);
  if (!first) throw new UserError('Name a root: diff early_pg_dir, or diff 0x81005000 0x81fca000. roots lists them.');
  const before = rootNamed(view, first);
  const { rows, total } = pagewalkDiff(view.session, { before, ...(second && { after: rootNamed(view, second) }) });
  if (total === 0) return 'Both map the same.';
  const lines = rows.slice(0, MOST).map(({ kind, va, vaEnd, before: was, after: is, region }) => {
    const sign = { added: '+', removed: '-', changed: '~' }[kind];
    return `${sign} ${va}–${vaEnd} ${[was, is].filter(Boolean).join(' → ')} ${region}`.trimEnd();
  });
  return [...lines, ...(total > lines.length ? [`… and ${total - lines.length} more`] : [])].join('\n');
}

/** A root by its symbol, or by its address with the mode that it was seen with. */
function rootNamed({ session, scope }: View, text: string): SpaceArgument {
  const roots = session.watch.roots.list(scope.machine, (pa) => session.symbols.nameOfPhysical(pa));
  const [place = '', modeName] = text.replace(/^pa:/, '').split(':');
  const address = /^(0x[0-9a-f]+|\d+)$/i.test(place) ? BigInt(place) : undefined;
  const known = roots.find(({ name, root }) => name === text || root === address);
  const root = known?.root ?? address;
  if (root === undefined) throw new UserError(`No root is called "${text}". roots lists those that satp has held.`);
  const mode = modeNamed(modeName ?? '')?.name ?? known?.mode.name;
  return { root: hex64(root), ...(mode && { mode }) };
}

function reverseText(view: View, argument: string): string {
  if (!argument) throw new UserError('A physical address is missing: reverse pa:0x80200000.');
  const { bits } = evaluateAddress(argument, view.scope);
  const { places } = pagewalkReverse(view.session, { pa: hex64(bits) });
  if (places.length === 0) return `No root that satp has held maps pa:0x${bits.toString(16)}.`;
  return places
    .map(({ va, rootName, root, mode, permissions, user, region, symbol }) => {
      const name = [region, symbol && `<${symbol}>`].filter(Boolean).join(' ');
      return `${va} in ${mode} ${rootName || root}: ${permissions}${user ? ' user' : ''} ${name}`.trimEnd();
    })
    .join('\n');
}

function pmpText({ session, scope }: View): string {
  const { entries } = pagewalkPmp(session, { hart: scope.hart.id });
  const set = entries.filter(({ matching }) => matching !== 'OFF');
  if (entries.length === 0) return 'The machine has no PMP: everything is allowed.';
  const lines = set.map(({ index, matching, start, end, permissions, locked, text }) => {
    const range = start === undefined ? 'empty' : `${start}–${end}`;
    return `${String(index).padStart(2)} ${matching.padEnd(5)} ${range} ${permissions}${locked ? ' locked' : ''} ${text}`;
  });
  return [...lines, `${set.length} of ${entries.length} entries are set`].join('\n');
}

function physmapText(session: Session): string {
  const { regions } = pagewalkPhysmap(session);
  return regions
    .map(({ name, kind, base, end, size, text }) => {
      const indent = kind === 'ram' || kind === 'device' ? '' : '  ';
      return `${base}–${end} ${sizeText(BigInt(size)).padStart(9)}  ${indent}${name}${text && ` (${text})`}`;
    })
    .join('\n');
}
