// Symbols: names, sections and source lines of an ELF, lazily read from any byte source.
//
//   const file = new SymbolFile(source, { inflate });  reads the headers; a UserError when it is no RISC-V executable
//   file.place(plan.kernel.start);                     says where it was loaded
//   file.symbolAt(va), file.symbolAtPhysical(pa), file.symbolsNamed('start_kernel'), file.complete('start_', 20)
//   file.lineAt(va), file.addressesOf('init/main.c', 906), file.functionEntry(symbol), file.sourceFiles()
//   file.problems                                      what could not be read: damaged debug information never throws
//
// All addresses are link addresses; physicalOf and linkAddressOf convert to and from where the program was loaded.

export type { Inflate } from './dwarf/sections.ts';
export type { LineAddress, SourceLine } from './line-table.ts';
export { isAbsolute, joinPath } from './paths.ts';
export { type Section, type Segment, SymbolFile, type SymbolFileOptions } from './symbol-file.ts';
export type { ElfSymbol, SymbolOffset } from './symbol-index.ts';
