// The door of the room: what kernels do with memory, over an Inspection and symbols alone.

export * from './describe-satp.ts';
export * from './diff.ts';
export * from './explain.ts';
export { applyChanges } from './fault/apply.ts';
export { attemptOf, faultingAccess, privilegeAt, regimeAt } from './fault/attempt.ts';
export { type Repair, type RepairHints, repairOf } from './fault/repair.ts';
export type { Attempt, Change } from './fault/trial.ts';
export { type InForce, inForce } from './in-force.ts';
export * from './layouts/index.ts';
export { leafRuns, type VirtRange } from './leaves.ts';
export * from './map.ts';
export type { MappingChange } from './mappings/compare.ts';
export type { FindingBase, MappingFinding, MappingsWanted, WatchedFrames, WatchedRange } from './mappings/finding.ts';
export { changeText, type Mapping, rangeText, rightsText } from './mappings/mapping.ts';
export { MappingWatch } from './mappings/mapping-watch.ts';
export * from './place.ts';
export * from './ptdump.ts';
export * from './read-virtual.ts';
export { malformationText, reasonText } from './reason-text.ts';
export * from './roots.ts';
export { type MapRun, mergeRuns, type Share } from './run.ts';
export * from './slide.ts';
export { type AddressSpace, currentSpace, rootId, spaceOf } from './space.ts';
export * from './symbols.ts';
export * from './tables.ts';
export * from './traps/exception-table.ts';
export * from './traps/expected-traps.ts';
