// The requests about memory: bytes and instructions.

export { disassemble } from './disassemble.ts';
export { readMemory, writeMemory } from './read-write.ts';
export { announceMemory } from './shown.ts';
