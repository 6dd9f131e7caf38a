// The bug zoo as tests see it: samples/bug-zoo's launch configurations, and the sentences that the fixtures' READMEs promise.

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { LaunchConfiguration } from '../../debug-adapter/protocol/launch.ts';
import { type Body, DapClient } from '../adapter/dap-client.ts';

const folder = path.resolve('samples/bug-zoo');

export interface Fixture {
  /** `Z1`. */
  readonly id: string;
  readonly folder: string;
  readonly bug: LaunchConfiguration;
  readonly repaired: LaunchConfiguration;
  /** What the README says that the first stops say: its block quotes, in order. */
  readonly sentences: readonly string[];
}

/** Every fixture, in the order of launch.json. */
export function fixtures(): Fixture[] {
  const launch = JSON.parse(readFileSync(path.join(folder, '.vscode/launch.json'), 'utf8'));
  const configurations: LaunchConfiguration[] = launch.configurations.map((one: LaunchConfiguration) => ({
    ...one,
    program: one.program.replace(/^[^}]*}/, folder),
  }));
  return configurations
    .filter(({ program }) => program.endsWith('bug.elf'))
    .map((bug) => {
      const home = path.dirname(bug.program);
      const repaired = configurations.find(({ program }) => program === path.join(home, 'repaired.elf'));
      if (!repaired) throw new Error(`${home} has no repaired twin in launch.json`);
      const quotes = readFileSync(path.join(home, 'README.md'), 'utf8').match(/^> .*$/gm) ?? [];
      const sentences = quotes.map((quote) => quote.slice(2));
      return { id: path.basename(home).split('-')[0] as string, folder: home, bug, repaired, sentences };
    });
}

/** Puts other sentences into a fixture's README, in place of those that are there. */
export function rewriteSentences({ folder: home, sentences }: Fixture, said: readonly string[]): void {
  const file = path.join(home, 'README.md');
  let text = readFileSync(file, 'utf8');
  for (const [index, sentence] of said.entries()) {
    const before = sentences[index];
    text = before === undefined ? `${text}\n> ${sentence}\n` : text.replace(`> ${before}\n`, () => `> ${sentence}\n`);
  }
  writeFileSync(file, text);
}

/** A session of one kernel, up to its first stop or its end; with the filters that are on by default. */
export async function begin(
  configuration: LaunchConfiguration,
  configure: (client: DapClient) => Promise<unknown> = async () => {},
  client = new DapClient(),
): Promise<DapClient> {
  await client.launch(configuration, () => configure(client));
  await client.settled(0);
  return client;
}

/** The stops of a session so far. */
export const stops = (client: DapClient): Body[] => client.events('stopped');

/** The next stop after those so far; undefined = the machine's end. */
export async function next(client: DapClient, command = 'continue', more: object = {}): Promise<Body | undefined> {
  const before = stops(client).length;
  await client.request(command, { threadId: 1, ...more });
  await client.settled(before);
  return stops(client)[before];
}

/** For `begin`: a function breakpoint. */
export const breakAt = (name: string) => (client: DapClient) =>
  client.request('setFunctionBreakpoints', { breakpoints: [{ name }] });
