/** Symbols of an image: from addresses to names and back. */

/** A 64-bit address as two unsigned 32-bit halves. */
export interface Address64 {
  readonly hi: number;
  readonly lo: number;
}

export interface SymbolHit {
  readonly name: string;
  /** Distance in bytes from the symbol to the address. */
  readonly offset: number;
  /** Size in bytes that the symbol table gives; 0 when it does not know. */
  readonly size: number;
}

/** Addresses are the linear ones for which the image was linked. */
export interface SymbolTable {
  /** Number of symbols; reading it parses the table, as any first use does. */
  readonly count: number;
  /** The last symbol at or below an address, if one lies less than 4 GiB below. */
  nearest(address: Address64): SymbolHit | undefined;
  /** Address of the first symbol with this exact name. */
  addressOf(name: string): Address64 | undefined;
}
