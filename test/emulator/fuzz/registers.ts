// What the registers of random programs are for. All others hold whatever random instructions leave in them.

/** Of calls, x6 is none that the translator knows as one. */
export const links = [1, 5, 6] as const;
export type Link = (typeof links)[number];
export const stack = 2;
/** Within one step. */
export const [first, second] = [3, 7] as const;
/** The state of the generator that chooses the functions to be called. */
export const chance = 4;
/** Near to data. */
export const bases = [8, 9] as const;
export const hart = 27;
/** Rounds that are left of loops, by how deep they are nested. */
export const counters = [28, 29, 30] as const;
/** Calls and jumps back that are left. */
export const fuel = 31;
export const others = [...links, stack, chance, hart, ...counters, fuel];
