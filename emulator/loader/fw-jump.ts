// OpenSBI's `fw_jump`: firmware that is told nothing. It starts the program at a fixed place and copies the device tree
// to another one (OpenSBI, platform/generic/objects.mk, FW_JUMP_OFFSET and FW_JUMP_FDT_OFFSET).

import { hex, type PhysAddr, phys } from '../address.ts';
import { ramBase } from '../devices/memory-map.ts';
import { UserError } from '../user-error.ts';
import type { ByteSource } from './byte-source.ts';
import type { Placement } from './place.ts';

const treeOffset = 0x2200000n;
const startOffset = { 32: 0x400000n, 64: 0x200000n } as const;
/** What OpenSBI adds to the tree: reservations, and what it changes in the nodes. */
const treeGrowth = 0x10000n;

/** `lui` of the upper half of fw_dynamic_info's magic: fw_dynamic checks it, fw_jump has no use for it. */
const magicUpper = 0x49425000;
const lui = 0x37;

/** Whether the file is OpenSBI, but not its fw_dynamic. */
export function isFwJump(firmware: ByteSource): boolean {
  const bytes = firmware.read(0, firmware.size);
  const banner = [...'OpenSBI v'].map((letter) => letter.charCodeAt(0));
  const isOpenSbi = bytes.some((_, at) => banner.every((byte, i) => bytes[at + i] === byte));
  if (!isOpenSbi) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + 4 <= bytes.length; at += 2) {
    const word = view.getUint32(at, true);
    if ((word & 0x7f) === lui && word >>> 12 === magicUpper >>> 12) return false;
  }
  return true;
}

/** Where fw_jump's copy of a device tree of `treeSize` bytes ends; a UserError where the program is not where fw_jump needs it. */
export function fitFwJump(
  firmware: ByteSource,
  program: ByteSource,
  kernel: Placement,
  xlen: 32 | 64,
  treeSize: bigint,
): PhysAddr {
  const [start, tree] = [ramBase + startOffset[xlen], ramBase + treeOffset];
  const advice = 'give fw_dynamic of the same OpenSBI instead';
  if (kernel.entry !== start) {
    throw new UserError(
      `${firmware.name} is a fw_jump: it starts programs at ${hex(start)}, but ${program.name} starts at ${hex(kernel.entry)}: ${advice}`,
    );
  }
  if (kernel.end > tree) {
    throw new UserError(
      `${firmware.name} is a fw_jump: it puts the device tree at ${hex(tree)}, inside of ${program.name}, which ends at ${hex(kernel.end)}: ${advice}`,
    );
  }
  return phys(tree + treeSize + treeGrowth);
}
