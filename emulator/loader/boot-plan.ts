// What is put where in RAM before the first instruction, and where harts start: the work of a boot loader, as a plan.

import { hex, type PhysAddr, phys, virt } from '../address.ts';
import { ramBase } from '../devices/memory-map.ts';
import { buildDeviceTree, type Chosen, type Initrd, patchChosen } from '../firmware/device-tree.ts';
import type { PagingHardware } from '../mmu/modes.ts';
import { UserError } from '../user-error.ts';
import { type ByteSource, bytesSource } from './byte-source.ts';
import { type Elf, isElf, openElf } from './elf.ts';
import { symbolValues } from './elf-symbols.ts';
import { fitFwJump, isFwJump } from './fw-jump.ts';
import { readImageHeader } from './image.ts';
import { packingHint } from './packed.ts';
import { type LoadedSegment, loadAddress, type Placement, placeElf, placeRaw, tooLittleMemory } from './place.ts';

export interface BootFiles {
  /** The kernel or bare-metal program: ELF or raw Image. */
  readonly program: ByteSource;
  readonly initrd?: ByteSource;
  /** A device tree blob to use instead of the built one. */
  readonly dtb?: ByteSource;
  /** Firmware (ELF, or raw bytes for the RAM's base) that starts the program in S-mode. */
  readonly firmware?: ByteSource;
}

export interface BootOptions {
  /** Bytes of RAM. */
  readonly memory: bigint;
  readonly harts: number;
  /** Default: RV32 or RV64 by the program, with what defaultIsa says. */
  readonly isa?: string;
  /** Default: sv57, or sv32 on RV32. */
  readonly mmu?: PagingHardware;
  /** Kernel command line. */
  readonly append?: string;
  /** `auto`: `file` when a firmware file is given, `none` for an ELF at the RAM's base, else `builtin`. */
  readonly firmware: 'auto' | 'builtin' | 'none' | 'file';
}

/** Every hart starts with a0 = its id, a1 = `dtb`, a2 = `dynamicInfo` or 0. */
export interface BootPlan {
  readonly xlen: 32 | 64;
  /** The machine that the plan is for: as asked, or by the program. */
  readonly isa: string;
  readonly mmu: PagingHardware;
  readonly firmware: 'builtin' | 'none' | 'file';
  /** The privilege of the first instruction: 1 = S, 3 = M. */
  readonly privilege: 1 | 3;
  readonly entry: PhysAddr;
  readonly segments: readonly LoadedSegment[];
  readonly dtb: PhysAddr;
  /** The program with its .bss: first byte, and first byte behind. */
  readonly kernel: { readonly start: PhysAddr; readonly end: PhysAddr };
  /** PA minus link VA of the program, for symbols before paging; undefined for a raw Image, which was linked elsewhere. */
  readonly slide?: bigint;
  /** HTIF's mailboxes, of a bare-metal ELF that has them. */
  readonly tohost?: PhysAddr;
  readonly fromhost?: PhysAddr;
  /** OpenSBI's fw_dynamic_info, for a firmware file. */
  readonly dynamicInfo?: PhysAddr;
}

type Hardware = Pick<BootPlan, 'xlen' | 'isa' | 'mmu'>;
type Described = BootOptions & Hardware;

const page = 0x1000n;
const megapage = 0x200000n;
/** Most that the initrd lies behind the kernel's start. */
const initrdDistance = 512n << 20n;
const gibi = 1n << 30n;

/** Plans a boot; a UserError names the file or option that makes it impossible. */
export function planBoot(files: BootFiles, options: BootOptions): BootPlan {
  const { memory } = options;
  const elf = isElf(files.program) ? openElf(files.program) : undefined;
  const hardware = hardwareFor(files.program, elf, options);
  const { xlen } = hardware;
  const kernel = elf
    ? placeElf(elf, xlen === 64 ? 0x80200000n : 0x80400000n, memory, 'kernel')
    : placeImage(files.program, memory);
  const mode = firmwareMode(files, options, elf !== undefined && kernel.start === ramBase);
  const firmware = mode === 'file' && files.firmware ? placeFirmware(files.firmware, xlen, memory) : undefined;
  if (firmware && firmware.end > kernel.start && kernel.end > firmware.start) {
    throw new UserError(
      `${files.firmware?.name} and ${files.program.name} overlap at ${hex(kernel.start)}: link the program above ${hex(firmware.end)}`,
    );
  }
  const top = layOut(files, { ...options, ...hardware }, kernel, firmware);
  const boot = firmware ?? kernel;
  const mailboxes = elf && mode === 'none' ? findMailboxes(elf, kernel) : {};
  return {
    ...hardware,
    firmware: mode,
    privilege: mode === 'builtin' ? 1 : 3,
    entry: boot.entry,
    segments: [
      ...(firmware?.segments ?? []),
      ...kernel.segments,
      ...top.segments,
      ...(top.info === undefined ? [] : [dynamicInfo(top.info, kernel.entry, xlen)]),
    ],
    dtb: top.dtb,
    kernel: { start: kernel.start, end: kernel.end },
    ...(kernel.slide === undefined ? {} : { slide: kernel.slide }),
    ...mailboxes,
    ...(top.info === undefined ? {} : { dynamicInfo: top.info }),
  };
}

/** The ISA string of a machine that nobody described: everything there is. */
export function defaultIsa(xlen: 32 | 64): string {
  return `rv${xlen}max`;
}

/** What is asked for, and what the program is for where nothing is asked. */
function hardwareFor(program: ByteSource, elf: Elf | undefined, options: BootOptions): Hardware {
  const asked = options.isa === undefined ? undefined : options.isa.toLowerCase().startsWith('rv32') ? 32 : 64;
  const needed = elf?.xlen ?? readImageHeader(program)?.xlen;
  const xlen = needed ?? asked ?? 64;
  if (asked !== undefined && asked !== xlen) {
    const what = elf ? 'ELF' : 'Image';
    throw new UserError(`${program.name} is a ${xlen}-bit ${what}, but isa is ${options.isa}: set isa to rv${xlen}…`);
  }
  const mmu = options.mmu ?? (xlen === 32 ? 'sv32' : 'sv57');
  if (mmu !== 'bare' && (mmu === 'sv32') !== (xlen === 32)) {
    throw new UserError(
      `mmu is ${mmu}, which RV${xlen} does not have: ${xlen === 32 ? 'use sv32' : 'use sv39 or wider'}`,
    );
  }
  return { xlen, isa: options.isa ?? defaultIsa(xlen), mmu };
}

function placeImage(program: ByteSource, memory: bigint): Placement {
  const header = readImageHeader(program);
  if (header) return placeRaw(program, ramBase + header.textOffset, header.imageSize, memory, 'kernel');
  const hint = packingHint(program) ?? 'give one of these as program';
  throw new UserError(`${program.name} is neither an ELF file nor a raw RISC-V Linux Image: ${hint}`);
}

function placeFirmware(source: ByteSource, xlen: 32 | 64, memory: bigint): Placement {
  if (!isElf(source)) return placeRaw(source, ramBase, 0n, memory, 'firmware');
  const elf = openElf(source);
  if (elf.xlen !== xlen)
    throw new UserError(`${source.name} is ${elf.xlen}-bit firmware for a ${xlen}-bit program: give the other one`);
  return placeElf(elf, ramBase, memory, 'firmware');
}

function firmwareMode(files: BootFiles, options: BootOptions, atRamBase: boolean): 'builtin' | 'none' | 'file' {
  if (options.firmware === 'file' && !files.firmware)
    throw new UserError('firmware is "file", but no firmware file is given');
  if (options.firmware !== 'auto') return options.firmware;
  if (files.firmware) return 'file';
  return atRamBase ? 'none' : 'builtin';
}

/**
 * Puts device tree and fw_dynamic_info at the end of RAM (on RV32 of its first GiB, which is all that Linux maps) and the
 * initrd well behind the kernel, as QEMU does; where there is no room the initrd goes below the device tree.
 */
function layOut(files: BootFiles, options: Described, kernel: Placement, firmware: Placement | undefined) {
  const { memory } = options;
  const { initrd } = files;
  const initrdSize = BigInt(initrd?.size ?? 0);
  const sized = deviceTree(files, options, initrd && { start: phys(ramBase), end: phys(ramBase) });
  const treeSize = BigInt(sized.length);
  let used = firmware && firmware.end > kernel.end ? firmware.end : kernel.end;
  if (firmware && files.firmware && isFwJump(files.firmware))
    used = fitFwJump(files.firmware, files.program, kernel, options.xlen, treeSize);
  const reach = options.xlen === 32 && memory > gibi ? gibi : memory;
  const dtb = down(ramBase + reach - treeSize, megapage);
  const info = firmware ? dtb - page : undefined;
  const highest = down((info ?? dtb) - initrdSize, page);
  if (highest >= used) {
    const behind = kernel.start + (memory / 2n < initrdDistance ? memory / 2n : initrdDistance);
    const preferred = down(behind, page);
    const start = preferred >= used && preferred <= highest ? preferred : highest;
    const range = { start: phys(start), end: phys(start + initrdSize) };
    const tree = initrd ? deviceTree(files, options, range) : sized;
    const segments: LoadedSegment[] = [
      { address: phys(dtb), source: bytesSource('device tree', tree), what: 'device tree' },
    ];
    if (initrd) segments.push({ address: range.start, source: initrd, what: 'initrd' });
    return { segments, dtb: phys(dtb), info: info === undefined ? undefined : phys(info) };
  }
  const needed = used - ramBase + initrdSize + 2n * page + megapage + treeSize;
  throw tooLittleMemory(initrd ? `${files.program.name} with its initrd` : files.program.name, needed, memory);
}

/** The built tree, or the user's with the command line and initrd put in. */
function deviceTree(files: BootFiles, options: Described, initrd: Initrd | undefined): Uint8Array {
  const { harts, isa, mmu, memory, append } = options;
  const chosen: Chosen = {
    ...(append === undefined ? {} : { bootargs: append }),
    ...(initrd ? { initrd } : {}),
  };
  const { dtb } = files;
  return dtb
    ? patchChosen(dtb.read(0, dtb.size), chosen, dtb.name)
    : buildDeviceTree({ harts, isa, mmu, memory, ...chosen });
}

/** struct fw_dynamic_info, version 2 (OpenSBI, include/sbi/fw_dynamic.h): words of XLEN bits. */
function dynamicInfo(address: PhysAddr, next: PhysAddr, xlen: 32 | 64): LoadedSegment {
  const [magic, version, supervisor, options, bootHart] = [0x4942534fn, 2n, 1n, 0n, 0n];
  const words = [magic, version, next, supervisor, options, bootHart];
  const size = xlen / 8;
  const bytes = new Uint8Array(words.length * 8);
  const view = new DataView(bytes.buffer);
  // In ascending order, so that the next word's low half replaces the zero high half of a 32-bit one.
  for (const [index, word] of words.entries()) view.setBigUint64(index * size, word, true);
  const what = 'fw_dynamic_info';
  return { address, source: bytesSource(what, bytes.subarray(0, words.length * size)), what };
}

/** The physical addresses of `tohost` and `fromhost` (the host-target interface of Berkeley's tests). */
function findMailboxes(elf: Elf, kernel: Placement): { tohost?: PhysAddr; fromhost?: PhysAddr } {
  const values = symbolValues(elf, ['tohost', 'fromhost']);
  const found: { tohost?: PhysAddr; fromhost?: PhysAddr } = {};
  for (const name of ['tohost', 'fromhost'] as const) {
    const value = values.get(name);
    const address = value === undefined ? undefined : loadAddress(elf, kernel, virt(value));
    if (address !== undefined) found[name] = address;
  }
  return found;
}

function down(address: bigint, alignment: bigint): bigint {
  return address - (address % alignment);
}
