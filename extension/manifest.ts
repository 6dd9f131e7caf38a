// Every identifier that package.json declares and the code refers to.

export const debugType = 'pagewalk';

export const Views = {
  pageTables: 'pagewalk.pageTables',
  addressMap: 'pagewalk.addressMap',
  mmuEvents: 'pagewalk.mmuEvents',
  csrs: 'pagewalk.csrs',
  preflight: 'pagewalk.preflight',
  lint: 'pagewalk.lint',
  mmuBreakpoints: 'pagewalk.mmuBreakpoints',
} as const;

export const Commands = {
  debugKernel: 'pagewalk.debugKernel',
  debugFile: 'pagewalk.debugFile',
  openMemory: 'pagewalk.openMemory',
  openDisassembly: 'pagewalk.openDisassembly',
  openEntry: 'pagewalk.openEntry',
  showInMap: 'pagewalk.showInMap',
  copyValue: 'pagewalk.copyValue',
  copyAddress: 'pagewalk.copyAddress',
  copyPhysicalAddress: 'pagewalk.copyPhysicalAddress',
  filterMap: 'pagewalk.filterMap',
  clearMapFilter: 'pagewalk.clearMapFilter',
  showMoreOfMap: 'pagewalk.showMoreOfMap',
  refresh: 'pagewalk.refresh',
  showConsole: 'pagewalk.showConsole',
  openSource: 'pagewalk.openSource',
  explainTrap: 'pagewalk.explainTrap',
  chooseKernelOfChecks: 'pagewalk.chooseKernelOfChecks',
  lint: 'pagewalk.lintMap',
  breakOnMapping: 'pagewalk.breakOnMapping',
  addMmuBreakpoint: 'pagewalk.addMmuBreakpoint',
  removeMmuBreakpoint: 'pagewalk.removeMmuBreakpoint',
  clearMmuBreakpoints: 'pagewalk.clearMmuBreakpoints',
  editMmuCondition: 'pagewalk.editMmuCondition',
  editMmuHitCondition: 'pagewalk.editMmuHitCondition',
  editMmuLogMessage: 'pagewalk.editMmuLogMessage',
  logMmuEvent: 'pagewalk.logMmuEvent',
} as const;

export const ContextKeys = { mapFiltered: 'pagewalk.mapFiltered', inTrap: 'pagewalk.inTrap' } as const;

/** URI schemes of the documents and rows that exist only while a kernel is debugged. */
export const Schemes = {
  memory: 'pagewalk-memory',
  disassembly: 'pagewalk-disassembly',
  row: 'pagewalk-row',
  trap: 'pagewalk-trap',
} as const;

/** Languages in which registers, CSRs, symbols and addresses can be hovered. */
export const hoverLanguages = ['riscv-asm', 'linker-script', 'c', 'cpp', 'rust'] as const;

/** Languages in which an expression may be a member, an element or what a pointer points to. */
export const memberLanguages: readonly string[] = ['c', 'cpp', 'rust'];

/** Languages in which a stopped function shows values in its lines. */
export const inlineLanguages = ['riscv-asm', ...memberLanguages] as const;
