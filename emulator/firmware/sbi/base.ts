// BASE: what this SBI is and has ("Base Extension").

import { index, type SbiExtension, success } from './call.ts';

/** SBI 3.0, the edition that has FWFT. */
const specificationVersion = 3n << 24n;
/** `PWLK` in ASCII; the specification's list of implementations has no such number. */
const implementationId = 0x5057_4c4bn;
const implementationVersion = 1n;

const csr = { mvendorid: 0xf11, marchid: 0xf12, mimpid: 0xf13 } as const;

/** BASE, which must know all extensions (itself too) to answer probes. */
export function baseExtension(isThere: (extension: number) => boolean): SbiExtension {
  return {
    name: 'BASE',
    id: 0x10,
    functions: [
      () => success(specificationVersion),
      () => success(implementationId),
      () => success(implementationVersion),
      ({ args }) => success(isThere(index(BigInt.asUintN(32, args[0]))) ? 1n : 0n),
      ({ machine, hart }) => success(machine.csr(hart, csr.mvendorid)),
      ({ machine, hart }) => success(machine.csr(hart, csr.marchid)),
      ({ machine, hart }) => success(machine.csr(hart, csr.mimpid)),
    ],
  };
}
