// pagewalk lint: what is wrong with a map at a point of the run.

import { readFileSync } from 'node:fs';
import { judgedOf } from '../debug-adapter/program/kernel-program.ts';
import { hex64 } from '../emulator/address.ts';
import { UserError } from '../emulator/user-error.ts';
import { currentSpace, type Finding, findingFields, isUnexplained, lint as judge, sarifOf } from '../kernel/index.ts';
import { guestAt, lookOptions } from './at-point.ts';
import type { Guest } from './guest.ts';
import type { Verb } from './help.ts';
import { oneOf } from './options.ts';
import { lineOf } from './source-line.ts';

const formats = ['text', 'json', 'sarif'] as const;

export const lint: Verb = {
  name: 'lint',
  operands: ['KERNEL'],
  summary: 'Finds what is wrong with a map at a point of the run: W+X, reserved bits, wrong memory types and more.',
  notes:
    'docs/lint.md explains every rule. What a known kernel does by design is told as a note, with the reason.\nJSON: one object a line: rule, severity, text, explained, va, vaEnd, pa, size, count, pteAddress, pte, region, symbol,\nsource. SARIF: one log, version 2.1.0.\nExit code: 1 when there is an error or a warning, 0 when there is none; 2 for a mistake on the command line.',
  options: {
    ...lookOptions,
    format: { value: 'FORMAT', text: 'text (default), json or sarif' },
    notes: { text: 'text: show the notes too' },
  },

  async run([kernel = ''], given) {
    const format = oneOf('format', (given.format as string | undefined) ?? 'text', formats);
    const { guest, hart } = await guestAt(kernel, given);
    const space = currentSpace(guest.machine, hart);
    if (!space) throw new UserError(`hart ${hart.id}'s satp is Bare at this point: there is no map to judge`);
    const { profile, findings } = judge({ ...judgedOf(guest, hart), space });
    if (format === 'sarif') {
      const about = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
      const context = { artifact: kernel, version: about.version, source: (one: Finding) => lineOf(guest, one.symbol) };
      process.stdout.write(`${JSON.stringify(sarifOf(findings, context), undefined, 2)}\n`);
    } else if (format === 'json') {
      for (const finding of findings) process.stdout.write(`${JSON.stringify(jsonOf(finding, guest))}\n`);
    } else {
      process.stdout.write(textOf(findings, profile, given.notes === true, guest));
    }
    return findings.some(isUnexplained) ? 1 : 0;
  },
};

function textOf(findings: readonly Finding[], profile: string, notes: boolean, guest: Guest): string {
  const lines = [profile];
  for (const finding of findings) {
    if (finding.severity === 'note' && !notes) continue;
    lines.push(`${finding.severity}: ${finding.rule}: ${finding.text}`);
    const { pte, symbol, explained } = finding;
    const source = lineOf(guest, symbol);
    const facts = [
      pte && `PTE at pa:0x${pte.address.toString(16)} = ${hex64(pte.raw)}`,
      symbol,
      source && `${source.path}:${source.line}`,
    ].filter(Boolean);
    if (facts.length > 0) lines.push(`  ${facts.join(', ')}`);
    if (explained !== undefined) lines.push(`  by design: ${explained}`);
  }
  const count = (severity: Finding['severity']) => findings.filter((finding) => finding.severity === severity).length;
  lines.push(`${count('error')} errors, ${count('warning')} warnings, ${count('note')} notes`);
  return `${lines.join('\n')}\n`;
}

function jsonOf(finding: Finding, guest: Guest) {
  const { size, count, symbol } = finding;
  const source = lineOf(guest, symbol);
  return { ...findingFields(finding), size: Number(size), count, ...(source && { source }) };
}
