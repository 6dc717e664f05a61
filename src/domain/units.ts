/** A whole number of bytes. */
export type Bytes = number;
/** Seconds, not necessarily whole. */
export type Seconds = number;

export const KIB = 1024;
export const MIB = 1024 * KIB;
export const GIB = 1024 * MIB;
