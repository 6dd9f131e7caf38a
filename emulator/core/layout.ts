// Where the machine's state lies in linear memory. Generated code and TypeScript both address it through here; every
// hart has a block of its own, reached from a base parameter, so that no address of a hart is a constant in code.

/** Most harts of a machine. */
export const MAX_HARTS = 8;

/** Byte offsets in a hart's block. Registers are 64-bit little-endian. */
export const hartOffset = {
  /** x0–x31; x0 is never written. */
  x: 0,
  /** Writes to x0 go here. */
  sink: 256,
  f: 264,
  /** pc of the next instruction, or while a slow path runs of the current one. */
  pc: 520,
  /** Instructions of the granted budget that were not used when `run` returned, or as a slow path begins. */
  left: 528,
  /** Budget taken back by `attention`. */
  stash: 532,
  /** Non-zero: leave as soon as the current instruction is done. */
  attention: 536,
  /** What a slow path ended with: see Status. */
  status: 540,
  /** Effective address and value handed to and from a slow access. */
  address: 544,
  value: 552,
  /** Host address of the LR reservation, 0 = none. */
  reservation: 560,
  /** Table in force for fetch and for data (offsets of hartOffset.tlb + n × tlbBytes, absolute addresses). */
  fetchTlb: 564,
  dataTlb: 568,
  /** Fast walk: levels of satp.MODE (0 = Bare), root page's physical address, MXR. */
  levels: 572,
  root: 576,
  /** Watched virtual addresses: see watchField. */
  watched: 584,
  /** Decoded page that the last translated store must invalidate, 0 = none. */
  codePage: 720,
  /** A bit for each kind of event that somebody listens to (EventBit): shortcuts past an event must ask. */
  heard: 724,
  /** The address space in force: the byte offset of its tables. */
  space: 728,
  /** Where this hart's PMP table is: a byte for each page of RAM. */
  pmp: 732,
  /** Privilege: 0 = U, 1 = S, 3 = M. */
  privilege: 736,
  /** Non-zero: an interrupt that mie allows may be pending; only what enables it is missing. */
  interruptible: 740,
  /** Guest time (ns) when the granted budget is used up, and ticks that mtime is ahead of guest time. */
  clock: 744,
  mtimeOffset: 752,
  /** Traps that generated code has taken in this run. */
  trapsInRun: 760,
  mxr: 764,
  /** A record that stands alone: a straddling or stepped instruction. */
  scratch: 0x300,
  /** 1 + the page of RAM at pc, if the last fast walk for a fetch gave up for nothing but that it is not decoded; else 0. */
  fetchable: 0x340,
  /** Traps that are to be told of later (crossings.ts): how many are kept, and how often one exception may be taken without
   * progress: what is kept included, and after progress. */
  crossings: 0x348,
  patience: 0x34c,
  fullPatience: 0x350,
  /** Not 0: the last walk found that the access is a page fault, without any subtlety. */
  faults: 0x354,
  /** How many traps are kept that were left at the trapped instruction since the last progress. */
  retries: 0x358,
  /** How often a trap was left by going on elsewhere, since that was told last. */
  progress: 0x35c,
  /** What instret will be when the granted budget is used up, but for traps; 64 bits. */
  lastInstret: 0x360,
  /** How many traps `openLog` has, that were told of and are still open. */
  open: 0x368,
  /** Writes of satp that are to be told of later: how many are kept. */
  satpWrites: 0x36c,
  /** Not 0: U-mode was returned to from a trap that was kept, since that was told last. */
  userRan: 0x370,
  /** Not 0: there are other traps that were told of and are open, which `openLog` does not tell. */
  openMore: 0x374,
  /** Accesses beside watched bytes that are left until the host is told of one. */
  untold: 0x378,
  /** Misses of accesses that regions gave to the interpreter, that are left until the host is told of one. */
  untoldMisses: 0x37c,
  /** The satp of each address space, 0 where it is not used and in the first, which has no ASID; 8 bytes each. */
  spaceKeys: 0x380,
  /** A bit for each virtual page number modulo 64: regions remember entries of such pages (refill.ts); 64 bits. */
  remembered: 0x3c0,
  /** Address of the instruction that a region gave to the interpreter last, since one was entered; else odd. 64 bits. */
  givenBack: 0x3c8,
  /** A bit for each virtual page number modulo 4096: a breakpoint lies in such a page, the host must see its first fetch. */
  breakpointPages: 0x400,
  /** A byte for each GiB of addresses modulo 512: 1 = a part of a superpage in it is cached. */
  superpages: 0x600,
  /** The traps that are kept: see crossingField. */
  crossingLog: 0x2900,
  /** By the low bits of pc: loads and stores of S-mode whose page faults may be told of later. */
  reckonedWith: 0x5000,
  /** The latest traps that were told of and are still open: see openField. */
  openLog: 0x5200,
  retryLog: 0x5800,
  satpLog: 0x6000,
  /** All 4096 CSR numbers, 8 bytes each; only those that exist are used. */
  csr: 0x8000,
  /** A byte for each chunk of the translation tables, of the jump caches, of the global pages: what it was filled with since
   * it was emptied last, see Filled. */
  chunks: 0x10000,
  /** 64 bits for each table of them: which groups of eight chunks may have been filled. */
  groups: 0x18080,
  /** Four tables for each address space: U, S, S with SUM, M, of which M's is used in the first space alone. */
  tlb: 0x19000,
} as const;

export const superpageRegions = 512;

export const reckonedEntries = 64;

/** An exception that is told of later. */
export const crossingField = {
  pc: 0,
  tval: 8,
  /** Before it. */
  mstatus: 16,
  satp: 24,
  instret: 32,
  handler: 40,
  cause: 48,
  /** What the hart's `progress` was. */
  progress: 52,
  /** x1 to x31 behind the place of x0, which tells the privileges before it and after it. */
  x: 56,
  from: 56,
  to: 60,
} as const;
export const crossingBytes = 56 + 32 * 8;
export const maxCrossings = 32;

/** A trap that was told of. */
export const openField = { pc: 0, satp: 8, sp: 16, from: 24, state: 28 } as const;
/** `left`: generated code has returned from it. From interrupts it does not return by itself. */
export const OpenState = { exception: 0, left: 1, interrupt: 2 } as const;
export const openBytes = 32;
export const maxOpen = 16;

/** A trap that was left at the trapped instruction. */
export const retryField = { pc: 0, tval: 8, cause: 16 } as const;
export const retryBytes = 24;
export const maxRetries = 64;

/** A write of satp by S-mode that is told of later. */
export const satpField = { pc: 0, before: 8, after: 16, instret: 24 } as const;
export const satpBytes = 32;
export const maxSatpWrites = 256;

/**
 * Watched bytes: a bit for each range that loads are wanted of, too, not stores alone; how many ranges there are; and pairs [first,
 * last] of addresses, of 64 bits.
 */
export const watchField = { loads: 0, count: 4, ranges: 8 } as const;
export const MAX_WATCHED_RANGES = 8;

/** Index of a translation table within its address space. */
export const Tlb = { U: 0, S: 1, SSum: 2, M: 3 } as const;
export const tlbEntries = 8192;

/**
 * Addend, decoded page, and the tags (64-bit page addresses). The addend is first as a processor may take longer to load where
 * an offset is added, and accesses wait for it.
 */
export const tlbEntryBytes = 32;
export const tlbBytes = tlbEntries * tlbEntryBytes;
export const tlbField = { addend: 0, code: 4, read: 8, write: 16, execute: 24 } as const;
/**
 * An entry holds an access that begins in the page behind its tag and ends there (tlb-entry.ts). So what is no page's tag is
 * kept more than a page away from all addresses that look into its entry: this bit of theirs, the highest of the entry's
 * index, is another one in it.
 */
export const AWAY = (tlbEntries / 2) * 4096;
/** An empty entry's tags are 0, as in new memory; in a table's first entry, which is that of page 0, they are this. */
export const EMPTY_FIRST = AWAY | 1;
/** By these bits the tag is another than the page's, of which bytes are watched: accesses are compared with these. */
export const WATCHED = AWAY | 0x400;
/** The same, of a device's page. */
export const DEVICE = AWAY | 0x800;

/**
 * Address spaces whose translations a hart keeps at once: the first is that of all that have no ASID, each of the others has
 * one satp (ADR 16).
 */
export const spaces = 8;
export const tablesPerSpace = 4;
export const spaceBytes = tablesPerSpace * tlbBytes;

/** Jump caches: one for each table, as large, and as far behind it. */
export const jumpCaches = spaces * spaceBytes;
export const jumpEntryBytes = 16;
export const jumpEntries = tlbBytes / jumpEntryBytes;
/** Virtual address (64 bits), and the region's place in the function table and its block there. */
export const jumpField = { address: jumpCaches, slot: jumpCaches + 8, block: jumpCaches + 12 } as const;

/** Bytes of tables and caches that are emptied together, if something in them was filled. */
export const chunkBytes = 512;
/** Chunks of a table, which are 64 groups of eight. */
export const chunksPerTable = tlbBytes / chunkBytes;

/** What chunks of tables and caches were filled with. */
export const Filled = { own: 1, global: 2 } as const;

/** Global pages, found by a walk in any address space, behind the jump caches: by the page's number, what the walk came to. */
export const globalPages = 2 * jumpCaches;
export const globalEntries = 2048;
/** The page's address with the number of satp.MODE's levels, 0 = none; the physical page with the leaf's flags, W only with D. */
export const globalField = { tag: globalPages, leaf: globalPages + 8 } as const;
export const globalEntryBytes = 16;

/** All that is emptied by chunks. */
export const cachedBytes = globalPages + globalEntries * globalEntryBytes;

export const hartBytes = hartOffset.tlb + cachedBytes;

/** A decoded instruction: 8 bytes. */
export const recordBytes = 8;

/** A record that stands alone: end marks wherever it leads, then the instruction's bits. */
export const aloneField = { record: 0, ends: [recordBytes, 2 * recordBytes], word: 3 * recordBytes } as const;
const aloneBytes = 4 * recordBytes;

/**
 * At address 0, where no offset is to be added: tables of the host addresses that loaded values led to, 4 bytes each, by where
 * they were loaded from. They need not be right, and what is not asked for takes no memory. One does for lists of 4 MiB.
 */
export const leadTables = 4;
export const leadTableBytes = 1 << 21;

/** The first byte of what all harts share. */
const sharedAt = leadTables * leadTableBytes;

/** Where a region of translated code may be entered: its place in the function table, the block, and alone the record of
 * the instruction itself. */
export const entryField = { slot: 0, block: 4, alone: 8 } as const;
export const entryBytes = entryField.alone + aloneBytes;
export const maxEntries = 65536;
export const entriesAt = sharedAt + 0x10000;

/** First hart's block. Below it is what all harts share, and at address 0 nothing that has an address: it can mean none. */
export const hartsAt = entriesAt + maxEntries * entryBytes;

/** Byte addresses of what all harts share. */
export const shared = {
  /** Frames of guest RAM in use. */
  framesInUse: sharedAt + 0x1000,
  /** Regions and sizes that generated code asks for, so that it is the same for any RAM: see Regions. */
  frames: sharedAt + 0x1200,
  code: sharedAt + 0x1204,
  ram: sharedAt + 0x1208,
  ramPages: sharedAt + 0x120c,
  frameCount: sharedAt + 0x1210,
  sparse: sharedAt + 0x1214,
  /** Not 0: ecalls of S-mode that are not delegated are the host's. */
  builtinSbi: sharedAt + 0x1218,
  /** Watched physical addresses: see watchField. */
  watched: sharedAt + 0x1010,
  /** A byte for each CSR number: what generated code may do with it, see CsrClass. */
  csrClasses: sharedAt + 0x2000,
  /** The bits that a write changes, 8 bytes for each CSR number. */
  csrMasks: sharedAt + 0x4000,
  /** What was counted, 8 bytes each: see countNames. */
  counts: sharedAt + 0xc000,
  /** While counting: 1 = translated code has left an instruction to the interpreter, 2 = which is at it. */
  sideExit: sharedAt + 0xcff0,
  /** How often translated code did so, 8 bytes for each operation. */
  sideExits: sharedAt + 0xd000,
} as const;

/** What generated code does with a CSR; the host does the rest. */
export const CsrClass = {
  host: 0,
  /** Holds what is written, within the mask. */
  plain: 1,
  /** sstatus: interrupt enables and SPP, whose change needs nothing else. */
  status: 2,
  /** time and timeh. */
  time: 3,
  /** satp: writes that go to an address space without an ASID, or to one whose translations are kept. */
  satp: 4,
  /** mstatus: interrupt enables and SPP, as of sstatus. */
  machineStatus: 5,
  /** stvec and mtvec: as plain, where it is written whole with a MODE that there is. */
  vector: 6,
  /** Added to a class: somebody wants to know of writes; writes are kept and told of later. */
  listened: 0x80,
  late: 0x40,
} as const;

/** How a slow path ended. */
export const Status = {
  /** Done: go on. */
  done: 0,
  /** Not retired: a trap was taken, pc is the handler's. Leaves `run`. */
  trap: 1,
  /** Retired, pc is set: fetch anew. */
  jump: 2,
  /** Retired, pc is set: leave `run`. */
  leave: 3,
  /** Not retired: generated code has taken a trap, pc is the handler's. Goes on there. */
  taken: 4,
} as const;

/** Why `run` returned. */
export const Exit = { budget: 0, trap: 1, leave: 2, breakpoint: 3 } as const;

/** Records for each byte of code: pc = bias + record / recordBytesPerByte. */
export const recordBytesPerByte = recordBytes / 2;
/** Halfwords of a page, one record each, and two end marks: the last instruction may go on in the next page. */
export const recordsPerPage = 2048;
export const recordField = {
  /** Operation, 16 bits. The second halfword of an instruction has a record too, which is not reached from the first. */
  operation: 0,
  /** Registers, a byte each: their places in the hart's block (REGISTER_BYTES). One without rd has rs2 there. */
  rd: 2,
  rs1: 3,
  /** Sign-extended immediate, or the instruction's bits where the host executes it. */
  immediate: 4,
  /** Of instructions without an immediate. */
  rs2: 4,
  /** Of an instruction that goes on in the next page: where `straddleAt` is. */
  straddle: 4,
  /** Floating point: third operand, rounding mode. */
  rs3: 5,
  rm: 6,
} as const;
export const REGISTER_BYTES = 8;

/** Behind the records 16 bits for each: how often it was jumped to; where a region begins, the number of its entry. */
export const heatBytes = 2;
export const heatAt = (recordsPerPage + 2) * recordBytes;
export const decodedPageBytes = heatAt + heatBytes * recordsPerPage + 8 + aloneBytes;

/** In a decoded page: not 0 = regions were translated from it. */
export const translatedAt = heatAt + heatBytes * recordsPerPage;

/** In a decoded page: what is kept of the instruction that goes on in the next page. */
export const straddleAt = translatedAt + 4;

/** Its second half as it was last executed, with STRADDLE_KNOWN if it was, and its record. */
export const straddleField = { half: 0, alone: 4 } as const;
export const STRADDLE_KNOWN = 0x10000;

/** Bits of `heard`, for the events that generated code may be the one to raise or skip. */
export const EventBit = {
  'csr-write': 1,
  trap: 2,
  'trap-return': 4,
  sfence: 8,
  'fence-i': 16,
  wfi: 32,
  'sbi-call': 64,
} as const;

/** In `heard`: traps and returns are listened to, and may be told of later. */
export const LATE = 128;

/** A page's word in the frame table: host address of the frame (0 = not touched yet) and what holds for the page. */
export const FrameBit = {
  /** Instructions of this page are decoded: stores must be seen. */
  code: 1,
  /** A physical watchpoint (or HTIF) lies here: every access must be seen. */
  watched: 2,
  /** A page table that somebody watches: every store must be seen. */
  table: 4,
  /** Not written since the epoch began: the first store must be seen. */
  clean: 8,
  /** A table may hold, or have held, a translation through which stores pass unseen. */
  writable: 16,
} as const;

/** A page's byte in a hart's PMP table. */
export const PmpBit = {
  /** S and U may read, write, execute all of it. */
  read: 1,
  write: 2,
  execute: 4,
  /** PMP does not treat the page as one, or binds M too: ask the explained check. */
  mixed: 8,
} as const;
export const frameMask = 0xfffff000;

/** RAM begins here. */
export const ramBase = 0x80000000;
