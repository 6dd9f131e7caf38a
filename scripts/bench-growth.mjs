// How the cost of a guest grows with its harts, RAM and code; see bench/growth.ts.
// usage: node scripts/bench-growth.mjs [--rounds N]
import path from 'node:path';
import { buildProgram, programs } from '../bench/programs.mjs';
import { runBench } from '../bench/run.mjs';
import { tellUsage } from './usage.mjs';

tellUsage(import.meta.url);
const largeCode = programs.find(({ name }) => name === 'large-code');
const files = [250, 1000, 4000].map((functions) =>
  buildProgram({ ...largeCode, functions }, path.join('.cache', 'bench', `${functions}-functions`), 2000),
);
await runBench('growth', [...process.argv.slice(2), ...files]);
