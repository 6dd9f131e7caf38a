// Random address spaces, PMP layouts and accesses, on both machines.

import {
  accessProgram,
  type Command,
  type Configuration,
  kinds,
  pmpEntries,
  resultNames,
  resultOf,
} from './access-harness.ts';
import { type Model, runOurs, runTheirs, xlenOf } from './machines.ts';
import type { Random } from './random.ts';
import { settledAccesses } from './settled.ts';
import {
  addressIn,
  data,
  dataPiece,
  hotPages,
  leadsIntoHole,
  modesOf,
  type Space,
  spaceOf,
  tablesEach,
  touched,
} from './spaces.ts';

const spacesAProgram = 64;
export const accessesASpace = 280;
export const accessesAProgram = spacesAProgram * accessesASpace;

const FS = 3n << 13n;
const MPRV = 1n << 17n;
const SUM = 1n << 18n;
const MXR = 1n << 19n;
const ADUE = 1n << 61n;
const PBMTE = 1n << 62n;

/** One entry: NAPOT over everything, R W X. */
const open = { address: (1n << 54n) - 1n, cfg: 0x1f };
const openOf = (xlen: 32 | 64) => (xlen === 64 ? open.address : 0xffff_ffffn);

interface Style {
  /** PMP entries that are not the open one. */
  readonly pmp: boolean;
  /** Some of them locked. */
  readonly locks: boolean;
  /** AMOs and accesses across pages, of which QEMU may leave A and D behind where they fault (docs/oracle.md). */
  readonly halves: boolean;
}

function configurationOf(space: Space, xlen: 32 | 64, style: Style, random: Random): Configuration {
  const satp = random.once(30) ? 0n : space.satp;
  const menvcfg = (random.once(2) ? ADUE : 0n) | (random.once(2) ? PBMTE : 0n);
  const pmpaddr = Array.from({ length: pmpEntries }, () => pmpAddress(space, random));
  const pmpcfg = Array.from({ length: pmpEntries }, (_, index) => pmpByte(index, style, random));
  // Without any active entry QEMU's mret goes astray (docs/oracle.md, mret-without-pmp).
  if (pmpcfg.every((byte) => byte === 0) || random.below(12) !== 0) {
    pmpaddr[pmpEntries - 1] = openOf(xlen);
    pmpcfg[pmpEntries - 1] = open.cfg;
  }
  return { satp, menvcfg, pmpaddr, pmpcfg };
}

/** The beginning of something in the hot pages or in the tables; the low bits tell a NAPOT size. */
function pmpAddress({ root }: Space, random: Random): bigint {
  const at = random.once(4) ? root + random.below(tablesEach * 4096) : data.address + random.below(hotPages * 4096);
  const size = random.below(14);
  return (BigInt(at >>> 2) & ~((1n << BigInt(size)) - 1n)) | (((1n << BigInt(size)) >> 1n) - (size ? 1n : 0n));
}

/**
 * R and W together or not at all: QEMU asks no PMP before it sets A and D (docs/oracle.md, ad-update-pmp). The first entry
 * is never locked as a TOR range, which would begin at 0.
 */
function pmpByte(index: number, { pmp, locks }: Style, random: Random): number {
  if (!pmp || random.once(2)) return 0;
  const matching = 1 + random.below(3);
  const locked = locks && random.once(12) && !(index === 0 && matching === 1) ? 0x80 : 0;
  return locked | (matching << 3) | random.of([0, 3, 3, 4, 7, 7]);
}

const privileges = [0n, 0n, 1n, 1n, 1n, 3n];

function mstatusOf(random: Random): bigint {
  const mprv = random.once(12) ? 0n : MPRV;
  return FS | (random.of(privileges) << 11n) | mprv | (random.once(2) ? SUM : 0n) | (random.once(2) ? MXR : 0n);
}

/** Halfwords that are c.ebreak or c.nop, for they may be jumped to. */
function storedValue(random: Random): bigint {
  let value = 0n;
  for (let half = 0; half < 4; half += 1) value = (value << 16n) | (random.once(2) ? 0x9002n : 1n);
  return value;
}

function commandsOf(space: Space, xlen: 32 | 64, style: Style, random: Random): Command[] {
  const usable = kinds.flatMap(({ name, rv64 }, index) =>
    (rv64 && xlen === 32) || (name.startsWith('amo') && !style.halves) ? [] : [index],
  );
  const commands: Command[] = [configurationOf(space, xlen, style, random)];
  while (commands.length <= accessesASpace) {
    const kind = random.once(4) ? 0 : random.of(usable);
    const { size, access } = kinds[kind] as (typeof kinds)[number];
    const atEnd = random.once(8);
    const at = atEnd ? 4096 - random.below(size + 2) : random.below(4096 / size) * size + (random.once(12) ? 1 : 0);
    // Of a store across pages QEMU may do the first half before the second faults.
    const last = style.halves && access !== 'store' ? 4095 : 4096 - size;
    const offset = kind === 0 ? at & 0xffe : Math.min(at, last);
    const va = addressIn(space.mode, offset, random);
    commands.push({ kind, va, mstatus: mstatusOf(random), value: storedValue(random) });
  }
  return commands;
}

export interface TranslationProgram {
  readonly program: ReturnType<typeof accessProgram>;
  readonly commands: readonly Command[];
  readonly style: Style;
  readonly spaces: readonly Space[];
}

export function translationProgram(model: Model, random: Random): TranslationProgram {
  const xlen = xlenOf(model);
  const style = { pmp: random.once(2), locks: random.once(3), halves: random.once(2) };
  const spaces = Array.from({ length: spacesAProgram }, (_, slot) => spaceOf(random.of(modesOf(xlen)), slot, random));
  const commands = spaces.flatMap((space) => commandsOf(space, xlen, style, random));
  const pieces = [dataPiece(), ...spaces.map(({ piece }) => piece)];
  return { program: accessProgram(xlen, commands, pieces, touched(spacesAProgram)), commands, style, spaces };
}

const hex = (value: bigint) => `0x${value.toString(16)}`;

/** The configuration in force for a command, and the command. */
export function tell(commands: readonly Command[], index: number): string {
  const shown = (command: Command | undefined) =>
    JSON.stringify(command, (_, value) => (typeof value === 'bigint' ? hex(value) : value));
  const configuration = commands
    .slice(0, index + 1)
    .reverse()
    .find((command) => 'satp' in command);
  const command = commands[index];
  const name = command && 'kind' in command ? kinds[command.kind]?.name : 'configuration';
  return `access ${index}: ${name} ${shown(command)}\nunder ${shown(configuration)}`;
}

/** Runs one program; what the machines do not agree in, or undefined. */
export async function compareTranslations(model: Model, random: Random): Promise<string | undefined> {
  const { program, commands, style, spaces } = translationProgram(model, random);
  let satp = 0n;
  const theirs = runTheirs(model, program);
  const mine = runOurs(model, program);
  const other = await theirs;
  for (const [index, command] of commands.entries()) {
    const [a, b] = [resultOf(mine[0] as Uint8Array, index), resultOf(other[0] as Uint8Array, index)];
    if ('satp' in command) satp = command.satp;
    const intoHole = (va: bigint) => leadsIntoHole(spaces, satp, va, xlenOf(model));
    if (settledAccesses.some((entry) => entry.applies(command, a, b, intoHole, xlenOf(model)))) continue;
    const lines = resultNames.flatMap((name, quad) =>
      a[quad] === b[quad] ? [] : [`  ${name}: ours ${hex(a[quad] ?? 0n)}, QEMU's ${hex(b[quad] ?? 0n)}`],
    );
    if (lines.length) return `${tell(commands, index)}\n${lines.join('\n')}`;
  }
  for (const [part, { address }] of program.compared.entries()) {
    if (part === 0) continue;
    const at = firstDifference(mine[part] as Uint8Array, other[part] as Uint8Array, style.halves ? A | D : 0);
    if (at !== undefined) return `memory differs at ${hex(BigInt(address + at))}`;
  }
  return undefined;
}

const [A, D] = [0x40, 0x80];

/** The first byte that differs in other bits than `spare`. */
function firstDifference(ours: Uint8Array, theirs: Uint8Array, spare: number): number | undefined {
  if (Buffer.compare(ours, theirs) === 0) return undefined;
  const at = ours.findIndex(
    (byte, index) => byte !== theirs[index] && (byte | spare) !== ((theirs[index] ?? 0) | spare),
  );
  return at < 0 ? undefined : at;
}
