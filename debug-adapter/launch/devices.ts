// What is plugged into the machine, as launch.json and the command line write it.

/** A file that is a disk: its changes stay in memory (`cow`), are refused (`ro`) or go to the file (`rw`). */
export interface DiskFile {
  readonly file: string;
  readonly mode: (typeof diskModes)[number];
}

export const diskModes = ['cow', 'ro', 'rw'] as const;
export const networks = ['none', 'loopback'] as const;

/** What `disks` and `--disk` want to be given. */
export const diskText = 'a file name, with ",cow" (the default), ",ro" or ",rw" behind it';
export const dateText = 'a date in UTC such as 2026-01-01T00:00:00Z';

/** `FILE` or `FILE,MODE`; undefined when it is neither. */
export function parseDisk(text: unknown): DiskFile | undefined {
  if (typeof text !== 'string') return undefined;
  const [, file, given] = /^(.+?)(?:,([a-z]{1,4}))?$/.exec(text) ?? [];
  const mode = diskModes.find((known) => known === (given ?? 'cow'));
  return file && mode ? { file, mode } : undefined;
}

/** Milliseconds since 1970 of `2026-01-01` or `2026-01-01T00:00:00Z`; undefined when it is none. */
export function parseDate(text: unknown): number | undefined {
  if (typeof text !== 'string' || !/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z)?$/.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) || time < 0 ? undefined : time;
}
