// Writes large-code.c: two thousand different functions that call each other at random, so that the code that runs is
// some hundred kilobytes and no translator or cache holds all of it for long. Always the same text.

const STATEMENTS = 12;

const statements = [
  (r) => `  a += b << ${r(15) + 1};`,
  (r) => `  b ^= a >> ${r(31) + 1};`,
  (r) => `  a *= ${2 * r(500) + 3};`,
  (r) => `  if (a & ${1 << r(12)}) b += ${r(2000)}; else a -= b;`,
  (r) => `  table[(a >> ${r(20)}) & 1023] += b;`,
  (r) => `  b += table[(b >> ${r(20)}) & 1023];`,
  (r) =>
    `  switch (b & 3) { case 0: a += ${r(99)}; break; case 1: a ^= ${r(9999)}; break; case 2: b = ~b; break; default: a -= ${r(99)}; }`,
];

export function largeCode(functions) {
  let state = 12345;
  const random = (below) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
  const lines = ['#include "bench.h"', '', 'static uint64_t table[1024];', ''];
  for (let index = 0; index < functions; index++) {
    lines.push(`__attribute__((noinline, noipa)) static uint64_t f${index}(uint64_t a, uint64_t b) {`);
    for (let count = 0; count < STATEMENTS; count++) lines.push(statements[random(statements.length)](random));
    // Calls go to lower numbers only, so that they end.
    if (index > 100 && random(2)) lines.push(`  if (a & ${1 << random(8)}) a += f${random(index >> 2)}(b, a);`);
    lines.push('  return a ^ b;', '}');
  }
  const names = Array.from({ length: functions }, (_, index) => `f${index}`);
  lines.push(`static uint64_t (*const functions[${functions}])(uint64_t, uint64_t) = {${names.join(', ')}};`, '');
  lines.push('uint64_t work(uint64_t loops) {', '  uint64_t state = 99, sum = 1;');
  lines.push('  for (uint64_t loop = 0; loop < loops; loop++) {');
  lines.push(`    for (int i = 0; i < 1000; i++) sum = functions[next_random(&state) % ${functions}](sum, state);`);
  lines.push('  }', '  return sum;', '}', '');
  return lines.join('\n');
}
