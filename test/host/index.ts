/// <reference types="mocha" />
// The suite's entry inside the editor: mocha with every file below. Its lines are marked, since the whole editor logs to
// the same place, and the last one counts.

import Mocha from 'mocha';

/** Part of the names of the tests to run; set by the runner. */
declare const GREP: string;

/** Its lines are written below instead. */
class Silent extends Mocha.reporters.Base {}

export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'tdd', timeout: 60_000, reporter: Silent, ...(GREP && { grep: GREP }) });
  // `ui: 'tdd'` puts suite and test on the global object before a file is loaded.
  mocha.suite.emit('pre-require', globalThis as never, '', mocha);
  await import('./activation.ts');
  await import('./debugging.ts');
  await import('./linux.ts');
  const say = (text: string) => console.log(text.replace(/^/gm, '▸ '));
  await new Promise<void>((resolve, reject) => {
    const runner = mocha.run((failures) => {
      const { passes = 0, pending = 0 } = runner.stats ?? {};
      say(`RESULT ${passes} ${failures} ${pending}`);
      if (failures) reject(new Error(`${failures} failed`));
      else resolve();
    });
    runner.on('pass', (test) => say(`ok   ${test.fullTitle()} (${test.duration} ms)`));
    runner.on('pending', (test) => say(`skip ${test.fullTitle()}`));
    runner.on('fail', (test, error) => say(`FAIL ${test.fullTitle()}\n${error.stack ?? error}`));
  });
}
