import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bytesSource } from '../../emulator/loader/index.ts';
import { SymbolFile } from '../../symbols/index.ts';
import { rustName } from '../../symbols/rust-names.ts';
import { randomFrom } from '../support/page-tables.ts';

/** What rustc 1.95 made of a small crate `a`, with the paths that its source has. */
const v0: readonly (readonly [string, string])[] = [
  ['_RINvCs4Q2Qx8jI5j6_1a4eachNCNCNvB2_u9gre_6ka8is_00EB2_', 'a::each::<a::größe::{closure#1}::{closure#0}>'],
  ['_RINvCs4Q2Qx8jI5j6_1a4eachNCNvB2_u9gre_6ka8i0EB2_', 'a::each::<a::größe::{closure#0}>'],
  ['_RINvCs4Q2Qx8jI5j6_1a4eachNCNvB2_u9gre_6ka8is_0EB2_', 'a::each::<a::größe::{closure#1}>'],
  ['_RINvCs4Q2Qx8jI5j6_1a4kindAhj10_EB2_', 'a::kind::<[u8; 16]>'],
  ['_RINvCs4Q2Qx8jI5j6_1a4kindFG_RL0_hERL0_hEB2_', "a::kind::<for<'a> fn(&'a u8) -> &'a u8>"],
  ['_RINvCs4Q2Qx8jI5j6_1a4kindFG_hRL0_eEbEB2_', "a::kind::<for<'a> fn(u8, &'a str) -> bool>"],
  ['_RINvCs4Q2Qx8jI5j6_1a4kindFUKCPlOhEuEB2_', 'a::kind::<unsafe extern "C" fn(*const i32, *mut u8)>'],
  [
    '_RINvCs4Q2Qx8jI5j6_1a4kindINtNtCslNYArtu3iFV_5alloc5boxed3BoxDNtNtNtNtCsgEmfK2I1SDS_4core4iter6traits8iterator8Iteratorp4ItemhNtNtB15_6marker4SendEL_EEB2_',
    'a::kind::<alloc::boxed::Box<dyn core::iter::traits::iterator::Iterator<Item = u8> + core::marker::Send>>',
  ],
  ['_RINvCs4Q2Qx8jI5j6_1a4kindRDNtNtB2_3mem4WalkEL_EB2_', 'a::kind::<&dyn a::mem::Walk>'],
  ['_RINvCs4Q2Qx8jI5j6_1a4kindThEEB2_', 'a::kind::<(u8,)>'],
  ['_RINvCs4Q2Qx8jI5j6_1a4kinduEB2_', 'a::kind::<()>'],
  ['_RNCNCNvCs4Q2Qx8jI5j6_1au9gre_6ka8is_00B5_', 'a::größe::{closure#1}::{closure#0}'],
  ['_RNCNvCs4Q2Qx8jI5j6_1au9gre_6ka8i0B3_', 'a::größe::{closure#0}'],
  ['_RNCNvCs4Q2Qx8jI5j6_1au9gre_6ka8is_0B3_', 'a::größe::{closure#1}'],
  ['_RNvCs4Q2Qx8jI5j6_1a3all', 'a::all'],
  ['_RNvCs4Q2Qx8jI5j6_1a3one', 'a::one'],
  ['_RNvCs4Q2Qx8jI5j6_1au9gre_6ka8i', 'a::größe'],
  ['_RNvMNtCs4Q2Qx8jI5j6_1a3memINtB2_4PagemKj7_E5firstB4_', '<a::mem::Page<u32, 7>>::first'],
  ['_RNvMs1_NtCs4Q2Qx8jI5j6_1a3memINtB5_4FlagKb1_Kc78_Kan5_E3getB7_', "<a::mem::Flag<true, 'x', -5>>::get"],
  [
    '_RNvNtNtCsgEmfK2I1SDS_4core9panicking11panic_const24panic_const_add_overflow',
    'core::panicking::panic_const::panic_const_add_overflow',
  ],
  ['_RNvNvCs4Q2Qx8jI5j6_1a3one4deep', 'a::one::deep'],
  [
    '_RNvXs0_NtCs4Q2Qx8jI5j6_1a3memQAINtNtCsgEmfK2I1SDS_4core6option6OptiontEj3_NtB5_4Walk4walk',
    '<&mut [core::option::Option<u16>; 3] as a::mem::Walk>::walk',
  ],
  [
    '_RNvXs_NtCs4Q2Qx8jI5j6_1a3memINtB4_4PageThxEKj4_ENtB4_4Walk4walk',
    '<a::mem::Page<(u8, i64), 4> as a::mem::Walk>::walk',
  ],
];

/** A part of a legacy name behind its length. */
function legacy(...parts: string[]): string {
  return `_ZN${[...parts, 'h0123456789abcdef'].map((part) => part.length + part).join('')}E`;
}

/** The digits of a number as back references have them, where `_` is 0 and `0_` is 1. */
function base62(value: number): string {
  const digit = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'[value % 62] ?? '';
  return value < 62 ? digit : base62(Math.floor(value / 62)) + digit;
}

describe("Rust's names", () => {
  test('of the v0 mangling are the paths of the source', () => {
    for (const [symbol, path] of v0) assert.equal(rustName(symbol), path, symbol);
  });

  test("follow RFC 2603's grammar where compilers seldom do", () => {
    const cases = [
      ['_RNvC6_123foo3bar', '123foo::bar'],
      ['_RNSC1a3vtb', 'a::{shim:vtb#0}'],
      ['_RNvYhNtC1a5Trait1f', '<u8 as a::Trait>::f'],
      ['_RINvC1a1fKpE', 'a::f::<_>'],
      ['_RINvC1a1fL_E', "a::f::<'_>"],
      ['_RINvC1a1fOxPyE', 'a::f::<*mut i64, *const u64>'],
      ['_RINvC1a1fFG0_RL1_hRL0_tEuE', "a::f::<for<'a, 'b> fn(&'a u8, &'b u16)>"],
      ['_RNvC1a1f.llvm.123', 'a::f'],
    ] as const;
    for (const [symbol, path] of cases) assert.equal(rustName(symbol), path, symbol);
  });

  test('of the legacy mangling lose their hash and their escapes', () => {
    assert.equal(rustName(legacy('core', 'fmt', 'Formatter', 'pad')), 'core::fmt::Formatter::pad');
    const walk = legacy('_$LT$mem..Page$LT$T$GT$$u20$as$u20$a..Walk$GT$', 'walk');
    assert.equal(rustName(walk), '<mem::Page<T> as a::Walk>::walk');
    assert.equal(rustName(legacy('a', '_$u7b$$u7b$closure$u7d$$u7d$')), 'a::{{closure}}');
    assert.equal(rustName(`${legacy('a', 'f')}.llvm.7`), 'a::f');
  });

  test('are not made of what is no name of Rust', () => {
    const others = [
      '_ZN3foo3barEv',
      '_ZN3foo',
      '_R',
      '_RNvC1a',
      '_RB_',
      '_RNvB_1a',
      '_RNvC9a1f',
      '_ZN99999aE',
      'main',
      '_ZN1aE',
    ];
    for (const other of others) assert.equal(rustName(other), undefined, other);
  });

  test('that are hostile end at once', () => {
    // Each tuple holds the one before twice: 2^n types.
    let doubled = 'INvC1a1fTuuE';
    for (let i = 0, last = doubled.indexOf('T'); i < 60; i++) {
      const back = `B${base62(last - 1)}_`;
      last = doubled.length;
      doubled += `T${back}${back}E`;
    }
    doubled = `_R${doubled}E`;
    const started = process.cpuUsage();
    for (const hostile of [
      doubled,
      `_R${'N'.repeat(60_000)}`,
      `_RINvC1a1f${'S'.repeat(60_000)}`,
      `_RINvC1a1fFG${'z'.repeat(9)}_uE`,
    ]) {
      assert.equal(rustName(hostile), undefined);
    }
    // Of so few that the answer is short enough there is one.
    assert.equal(rustName('_RINvC1a1fTuuETB7_B7_EE'), 'a::f::<((), ()), (((), ()), ((), ()))>');
    assert.ok(process.cpuUsage(started).user < 2_000_000);
  });

  test('that are damaged never throw', (t) => {
    const seed = Date.now();
    t.diagnostic(`seed ${seed}`);
    const random = randomFrom(seed);
    const letters = 'ABCDEFIKLMNOPQRSTUXYabcehjnpsu0129_$.';
    for (let round = 0; round < 20_000; round++) {
      const name = [...(v0[random(v0.length)]?.[0] ?? '')];
      for (let i = random(3); i >= 0; i--) name[2 + random(name.length - 2)] = letters[random(letters.length)] ?? '';
      const path = rustName(name.join(''));
      assert.ok(path === undefined || path.length <= 4096);
    }
  });

  test('are shown, completed and found, by the path and as the linker has them', () => {
    const symbols = ['_start', '_RNvCs4Q2Qx8jI5j6_1a3all', legacy('a', 'mem', 'walk'), '_ZN3foo3barEv', '_end'];
    const map = symbols.map((name, i) => `ffffffff8000${i}000 T ${name}\n`).join('');
    const file = new SymbolFile(bytesSource('System.map', new TextEncoder().encode(map)));
    const [all] = file.symbolsNamed('a::all');
    assert.ok(all);
    assert.equal(file.symbolAt(all.value)?.name, 'a::all');
    assert.deepEqual(file.symbolsNamed('_RNvCs4Q2Qx8jI5j6_1a3all'), [all]);
    assert.deepEqual(file.complete('a::', 9), ['a::all', 'a::mem::walk']);
    assert.deepEqual(file.complete('_', 9), ['_ZN3foo3barEv', '_end', '_start']);
    assert.deepEqual(file.complete('_R', 9), ['_RNvCs4Q2Qx8jI5j6_1a3all']);
  });
});
