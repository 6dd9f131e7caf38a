// The launch configuration: what launch.json may say. The schema in package.json and the command line have the same words.

export interface LaunchConfiguration {
  /** Kernel: an ELF, a raw `Image`, either packed by gzip, or an EFI image that unpacks itself from gzip. */
  readonly program: string;
  readonly initrd?: string;
  /** Kernel command line (`chosen/bootargs`). */
  readonly append?: string;
  /** `256M`, `4G`, or bytes. Default 256M. */
  readonly memory?: string | number;
  /** 1 to 8. Default 1. */
  readonly harts?: number;
  /** ISA string. Default `rv64max`, every extension there is here but Svade and Zkr; for a 32-bit program `rv32max`. */
  readonly isa?: string;
  /** Widest paging mode of the hardware. Default sv57, on RV32 sv32. */
  readonly mmu?: 'bare' | 'sv32' | 'sv39' | 'sv48' | 'sv57';
  /** How time passes while every hart waits: jumped over until the guest waits for console input, or held to the host's
   * clock. The guest's own time is the same. Default `fast`. */
  readonly pace?: 'fast' | 'real-time';
  /** Instructions that a hart runs before the next one's turn. Default 10000; with one hart it changes nothing. */
  readonly quantum?: number;
  /** Misaligned loads and stores: done, or an exception. Default `supported`. */
  readonly misaligned?: 'supported' | 'trap';
  /** PMP entries: 0, 16 or 64. Default 16. */
  readonly pmp?: 0 | 16 | 64;
  /** `builtin` (SBI in the emulator, kernel starts in S-mode), `none` (ELF entry in M-mode), or a firmware file.
   * Default: `builtin` for an Image or an ELF above the firmware's 2 MiB, `none` for an ELF that starts at the RAM's base. */
  readonly firmware?: string;
  /** Device tree blob to use instead of the built one. */
  readonly dtb?: string;
  /** Disks on virtio-mmio, in the order of their slots: each a file, with `,cow` (the default: changes stay in memory),
   * `,ro` or `,rw` behind it. */
  readonly disks?: string | readonly string[];
  /** A virtio network card: `loopback` ends its cable at a host, 10.0.2.2, that answers ARP, pings and UDP with the same.
   * Default none. */
  readonly net?: 'none' | 'loopback';
  /** Beginning of the virtio entropy device's numbers, so that a run repeats exactly. Default 0. */
  readonly seed?: number;
  /** What the real-time clock shows at reset, in UTC. Default `2026-01-01T00:00:00Z`. */
  readonly rtc?: string;
  /** Symbol files. The kernel's own need not be named: it is the program itself when that is an ELF, else the file beside
   * it with the same build id (`vmlinux`, `vmlinux-*`, `*.elf`). */
  readonly symbols?: string | SymbolFileEntry | readonly (string | SymbolFileEntry)[];
  /** Compile-time path prefix → path here. */
  readonly sourceMap?: Readonly<Record<string, string>>;
  /** Stop at the first instruction. Default true. */
  readonly stopOnEntry?: boolean;
  /** Stop at satp writes until user space runs. Default true. */
  readonly stopOnSatp?: boolean;
}

/** A symbol file, and where its program runs. Addresses are texts such as `0x80000000`, or numbers. */
export interface SymbolFileEntry {
  readonly path: string;
  /** `kernel`: in every address space; `user`: where this program is mapped; `physical`: as a firmware's. Default: told by
   * the file's addresses. */
  readonly space?: 'kernel' | 'user' | 'physical';
  /** Address at which the lowest byte of the program runs. */
  readonly base?: string | number;
  /** Bytes from each link address to the run address; instead of `base`. Default: found, where a kernel moves itself. */
  readonly offset?: string | number;
  /** Of an object file or kernel module (`.ko`): the address of each section, as /sys/module/NAME/sections has them.
   * Default: found, when Linux loads the module. */
  readonly sections?: Readonly<Record<string, string | number>>;
}
