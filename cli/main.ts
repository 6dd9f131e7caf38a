// `pagewalk`: what the debugger can do, in a terminal and in CI.

import { readFileSync } from 'node:fs';
import { UserError } from '../emulator/user-error.ts';
import { check } from './check.ts';
import { dap } from './dap.ts';
import { explain } from './explain.ts';
import { overview, type Verb, verbHelp } from './help.ts';
import { lint } from './lint.ts';
import { map } from './map.ts';
import { parse } from './options.ts';
import { preflight } from './preflight.ts';
import { run } from './run.ts';
import { satp } from './satp.ts';
import { trace } from './trace.ts';
import { walk } from './walk.ts';

const verbs: readonly Verb[] = [run, satp, map, walk, explain, preflight, lint, check, trace, dap];

/** Returns the exit code. */
async function main(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(overview(verbs));
    return name === undefined ? 2 : 0;
  }
  if (name === '--version') {
    // The bundle is in dist/, beside which is the package's own description.
    const about = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    process.stdout.write(`pagewalk ${about.version}\n`);
    return 0;
  }
  const verb = verbs.find((candidate) => candidate.name === name);
  if (!verb)
    throw new UserError(`there is no verb "${name}"; the verbs are ${verbs.map((known) => known.name).join(', ')}`);
  const { given, operands } = parse(rest, verb.options, verb.operands);
  if (given.help === true) {
    process.stdout.write(verbHelp(verb));
    return 0;
  }
  return verb.run(operands, given);
}

// A reader that goes away (| head) ends the output, not the manners.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 2));

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    const said =
      error instanceof UserError
        ? error.message
        : `this is a mistake in Pagewalk itself, please report it: ${(error as Error).stack}`;
    process.stderr.write(`pagewalk: ${said}\n`);
    process.exitCode = 2;
  },
);
