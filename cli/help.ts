// What --help prints, from the verbs' own tables.

import type { Given, Option } from './options.ts';

/** A verb of the command line. */
export interface Verb {
  readonly name: string;
  /** Words behind the verb: `KERNEL`. */
  readonly operands: readonly string[];
  /** One line for the list of verbs. */
  readonly summary: string;
  /** What else there is to know; printed under the options. */
  readonly notes: string;
  readonly options: Readonly<Record<string, Option>>;
  /** Returns the exit code. */
  run(operands: readonly string[], given: Given): Promise<number>;
}

export function overview(verbs: readonly Verb[]): string {
  const lines = ['usage: pagewalk VERB …', '', 'Runs RISC-V kernels and shows what they do with memory.', ''];
  for (const { name, operands, summary } of verbs)
    lines.push(`  ${[name, ...operands].join(' ').padEnd(22)} ${summary}`);
  lines.push('', 'pagewalk VERB --help shows the options of a verb; pagewalk --version the version.', '');
  return lines.join('\n');
}

export function verbHelp({ name, operands, summary, notes, options }: Verb): string {
  const lines = [`usage: pagewalk ${[name, ...operands].join(' ')} [options]`, '', summary, ''];
  for (const [option, { value, text }] of Object.entries(options)) {
    lines.push(`  ${`--${option}${value ? ` ${value}` : ''}`.padEnd(18)} ${text}`);
  }
  lines.push('', notes, '');
  return lines.join('\n');
}
