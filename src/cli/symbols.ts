/** Names for addresses: from the image itself, from another ELF file, or from a list as nm prints. */
import { isElf, readElf } from "../loaders/elf-file.ts";
import { elfSymbols } from "../loaders/elf-symbols.ts";
import type { Address64, SymbolTable } from "../loaders/symbols.ts";
import { oneLine, UsageError } from "./errors.ts";

/** A name is not stretched further than this beyond its symbol when the size is unknown. */
const REACH_BYTES = 1 << 20;

export function addressHalves(address: bigint): Address64 {
  return { hi: Number(BigInt.asUintN(64, address) >> 32n), lo: Number(address & 0xffff_ffffn) };
}

export function hexAddress(address: bigint | number): string {
  return `0x${address.toString(16)}`;
}

/** Reads the table of symbols in `bytes`. @throws UsageError when it holds none. */
export function readSymbols(path: string, bytes: Uint8Array): SymbolTable {
  const table = isElf(bytes) ? elfSymbols(readElf(bytes)) : listedSymbols(bytes);
  if (table.count === 0) {
    throw new UsageError(
      `--symbols "${oneLine(path)}": no symbols; give an ELF file or a list "address type name"`,
    );
  }
  return table;
}

/** `name+0x12`, or nothing where no symbol is near. */
export function nameOf(table: SymbolTable | undefined, address: bigint): string | undefined {
  const hit = table?.nearest(addressHalves(address));
  if (!hit || hit.offset >= Math.max(hit.size, REACH_BYTES)) return undefined;
  return hit.offset === 0 ? oneLine(hit.name) : `${oneLine(hit.name)}+${hexAddress(hit.offset)}`;
}

/** Lines `ffffffff81000000 T name`, as System.map and nm have them. */
function listedSymbols(bytes: Uint8Array): SymbolTable {
  const symbols: { address: bigint; name: string }[] = [];
  for (const line of new TextDecoder().decode(bytes).split("\n")) {
    const match = /^([0-9a-f]{1,16})\s+[A-Za-z?]\s+(\S+)/.exec(line);
    if (match) symbols.push({ address: BigInt(`0x${match[1]}`), name: match[2]! });
  }
  symbols.sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
  return {
    count: symbols.length,
    nearest: ({ hi, lo }) => {
      const address = (BigInt(hi) << 32n) | BigInt(lo);
      let low = 0;
      let high = symbols.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (symbols[middle]!.address > address) high = middle;
        else low = middle + 1;
      }
      const found = symbols[low - 1];
      if (!found) return undefined;
      return { name: found.name, offset: Number(address - found.address), size: 0 };
    },
    addressOf: (name) => {
      const found = symbols.find((symbol) => symbol.name === name);
      return found && addressHalves(found.address);
    },
  };
}
