// launch.json's fields, checked one by one: a wrong type or value is one error that names the field, an unknown field a
// warning with the nearest known name.

import { UserError } from '../../emulator/user-error.ts';
import type { LaunchConfiguration } from '../protocol/launch.ts';
import { type Pace, paces } from '../run-control/pacing.ts';
import { type DiskFile, dateText, diskText, networks, parseDate, parseDisk } from './devices.ts';
import { nearest } from './nearest.ts';
import { parseSymbolEntry, type SymbolEntry, symbolEntryText } from './symbol-entries.ts';

/** A checked configuration with its defaults filled in. */
export interface Launch {
  readonly program: string;
  readonly initrd?: string;
  readonly append?: string;
  /** In bytes. */
  readonly memory: bigint;
  readonly harts: number;
  /** Absent: by the program. */
  readonly isa?: string;
  readonly mmu?: NonNullable<LaunchConfiguration['mmu']>;
  readonly pace: Pace;
  /** Absent: as the machine has it. */
  readonly quantum?: number;
  readonly misaligned: 'supported' | 'trap';
  readonly pmp: (typeof pmpCounts)[number];
  /** `auto`, `builtin`, `none` or a file. */
  readonly firmware: string;
  readonly dtb?: string;
  readonly disks: readonly DiskFile[];
  readonly net: (typeof networks)[number];
  readonly seed: number;
  /** What the clock shows at reset, in milliseconds since 1970. Absent: as the machine has it. */
  readonly rtc?: number;
  /** undefined = look for them. */
  readonly symbols: readonly SymbolEntry[] | undefined;
  readonly sourceMap: Readonly<Record<string, string>>;
  readonly stopOnEntry: boolean;
  readonly stopOnSatp: boolean;
  /** Run without stopping anywhere. */
  readonly noDebug: boolean;
  /** The client shows the guest's console itself, by the event `pagewalk/console`. */
  readonly terminal: boolean;
}

/** PMP entries that a machine can have. */
export const pmpCounts = [0, 16, 64] as const;
export const misalignments = ['supported', 'trap'] as const;
const modes = ['bare', 'sv32', 'sv39', 'sv48', 'sv57'] as const;
const fields: readonly (keyof LaunchConfiguration)[] = [
  'program',
  'initrd',
  'append',
  'memory',
  'harts',
  'isa',
  'mmu',
  'pace',
  'quantum',
  'misaligned',
  'pmp',
  'firmware',
  'dtb',
  'disks',
  'net',
  'seed',
  'rtc',
  'symbols',
  'sourceMap',
  'stopOnEntry',
  'stopOnSatp',
];
/** What editors put into every launch request. */
const editorFields = [
  'type',
  'name',
  'request',
  'noDebug',
  'preLaunchTask',
  'postDebugTask',
  'internalConsoleOptions',
  'debugServer',
  'presentation',
  'serverReadyAction',
  'suppressMultipleSessionWarning',
  'linux',
  'osx',
  'windows',
];

/** Checks `given`; `warn` gets one line for each unknown field. */
export function checkLaunch(given: Readonly<Record<string, unknown>>, warn: (line: string) => void): Launch {
  for (const name of Object.keys(given)) {
    if ((fields as readonly string[]).includes(name) || editorFields.includes(name) || name.startsWith('__')) continue;
    const close = nearest(name, fields);
    warn(
      `launch.json: "${name}" is not a field of pagewalk${close ? `; did you mean "${close}"?` : ' and is ignored.'}`,
    );
  }
  const program = text(given, 'program');
  if (!program) throw new UserError('launch.json: "program" is missing: name the kernel to debug, an ELF or an Image.');
  const initrd = text(given, 'initrd');
  const append = text(given, 'append');
  const dtb = text(given, 'dtb');
  const isa = text(given, 'isa');
  return {
    program,
    ...(initrd && { initrd }),
    ...(append && { append }),
    ...(dtb && { dtb }),
    memory: memory(given.memory ?? '256M'),
    harts: harts(given.harts ?? 1),
    ...(isa && { isa }),
    ...(given.mmu !== undefined && { mmu: oneOf('mmu', given.mmu, modes) }),
    pace: oneOf('pace', given.pace ?? 'fast', paces),
    ...(given.quantum !== undefined && { quantum: whole('quantum', given.quantum, 1) }),
    misaligned: oneOf('misaligned', given.misaligned ?? 'supported', misalignments),
    pmp: pmp(given.pmp ?? 16),
    firmware: text(given, 'firmware') || 'auto',
    disks: disks(given.disks ?? []),
    net: oneOf('net', given.net ?? 'none', networks),
    seed: whole('seed', given.seed ?? 0, 0),
    ...(given.rtc !== undefined && { rtc: date('rtc', given.rtc) }),
    symbols: symbols(given.symbols),
    sourceMap: sourceMap(given.sourceMap ?? {}),
    stopOnEntry: flag(given, 'stopOnEntry', true),
    stopOnSatp: flag(given, 'stopOnSatp', true),
    noDebug: given.noDebug === true,
    terminal: given.__terminal === true,
  };
}

/** Bytes of a size such as `256M`, `4G`, `65536K` or a plain number; undefined when it is none. */
export function parseSize(size: unknown): bigint | undefined {
  if (typeof size === 'number') return Number.isSafeInteger(size) && size > 0 ? BigInt(size) : undefined;
  if (typeof size !== 'string') return undefined;
  const [, digits, unit] = /^(\d+)\s*([KMGT]?)(?:i?B)?$/i.exec(size.trim()) ?? [];
  if (!digits || BigInt(digits) === 0n) return undefined;
  return BigInt(digits) << BigInt(10 * ' KMGT'.indexOf(unit?.toUpperCase() || ' '));
}

function memory(given: unknown): bigint {
  const bytes = parseSize(given);
  if (bytes === undefined) throw wrong('memory', given, 'a size such as "256M", "4G" or a number of bytes');
  return bytes;
}

function harts(given: unknown): number {
  if (typeof given !== 'number' || !Number.isInteger(given) || given < 1 || given > 8) {
    throw wrong('harts', given, 'a whole number from 1 to 8');
  }
  return given;
}

function oneOf<T extends string>(field: string, given: unknown, known: readonly T[]): T {
  const found = known.find((value) => typeof given === 'string' && value === given.toLowerCase());
  if (!found) throw wrong(field, given, `one of ${known.map((value) => `"${value}"`).join(', ')}`);
  return found;
}

function disks(given: unknown): readonly DiskFile[] {
  return (Array.isArray(given) ? given : [given]).map((entry) => {
    const disk = parseDisk(entry);
    if (!disk) throw wrong('disks', given, `${diskText}, or a list of them`);
    return disk;
  });
}

function whole(field: string, given: unknown, least: number): number {
  if (typeof given === 'number' && Number.isSafeInteger(given) && given >= least) return given;
  throw wrong(field, given, `a whole number from ${least}`);
}

function pmp(given: unknown): Launch['pmp'] {
  const found = pmpCounts.find((count) => count === given);
  if (found === undefined) throw wrong('pmp', given, '0, 16 or 64');
  return found;
}

function date(field: string, given: unknown): number {
  const time = parseDate(given);
  if (time === undefined) throw wrong(field, given, dateText);
  return time;
}

function symbols(given: unknown): readonly SymbolEntry[] | undefined {
  if (given === undefined) return undefined;
  return [given].flat().map((each) => {
    const entry = parseSymbolEntry(each);
    if (!entry) throw wrong('symbols', each, symbolEntryText);
    return entry;
  });
}

function sourceMap(given: unknown): Readonly<Record<string, string>> {
  const ok =
    typeof given === 'object' &&
    given !== null &&
    !Array.isArray(given) &&
    Object.values(given).every((to) => typeof to === 'string');
  if (!ok) throw wrong('sourceMap', given, 'an object from compile-time path prefixes to paths here');
  return given as Readonly<Record<string, string>>;
}

function text(given: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = given[name];
  if (value === undefined || typeof value === 'string') return value;
  throw wrong(name, value, 'a text');
}

function flag(given: Readonly<Record<string, unknown>>, name: string, preset: boolean): boolean {
  const value = given[name] ?? preset;
  if (typeof value === 'boolean') return value;
  throw wrong(name, value, 'true or false');
}

function wrong(field: string, given: unknown, wanted: string): UserError {
  return new UserError(`launch.json: "${field}" is ${JSON.stringify(given)}; it must be ${wanted}.`);
}
