// Translated against interpreted code on guests that make it hard, for as long as asked (test/emulator/compare.ts).
// usage: node scripts/stress.mjs [--minutes 5] [--seed N]
import { runLong } from './long.mjs';

await runLong(import.meta.url, 'test/emulator/long.ts');
