// A reporter for node:test: a line a file, the failures in full, the skips with their reasons, and the counts in one line.
import path from 'node:path';
import { inspect } from 'node:util';

/** Seconds from which on a test is named as slow. */
const SLOW = 10;

/** The error that a test threw, without the runner's own wrapping. */
function causeOf(error) {
  let cause = error;
  while (cause?.code === 'ERR_TEST_FAILURE' && cause.cause) cause = cause.cause;
  return typeof cause === 'string' ? cause : inspect(cause, { depth: 4 });
}

const indent = (text) =>
  text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');

/** A test's file as it is called in the repository; bundles lie in dist/unit/PID/. */
const sourceOf = (file = '') =>
  path
    .relative('', file)
    .replace(/^dist[\\/]unit[\\/]\d+/, 'test')
    .replace(/\.mjs$/, '.ts');

export default async function* report(source) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const files = new Map();
  /** Names of the suites that enclose what is reported next; tests are started in order within a file. */
  const names = new Map();
  for await (const { type, data } of source) {
    if (type === 'test:stderr' || type === 'test:stdout') {
      yield data.message;
      continue;
    }
    const key = data.file ?? '';
    const path_ = names.get(key) ?? [];
    if (type === 'test:start') {
      path_.length = data.nesting;
      path_[data.nesting] = data.name;
      names.set(key, path_);
    }
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const suite = data.details.type === 'suite';
    const name = [...path_.slice(0, data.nesting), data.name].join(' › ');
    const where =
      path.isAbsolute(data.name) || data.name.endsWith('.mjs') ? sourceOf(data.name) : `${sourceOf(key)}: ${name}`;
    const file = files.get(key) ?? { tests: 0, failed: 0, time: 0 };
    files.set(key, file);
    if (data.nesting === 0) file.time += data.details.duration_ms;
    if (data.skip !== undefined) {
      counts.skipped += 1;
      yield `skipped: ${where}${typeof data.skip === 'string' ? ` (${data.skip})` : ''}\n`;
    } else if (type === 'test:fail') {
      // A suite that only fails because a test in it did says nothing new.
      if (suite && data.details.error?.failureType === 'subtestsFailed') continue;
      counts.failed += 1;
      file.failed += 1;
      yield `FAILED: ${where}\n${indent(causeOf(data.details.error))}\n`;
    } else if (!suite) {
      counts.passed += 1;
      file.tests += 1;
      const seconds = data.details.duration_ms / 1000;
      if (seconds > SLOW) yield `slow: ${where} (${seconds.toFixed(0)} s)\n`;
    }
  }
  for (const [file, { tests, failed, time }] of [...files].sort()) {
    const state = failed ? `${failed} failed, ` : '';
    yield `${sourceOf(file)}: ${state}${tests} passed, ${(time / 1000).toFixed(1)} s\n`;
  }
  yield `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`;
}
