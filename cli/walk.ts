// pagewalk walk: how one address translates at a point of the run, or why it does not.

import { hex, hex64, paText, phys, type VirtAddr } from '../emulator/address.ts';
import type { HartView, Privilege } from '../emulator/inspection.ts';
import { regimeOf, regimeUnder, walkMemoryOf } from '../emulator/mmu/regime.ts';
import { type Regime, walk as translate } from '../emulator/mmu/walk.ts';
import { UserError } from '../emulator/user-error.ts';
import {
  type Explanation,
  explain,
  type Place,
  parsePlace,
  type RepairWords,
  spaceOf,
  wouldPass,
} from '../kernel/index.ts';
import { formatOf, guestAt, lookOptions } from './at-point.ts';
import type { Guest } from './guest.ts';
import type { Verb } from './help.ts';
import { dumpLines } from './map.ts';
import { namesOf } from './names.ts';
import { type Given, oneOf } from './options.ts';

type Virtual = Extract<Place, { space: 'virtual' }>;

export const walk: Verb = {
  name: 'walk',
  operands: ['KERNEL', 'ADDRESS'],
  summary: 'Explains how an address translates at a point of the run, level by level.',
  notes:
    'ADDRESS: 0x… (virtual, in the address space that is in force), va:0x…@0xROOT[:mode] (in another one), pa:0x…\n(physical: says what is there), or a symbol.\nExit code: 0 when it translates, 1 when it faults.',
  options: {
    ...lookOptions,
    access: { value: 'KIND', text: 'load (default), store or fetch' },
    privilege: { value: 'LEVEL', text: 'u, s or m (default: where the hart is)' },
  },

  async run([kernel = '', address = ''], given) {
    const format = formatOf(given);
    const access = oneOf('access', (given.access as string | undefined) ?? 'load', ['fetch', 'load', 'store'] as const);
    const { guest, hart } = await guestAt(kernel, given);
    const place = placeOf(address, guest);
    if (place.space === 'physical') {
      process.stdout.write(`${describePhysical(place.address, guest)}\n`);
      return 0;
    }
    const regime = regimeFor(place, guest, hart, given, access);
    if (format === 'ptdump') return printDump(place.address, regime, guest, hart);
    const { layout } = guest.layout(hart);
    const names = {
      regionOf: (va: VirtAddr, pa: Parameters<typeof layout.regionAt>[1], user: boolean | undefined) =>
        layout.regionAt(va, pa, user),
      symbolOf: (va: VirtAddr) => guest.symbols.nameOf(va),
    };
    const { machine } = guest;
    const walked = translate(walkMemoryOf(machine), regime, place.address, access);
    const told = explain(walked, names);
    const attempt = { machine, hart, regime, va: place.address, access, size: 1 };
    const repairs = walked.ok ? [] : wouldPass(attempt, namesOf(guest, hart));
    process.stdout.write(`${format === 'json' ? JSON.stringify(jsonOf(told, repairs)) : tableOf(told, repairs)}\n`);
    return told.ok ? 0 : 1;
  },
};

/** An address in the grammar, or a symbol, with `+offset`. */
function placeOf(text: string, { symbols }: Guest): Place {
  const [, name = '', offset = '0'] = /^([A-Za-z_.$][\w.$]*)(?:\+(0x[0-9a-f]+|\d+))?$/i.exec(text) ?? [];
  const value = name && symbols.named(name)[0];
  if (value) return { space: 'virtual', address: (value + BigInt(offset)) as VirtAddr };
  if (name) throw new UserError(`no symbol is called ${name}: write an address such as 0x80200000, or give --symbols`);
  return parsePlace(text);
}

const privileges = { u: 0, s: 1, m: 3 } as const;

function regimeFor(
  place: Virtual,
  { machine }: Guest,
  hart: HartView,
  given: Given,
  access: 'fetch' | 'load' | 'store',
): Regime {
  const inForce = regimeOf(machine, hart, access);
  const level = given.privilege as string | undefined;
  const privilege: Privilege =
    level === undefined
      ? inForce.privilege
      : privileges[oneOf('privilege', level.toLowerCase(), ['u', 's', 'm'] as const)];
  if (place.root === undefined) {
    const satp = regimeOf(machine, { ...viewOf(hart), privilege: privilege === 3 ? 3 : 1 }, 'fetch');
    return { ...satp, privilege };
  }
  const mode = place.mode ?? inForce.mode;
  if (!mode)
    throw new UserError(
      `paging is off: say how the tables are read, as in va:${hex(place.address)}@${hex(place.root)}:sv39`,
    );
  return regimeUnder(machine, hart, mode, place.root, privilege === 3 ? 1 : privilege);
}

/** A hart's view as a plain object, so that one fact may be replaced. */
function viewOf(hart: HartView): HartView {
  const { id, pc, privilege, state, instret } = hart;
  return { id, pc, privilege, state, instret, x: (n) => hart.x(n), f: (n) => hart.f(n), csr: (n) => hart.csr(n) };
}

function describePhysical(pa: bigint, { machine, symbols }: Guest): string {
  const region = machine.regions.find(({ base, size }) => pa >= base && pa < base + size);
  const symbol = symbols.nameOfPhysical(phys(pa));
  return `${paText(phys(pa))} is ${region?.name ?? 'nothing: no memory and no device answers'}${symbol ? `, ${symbol}` : ''}`;
}

/** The lines of the dump that hold the address. */
function printDump(va: VirtAddr, regime: Regime, guest: Guest, hart: HartView): number {
  if (!regime.mode) throw new UserError('paging is off at this point: there are no page tables to dump');
  const space = spaceOf(guest.machine, hart, regime.mode, regime.root);
  let found = 1;
  for (const line of dumpLines(guest, hart, space)) {
    const [, from, to] = /^(0x[0-9a-f]+)-(0x[0-9a-f]+)/.exec(line) ?? [];
    if (!from || !to || va < BigInt(from) || va > BigInt.asUintN(64, BigInt(to) - 1n)) continue;
    process.stdout.write(`${line}\n`);
    found = 0;
  }
  return found;
}

function tableOf(told: Explanation, repairs: readonly RepairWords[]): string {
  const lines = [told.regime];
  for (const { level, index, pteAddress, pte, text } of told.steps) {
    const value = pte === undefined ? '' : ` = ${hex64(pte)}`;
    lines.push(`  level ${level} [${index}] at ${paText(pteAddress)}${value}  ${text}`);
  }
  lines.push(told.text);
  const names = [told.region, told.symbol].filter((name) => name !== '').join(', ');
  if (names) lines.push(names);
  for (const { text, warnings } of repairs)
    lines.push(`would pass if: ${text}`, ...warnings.map((warning) => `  but ${warning}`));
  return lines.join('\n');
}

function jsonOf(told: Explanation, repairs: readonly RepairWords[]) {
  const steps = told.steps.map(({ level, index, pteAddress, pte, text }) => ({
    level,
    index,
    pteAddress: hex64(pteAddress),
    ...(pte !== undefined && { pte: hex64(pte) }),
    text,
  }));
  const { va, access, regime, ok, region, symbol, text } = told;
  const result = told.ok
    ? {
        pa: hex64(told.pa),
        pageSize: Number(told.pageSize),
        permissions: told.permissions,
        memoryType: told.memoryType,
      }
    : { reason: told.reason, cause: told.cause, repairs };
  return { va: hex64(va), access, regime, steps, ok, ...result, region, symbol, text };
}
