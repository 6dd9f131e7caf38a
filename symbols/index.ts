// Symbols: names, sections and source lines of an ELF, lazily read from any byte source.
//
//   const file = new SymbolFile(source, { inflate });  reads the headers; a UserError when it is no RISC-V executable
//   file.place(plan.kernel.start);                     says where it was loaded
//   file.symbolAt(va), file.symbolAtPhysical(pa), file.symbolsNamed('start_kernel'), file.complete('start_', 20)
//   file.lineAt(va), file.addressesOf('init/main.c', 906), file.functionEntry(symbol), file.sourceFiles()
//   file.debug.scopesAt(va), file.debug.variablesNamed('init_task'), file.debug.typesNamed('struct page')
//   file.debug.copiesOf('memcpy'), file.debug.unwind(frame)
//   file.problems                                      what could not be read: damaged debug information never throws
//
// All addresses are link addresses; physicalOf and linkAddressOf convert to and from where the program was loaded.

export { type DebugInfo, noDebugInfo } from './debug-info.ts';
export type { Inflate } from './dwarf/sections.ts';
export type { Frame, Located, Piece, Unwound } from './frame.ts';
export type { LineAddress, LineColumn, SourceLine } from './line-table.ts';
export { isAbsolute, joinPath } from './paths.ts';
export type {
  Block,
  CodeRange,
  CompilationUnit,
  FunctionCopy,
  FunctionScope,
  SourceFunction,
  Variable,
} from './program.ts';
export type { OpenCompanion } from './reader/split-units.ts';
export { type Section, type Segment, SymbolFile, type SymbolFileOptions } from './symbol-file.ts';
export type { ElfSymbol, SymbolOffset } from './symbol-index.ts';
export { strip, typeDefinition, typeText } from './type-text.ts';
export type {
  ArrayType,
  BaseType,
  DeclaredAt,
  Encoding,
  Enumerator,
  EnumType,
  FunctionType,
  Language,
  Member,
  Parameter,
  PointerType,
  QualifiedType,
  Qualifier,
  StructType,
  Type,
  TypedefType,
  Variant,
  VariantPart,
  VoidType,
} from './types.ts';
