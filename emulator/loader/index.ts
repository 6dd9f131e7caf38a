// The door of the loader: files in, plans and ELF tables out.

export { type BootFiles, type BootOptions, type BootPlan, defaultIsa, planBoot } from './boot-plan.ts';
export { buildIdOf, isBuiltFrom } from './build-id.ts';
export { type ByteSource, bytesSource, partOf } from './byte-source.ts';
export {
  type Elf,
  type ElfSection,
  type ElfSegment,
  isElf,
  openElf,
  SectionFlag,
  SectionType,
  SegmentType,
  sectionBytes,
} from './elf.ts';
export { ElfSymbols, readSymbols, SectionIndex, SymbolBinding, SymbolType } from './elf-symbols.ts';
export { type ImageHeader, readImageHeader } from './image.ts';
export { type Inflate, unpacked } from './packed.ts';
export { type LoadedSegment, loadSegments } from './place.ts';
export { stringAt, textOf } from './text.ts';
