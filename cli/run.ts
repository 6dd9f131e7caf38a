// pagewalk run: a guest with its console on standard input and output.

import { drive } from './drive.ts';
import { exitCodeOf, exitCodes } from './ending.ts';
import { loadGuest } from './guest.ts';
import type { Verb } from './help.ts';
import { Keyboard } from './keyboard.ts';
import { endOptions, help, launchOf, limitOf, machineOptions, pace } from './options.ts';
import { Output } from './output.ts';
import { awaitPoint } from './point.ts';

export const run: Verb = {
  name: 'run',
  operands: ['KERNEL'],
  summary: 'Runs a kernel with its console on standard input and output.',
  notes: `On a terminal, Ctrl-A X leaves. When standard input ends, the guest runs on.\n${exitCodes}`,
  options: { ...machineOptions, ...endOptions, pace, help },

  async run([kernel = ''], given) {
    const limit = limitOf(given);
    const launch = launchOf(kernel, given);
    const guest = loadGuest(launch);
    const until = given.until as string | undefined;
    const awaited = until === undefined ? undefined : awaitPoint({ kind: 'console', text: until }, guest);
    const output = new Output(guest.machine);
    const keyboard = new Keyboard(guest.machine);
    try {
      return exitCodeOf(await drive(guest, { limit, awaited, keyboard, output, pace: launch.pace }));
    } finally {
      keyboard.close();
    }
  },
};
