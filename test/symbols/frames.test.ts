import assert from 'node:assert/strict';
import { test } from 'node:test';
import { virt } from '../../emulator/address.ts';
import { type Frame, SymbolFile } from '../../symbols/index.ts';
import { fileSource } from '../support/file-source.ts';
import { guestFile } from '../support/guests.ts';
import { build, hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { ourFrames, readelfFrames } from './decoded-frames.ts';
import { withLines } from './programs.ts';

const kinds: readonly (readonly string[])[] = [
  ['-gdwarf-4', '-O2'],
  ['-gdwarf-5', '-O0', '-gdwarf64'],
  ['-g0', '-O2', '-fasynchronous-unwind-tables'],
  ['-gdwarf-5', '-O1', '-march=rv32imac', '-mabi=ilp32'],
];

for (const kind of kinds) {
  test(`the frame rules of ${kind.join(' ')} are those that readelf interprets, row by row`, (t) => {
    if (!hasGcc) return t.skip(needsGcc);
    const { elf } = withLines(kind);
    const ours = ourFrames(elf);
    assert.ok(ours.size >= 2);
    assert.deepEqual(ours, readelfFrames(elf));
  });
}

test('every frame rule of a kernel is the one that readelf interprets', (t) => {
  const vmlinux = guestFile('linux-5.10-rv64/vmlinux');
  if (!vmlinux) return t.skip('needs the guest linux-5.10-rv64: set PAGEWALK_GUESTS');
  if (!hasGcc) return t.skip(needsGcc);
  const [ours, theirs] = [ourFrames(vmlinux), readelfFrames(vmlinux)];
  assert.ok(theirs.size > 12_000);
  for (const [code, rows] of theirs) assert.deepEqual(ours.get(code), rows, code);
});

/** A leaf, a function with each kind of rule, and an outermost one. */
const source = `
  .globl _start
_start:
  .cfi_sections .debug_frame
  .cfi_startproc
  .cfi_undefined ra
  nop
  .cfi_endproc
  .globl rules
rules:
  .cfi_startproc
  nop
  .cfi_def_cfa_offset 64
  .cfi_offset ra, -8
  .cfi_val_offset s1, 16
  .cfi_register s2, t0
  .cfi_same_value s3
  .cfi_undefined s4
  .cfi_escape 0x10, 21, 2, 0x23, 24        # s5 saved at CFA + 24
  .cfi_escape 0x16, 22, 3, 0x11, 0x70, 0x22 # s6 is CFA - 16
  .cfi_remember_state
  nop
  .cfi_restore ra
  .cfi_def_cfa s0, 0
  nop
  .cfi_restore_state
  nop
  .cfi_endproc
  .globl trap
trap:
  .cfi_startproc
  .cfi_signal_frame
  nop
  .cfi_endproc
`;

test('a frame is unwound by each kind of rule', (t) => {
  if (!hasGcc) return t.skip(needsGcc);
  const elf = build({ 'rules.S': source }, ['-Wl,-Ttext=0x80000000', '-march=rv64imac', '-mabi=lp64']);
  const file = new SymbolFile(fileSource(elf));
  const address = (name: string) => file.symbolsNamed(name)[0]?.value ?? virt(0n);
  const frame = (pc: bigint, called = false): Frame => ({
    pc: virt(pc),
    called,
    // Register n holds 0x1000 + n, the stack pointer 0x8000; each word of memory its own address.
    register: (number) => (number === 2 ? 0x8000n : 0x1000n + BigInt(number)),
    cfa: () => undefined,
    memory: (at, size) => new Uint8Array(new BigUint64Array([at]).buffer).subarray(0, size),
    addressOf: (link) => link,
    caller: () => undefined,
  });
  const rules = address('rules');
  // The instructions are two bytes each; the rules hold behind the first.
  const unwound = file.debug.unwind(frame(rules + 2n));
  assert.ok(unwound);
  const cfa = 0x8000n + 64n;
  assert.equal(unwound.cfa, cfa);
  assert.equal(file.debug.cfaOf(frame(rules + 2n)), cfa);
  assert.deepEqual([unwound.returnAddress, unwound.savedAt(1)], [cfa - 8n, cfa - 8n]);
  assert.equal(unwound.interrupted, false);
  assert.equal(unwound.register(2), cfa, 'the stack pointer is the canonical frame address');
  assert.equal(unwound.register(9), cfa + 16n, 'val_offset');
  assert.equal(unwound.register(18), 0x1005n, 'register');
  assert.equal(unwound.register(19), 0x1013n, 'same_value');
  assert.equal(unwound.register(20), undefined, 'undefined');
  assert.deepEqual([unwound.register(21), unwound.savedAt(21)], [cfa + 24n, cfa + 24n], 'expression');
  assert.deepEqual([unwound.register(22), unwound.savedAt(22)], [cfa - 16n, undefined], 'val_expression');
  assert.equal(file.debug.unwind(frame(rules + 4n))?.cfa, 0x1008n, 'the frame pointer is s0');
  assert.equal(file.debug.unwind(frame(rules + 4n, true))?.cfa, cfa, 'a call belongs to the row before it');
  assert.equal(file.debug.unwind(frame(rules + 6n))?.cfa, cfa, 'the remembered state is back');
  assert.equal(file.debug.unwind(frame(address('_start')))?.returnAddress, undefined, 'the outermost frame');
  assert.equal(file.debug.unwind(frame(address('trap')))?.interrupted, true);
  assert.equal(file.debug.unwind(frame(0x1000n)), undefined, 'code that no rule is for');
  assert.deepEqual(file.problems, []);
});
