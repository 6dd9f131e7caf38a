// The sample kernel as the debugged program.

import { readFileSync } from 'node:fs';
import path from 'node:path';

const folder = path.resolve('samples/first-light');

export const sample = {
  folder,
  program: path.join(folder, 'first-light.elf'),
  source: (name: string) => path.join(folder, name),
};

/** The first line of a source file of the sample that contains `text`, from 1. */
export function lineOf(file: string, text: string): number {
  const lines = readFileSync(sample.source(file), 'utf8').split('\n');
  const index = lines.findIndex((line) => line.includes(text));
  if (index < 0) throw new Error(`${file} has no line with ${text}`);
  return index + 1;
}
