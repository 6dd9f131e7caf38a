// The only door of the emulator (isa/, csr/ and loader/ have small doors of their own).

export * from './address.ts';
export * from './control.ts';
export type { Batch } from './core/translator/batch.ts';
export { type Compiled, CompilerForOthers, CompilerHere, type RegionCompiler } from './core/translator/compiler.ts';
export type { DiskImage, WritableSource } from './devices/disk.ts';
export * from './events.ts';
export type { Input, InputLog } from './history/input-log.ts';
export * from './inspection.ts';
export { createMachine } from './machine.ts';
export type { MachineOptions } from './machine-options.ts';
export { causeOf } from './mmu/cause.ts';
export * from './mmu/modes.ts';
export * from './mmu/pte.ts';
export * from './mmu/regime.ts';
export * from './mmu/walk.ts';
export { UserError } from './user-error.ts';
export { fusesProducts } from './wasm/fused.ts';
