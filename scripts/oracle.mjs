// The comparisons with QEMU for as long as asked: random instructions, programs, page tables and traps, RV64 and RV32.
// usage: node scripts/oracle.mjs [--minutes 5] [--seed N]
import { runLong } from './long.mjs';

await runLong(import.meta.url, 'test/oracle/long.ts');
