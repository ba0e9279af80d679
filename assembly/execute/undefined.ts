/** UD0, UD1, UD2 and every opcode that no row describes. */
import { raiseUd } from "../cpu/fault";
import { onUndefinedOpcode } from "../host";

/** #UD. */
export function undefinedOpcode(rec: u32): u32 {
  onUndefinedOpcode();
  return raiseUd();
}
