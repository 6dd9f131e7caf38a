// The machine in this process.

import type { MachineControl } from '../../emulator/control.ts';
import { createMachine, type DiskImage } from '../../emulator/index.ts';
import { type BootPlan, planBoot, unpacked } from '../../emulator/loader/index.ts';
import { UserError } from '../../emulator/user-error.ts';
import type { Host } from '../host.ts';
import type { Launch } from '../launch/configuration.ts';
import type { Target } from './target.ts';

/**
 * Loads what the configuration names into a new machine. Paths are seen from the working folder. While it runs, `warn`
 * is told in a line what the user should know of its devices.
 */
export function loadInProcess(host: Host, launch: Launch, warn: (line: string) => void): Target {
  const open = (path: string) => host.open(host.resolve('', path));
  const inFile = !['auto', 'builtin', 'none'].includes(launch.firmware);
  if (inFile && !host.exists(host.resolve('', launch.firmware))) {
    throw new UserError(`firmware: ${launch.firmware} is neither "builtin" nor "none" nor a file.`);
  }
  const { memory, harts } = launch;
  const program = unpacked(open(launch.program), host.inflate);
  const plan: BootPlan = planBoot(
    {
      program,
      ...(launch.initrd && { initrd: open(launch.initrd) }),
      ...(launch.dtb && { dtb: open(launch.dtb) }),
      ...(inFile && { firmware: open(launch.firmware) }),
    },
    {
      memory,
      harts,
      ...(launch.isa !== undefined && { isa: launch.isa }),
      ...(launch.mmu !== undefined && { mmu: launch.mmu }),
      ...(launch.append !== undefined && { append: launch.append }),
      firmware: inFile ? 'file' : (launch.firmware as 'auto' | 'builtin' | 'none'),
    },
  );
  const { isa, mmu, kernel } = plan;
  const disks = launch.disks.map(({ file, mode }): DiskImage => {
    const path = host.resolve('', file);
    return mode === 'rw' ? { mode, source: host.openWritable(path) } : { mode, source: host.open(path) };
  });
  const { net, seed, rtc, quantum, misaligned, pmp } = launch;
  const plugged = { disks, net, seed: BigInt(seed), ...(rtc !== undefined && { epoch: rtc }), warn };
  const compiler = host.regionCompiler();
  const core = {
    misaligned,
    pmpEntries: pmp,
    ...(quantum !== undefined && { quantum }),
    ...(compiler && { compiler }),
    interpreter: (name: string) => host.interpreter(name),
  };
  const machine: MachineControl = createMachine({ memory, harts, isa, mmu, ...core, ...plugged }, plan);
  return { machine, program, kernel };
}
