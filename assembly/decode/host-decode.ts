/** The decoder by itself, for the host: what bytes mean in a mode, with nothing executed. */
import { OP_TOO_LONG, OPCODE_ROWS, ROW_BYTES } from "../generated/decode-tables";
import { M_RESULT_HI, M_RESULT_LO, SCRATCH } from "../layout";
import { decodedLength, decodedRecords, decodedRow, decodeInstruction } from "./decoder";
import { REC_BYTES, REC_OP } from "./record";

/** Place in SCRATCH of the records. */
const RECORDS: u32 = SCRATCH + 0x800;

/** What hostDecode returns for bytes that are no instruction. */
export const DECODE_UNDEFINED: i32 = -1;
export const DECODE_TOO_LONG: i32 = -2;

/**
 * Decodes the 16 bytes at pointer `bytes` in decode mode `mode` (MODE_* bits). Returns the number of
 * the row in the opcode table, DECODE_UNDEFINED or DECODE_TOO_LONG. The length is left in RESULT_LO,
 * the first record's pointer in RESULT_HI with the number of records in its low bits.
 */
export function hostDecode(bytes: u32, mode: u32): i32 {
  decodeInstruction(bytes, mode, 0, RECORDS);
  store<u32>(M_RESULT_LO, decodedLength);
  store<u32>(M_RESULT_HI, RECORDS | decodedRecords);
  if (decodedRow != 0) return ((decodedRow - (OPCODE_ROWS as u32)) / ROW_BYTES) as i32;
  const last = RECORDS + (decodedRecords - 1) * REC_BYTES;
  return load<u16>(last, REC_OP) == (OP_TOO_LONG as u16) ? DECODE_TOO_LONG : DECODE_UNDEFINED;
}
