/** Rounding modes by the value of rm and frm, as assembly writes them (unprivileged manual, "Floating-Point Control and
 * Status Register"); 5 and 6 are reserved, 7 stands in instructions only and means frm. */
export const roundingModes: Readonly<Record<number, string>> = {
  0: 'rne',
  1: 'rtz',
  2: 'rdn',
  3: 'rup',
  4: 'rmm',
  7: 'dyn',
};
