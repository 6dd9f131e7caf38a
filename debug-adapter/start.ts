// Starts the program beside this file, `NAME-program.cjs` of `NAME.cjs` or `.mjs`, with what V8 made of it the last time: otherwise
// a third of the time until the first stop goes into compiling JavaScript.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import { keep, keptCode } from './kept-code.ts';

const file = fileURLToPath(import.meta.url).replace(/\.[cm]js$/, '-program.cjs');
// Verbs of the command-line tool have each their own, as each uses other parts of the program.
const verb = /^[a-z]+$/.exec(process.argv[2] ?? '') ?? [];
const role = [path.basename(file, '.cjs'), ...verb].join('-');

const kept = keptCode(role);
// Bundles are ASCII.
const script = new Script(readFileSync(file, 'latin1'), { filename: file, ...(kept && { cachedData: kept }) });
if (script.cachedDataRejected !== false) keep(role, script);
script.runInThisContext()(createRequire(import.meta.url), import.meta.url);
