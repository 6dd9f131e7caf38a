// A relocatable kernel applies its own relocations while it boots. Linux's build strips them out of the finished
// vmlinux (the raw Image keeps them), so that such a vmlinux cannot run: better to say so than to let it crash.

import { UserError } from '../user-error.ts';
import { type Elf, SegmentType } from './elf.ts';

/** d_tag (System V ABI, "Dynamic Section"). */
const rela = 7n;
const relaSize = 8n;

/** Throws a UserError when the dynamic section names relocations and zeroes are in their place. */
export function refuseStrippedRelocations(elf: Elf): void {
  const dynamic = elf.segments.find((segment) => segment.type === SegmentType.dynamic);
  if (!dynamic || !elf.relocatable || elf.xlen !== 64) return;
  const bytes = elf.source.read(dynamic.offset, Math.min(dynamic.fileSize, 4096));
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let [start, size] = [0n, 0n];
  for (let at = 0; at + 16 <= bytes.length; at += 16) {
    const tag = words.getBigUint64(at, true);
    if (tag === rela) start = words.getBigUint64(at + 8, true);
    if (tag === relaSize) size = words.getBigUint64(at + 8, true);
  }
  if (size === 0n) return;
  const holder = elf.segments.find(
    ({ type, va, fileSize }) => type === SegmentType.load && start >= va && start < va + BigInt(fileSize),
  );
  if (!holder) return;
  const sample = elf.source.read(holder.offset + Number(start - holder.va), Number(size < 4096n ? size : 4096n));
  if (sample.some((byte) => byte !== 0)) return;
  throw new UserError(
    `${elf.source.name} is a relocatable kernel whose relocations were stripped by its build, so it cannot boot: ` +
      'give the raw Image of the same build as program, and this file as symbols',
  );
}
