// How damaged files are kept from stopping a debugger.

/** Runs `work`; where the file is damaged that is noted as a problem, and the result is `otherwise`. */
export type Guard = <T>(otherwise: T, work: () => T) => T;
