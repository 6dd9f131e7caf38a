// How `pagewalk check` is called for a launch configuration.

import type { LaunchConfiguration } from '../../debug-adapter/protocol/launch.ts';

/** Fields of launch.json that are options of the command line, by the same words. */
const same = [
  'initrd',
  'append',
  'memory',
  'harts',
  'isa',
  'mmu',
  'quantum',
  'misaligned',
  'pmp',
  'firmware',
  'dtb',
  'net',
  'seed',
  'rtc',
] as const;
/** The modes in which an expectation of every mode is tried where the configuration names none. */
const modes = 'sv39,sv48,sv57';

/** Arguments behind `pagewalk`; `text` is the content of the check file. `${…}` are replaced by `variables`. */
export function checkArguments(
  file: string,
  text: string,
  configuration: object,
  variables: Readonly<Record<string, string>>,
): string[] {
  const given = substituted(configuration, variables) as Partial<LaunchConfiguration>;
  const options = same.flatMap((name) => (given[name] === undefined ? [] : [`--${name}`, String(given[name])]));
  const disks = [given.disks ?? []].flat();
  const symbols = [given.symbols ?? []].flat();
  if (given.mmu === undefined && /\bin every mode\b/.test(text)) options.push('--mmu', modes);
  return [
    ...['check', file, given.program ?? ''],
    ...options,
    ...disks.flatMap((disk) => ['--disk', disk]),
    ...symbols.flatMap((entry) => ['--symbols', typeof entry === 'string' ? entry : JSON.stringify(entry)]),
    ...['--format', 'json'],
  ];
}

function substituted(value: unknown, variables: Readonly<Record<string, string>>): unknown {
  if (typeof value === 'string') return value.replace(/\$\{(\w+)\}/g, (whole, name) => variables[name] ?? whole);
  if (Array.isArray(value)) return value.map((one) => substituted(one, variables));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, substituted(one, variables)]));
}
