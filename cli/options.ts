// The options of all verbs, as one table: parsed, checked and printed by --help from here.

import { parseArgs } from 'node:util';
import { type Launch, misalignments, parseSize, pmpCounts } from '../debug-adapter/launch/configuration.ts';
import { dateText, diskText, networks, parseDate, parseDisk } from '../debug-adapter/launch/devices.ts';
import { nearest } from '../debug-adapter/launch/nearest.ts';
import { parseSymbolEntry, type SymbolEntry, symbolEntryText } from '../debug-adapter/launch/symbol-entries.ts';
import { paces } from '../debug-adapter/run-control/pacing.ts';
import { UserError } from '../emulator/user-error.ts';

export interface Option {
  /** What stands behind the option in the help; absent = a switch. */
  readonly value?: string;
  readonly text: string;
  /** It may be given several times. */
  readonly many?: boolean;
}

/** What machine is built and what runs on it. */
export const machineOptions = {
  initrd: { value: 'FILE', text: 'initial RAM disk' },
  append: { value: 'TEXT', text: "the kernel's command line" },
  memory: { value: 'SIZE', text: 'RAM, such as 256M or 4G (default 256M)' },
  harts: { value: 'N', text: 'harts, 1 to 8 (default 1)' },
  isa: {
    value: 'ISA',
    text: 'ISA string, such as rv64gc_zicntr_sstc (default rv64max or rv32max: every extension but Svade and Zkr, by the program)',
  },
  mmu: { value: 'MODE', text: 'widest paging mode: sv39, sv48, sv57, sv32 or bare (default sv57; RV32: sv32)' },
  quantum: { value: 'N', text: "instructions before the next hart's turn (default 10000)" },
  misaligned: { value: 'HOW', text: 'misaligned loads and stores: supported or trap (default supported)' },
  pmp: { value: 'N', text: 'PMP entries: 0, 16 or 64 (default 16)' },
  firmware: { value: 'WHAT', text: 'builtin (SBI), none (ELF entry in M-mode) or a file (default: by the program)' },
  dtb: { value: 'FILE', text: 'device tree to use instead of the built one' },
  disk: { value: 'FILE', text: 'virtio disk; FILE,ro or FILE,rw: else changes stay in memory (several)', many: true },
  net: { value: 'WHAT', text: 'virtio network card: loopback (10.0.2.2 answers pings and UDP) or none (default none)' },
  seed: { value: 'N', text: "beginning of the virtio entropy device's numbers (default 0)" },
  rtc: { value: 'DATE', text: 'what the clock shows at reset (default 2026-01-01T00:00:00Z)' },
  symbols: {
    value: 'FILE',
    text: 'ELF with symbols, or an entry of symbols in launch.json, {"path": …} (several; default: KERNEL itself, or the vmlinux beside an Image by its build id)',
    many: true,
  },
} as const satisfies Record<string, Option>;

/** When it ends. */
export const endOptions = {
  until: { value: 'TEXT', text: 'stop when TEXT appears on the console' },
  limit: { value: 'N', text: 'stop after N instructions of all harts together' },
} as const satisfies Record<string, Option>;

/** How time passes while every hart waits. */
export const pace = {
  value: 'PACE',
  text: 'idle time: fast (jumped over until the console waits for input) or real-time (default fast)',
} as const satisfies Option;

export const help = { text: 'show this text' } as const satisfies Option;

export type Given = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** Takes a command line apart by the table. */
export function parse(argv: readonly string[], options: Readonly<Record<string, Option>>, operands: readonly string[]) {
  const known = Object.entries(options).map(
    ([name, { value, many }]) => [name, { type: value ? 'string' : 'boolean', multiple: many ?? false }] as const,
  );
  const table = Object.fromEntries(known) as Record<string, Known>;
  const parsed = parseOrExplain(argv, table);
  const given = parsed.values as Given;
  if (given.help === true) return { given, operands: parsed.positionals };
  const missing = operands[parsed.positionals.length];
  if (missing && !missing.startsWith('[')) throw new UserError(`${missing} is missing; --help shows how to write it`);
  const extra = parsed.positionals[operands.length];
  if (extra !== undefined) throw new UserError(`"${extra}" is one word too many; --help shows what is understood`);
  return { given, operands: parsed.positionals };
}

interface Known {
  readonly type: 'string' | 'boolean';
  readonly multiple: boolean;
}

function parseOrExplain(argv: readonly string[], options: Record<string, Known>) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (error) {
    const [, unknown] = /Unknown option '--?([^' ]+)'/.exec((error as Error).message) ?? [];
    if (!unknown) throw new UserError((error as Error).message.split('. ')[0] as string);
    const close = nearest(unknown, Object.keys(options));
    throw new UserError(
      `there is no option --${unknown}${close ? `; did you mean --${close}?` : '; --help lists them'}`,
    );
  }
}

const sizeText = 'a size such as 256M, 4G or a number of bytes';
const modes = ['bare', 'sv32', 'sv39', 'sv48', 'sv57'] as const;

/** The machine's options, checked, as the launch configuration that they stand for. */
export function launchOf(program: string, given: Given): Launch {
  const text = (name: keyof typeof machineOptions) => given[name] as string | undefined;
  const [initrd, append, dtb] = [text('initrd'), text('append'), text('dtb')];
  const symbols = [given.symbols ?? []].flat().map((entry) => symbolEntry(String(entry)));
  const [isa, mmu, rtc, quantum] = [text('isa'), text('mmu'), text('rtc'), text('quantum')];
  return {
    program,
    ...(initrd !== undefined && { initrd }),
    ...(append !== undefined && { append }),
    ...(dtb !== undefined && { dtb }),
    memory: parsed('memory', text('memory') ?? '256M', parseSize, sizeText),
    harts: wholeNumber('harts', text('harts') ?? '1', 1, 8),
    ...(isa !== undefined && { isa }),
    ...(mmu !== undefined && { mmu: oneOf('mmu', mmu.toLowerCase(), modes) }),
    pace: oneOf('pace', ((given.pace ?? 'fast') as string).toLowerCase(), paces),
    ...(quantum !== undefined && { quantum: wholeNumber('quantum', quantum, 1, Number.MAX_SAFE_INTEGER) }),
    misaligned: oneOf('misaligned', text('misaligned') ?? 'supported', misalignments),
    pmp: Number(oneOf('pmp', text('pmp') ?? '16', pmpCounts.map(String))) as Launch['pmp'],
    firmware: text('firmware') ?? 'auto',
    disks: ((given.disk ?? []) as readonly string[]).map((disk) => parsed('disk', disk, parseDisk, diskText)),
    net: oneOf('net', (text('net') ?? 'none').toLowerCase(), networks),
    seed: wholeNumber('seed', text('seed') ?? '0', 0, Number.MAX_SAFE_INTEGER),
    ...(rtc !== undefined && { rtc: parsed('rtc', rtc, parseDate, dateText) }),
    symbols: symbols.length === 0 ? undefined : symbols,
    sourceMap: {},
    stopOnEntry: false,
    stopOnSatp: false,
    noDebug: true,
    terminal: false,
  };
}

/** A file, or an entry of launch.json as it stands there. */
function symbolEntry(given: string): SymbolEntry {
  if (!given.startsWith('{')) return { path: given };
  const read = (text: string) => {
    try {
      return parseSymbolEntry(JSON.parse(text));
    } catch {
      return undefined;
    }
  };
  return parsed('symbols', given, read, symbolEntryText);
}

/** `--limit`; without it Infinity. */
export function limitOf(given: Given): number {
  const text = given.limit as string | undefined;
  return text === undefined ? Number.POSITIVE_INFINITY : wholeNumber('limit', text, 1, Number.MAX_SAFE_INTEGER);
}

export function oneOf<T extends string>(name: string, given: string, known: readonly T[]): T {
  const found = known.find((value) => value === given);
  if (found === undefined) throw new UserError(`--${name} ${given}: it must be one of ${known.join(', ')}`);
  return found;
}

export function wholeNumber(name: string, given: string, low: number, high: number): number {
  const value = /^\d[\d_]*(e\d+)?$/.test(given) ? Number(given.replaceAll('_', '')) : Number.NaN;
  if (Number.isSafeInteger(value) && value >= low && value <= high) return value;
  const range = high === Number.MAX_SAFE_INTEGER ? `from ${low}` : `from ${low} to ${high}`;
  throw new UserError(`--${name} ${given}: it must be a whole number ${range}`);
}

/** A value that is written as `wanted` says. */
function parsed<T>(name: string, given: string, parse: (text: string) => T | undefined, wanted: string): T {
  const value = parse(given);
  if (value === undefined) throw new UserError(`--${name} ${given}: it must be ${wanted}`);
  return value;
}
