// The long comparison of debug information with binutils and gdb, and of damaged files: docs/symbols.md records it.
// usage: node scripts/symbols.mjs [--only rows,frames,lines,scopes,types,fuzz] [--fuzz 100000] [--seed N] [--guest FOLDER]
import { runLong } from './long.mjs';

await runLong(import.meta.url, 'test/symbols/long.ts');
