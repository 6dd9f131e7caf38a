// Our variables against those of gdb attached to QEMU, at random stops of the guests' boots.
// usage: node scripts/locals.mjs [--stops 100] [--seed N] [--guest FOLDER]
import { runLong } from './long.mjs';

await runLong(import.meta.url, 'test/oracle/locals-long.ts');
