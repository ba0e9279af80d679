/** Written by "npm run generate" from src/tables/opcodes. */
import { raiseGp } from "../cpu/fault";
import { setFlagsLogic, setFlagsSub } from "../cpu/flags";
import { getReg } from "../cpu/registers";
import { enterAfter, leave, leaveAgain, leaveFaulted, leavePatched, leaveUnstarted, resolveJump } from "../cpu/run";
import { NEXT, REC_BYTES, REC_COUNT, REC_TARGET, imm32Of, leftOf, r1Of, r2Of } from "../decode/record";
import { computeLinear, computeOffset, effectiveAddress, effectiveAddressBd } from "../execute/address";
import { ALU_ADC, ALU_ADD, ALU_AND, ALU_CMP, ALU_OR, ALU_SBB, ALU_SUB, ALU_XOR, aluEvGvM, aluEvGvR, aluEvIvM, aluEvIvR, aluGvEvM, aluGvEvR, decEvM, decEvR, incEvM, incEvR, negEvM, negEvR, notEvM, notEvR, testEvGvM, testEvGvR, testEvIvM, testEvIvR } from "../execute/arithmetic";
import { conditionB, conditionBE, conditionL, conditionLE, conditionNB, conditionNBE, conditionNL, conditionNLE, conditionNO, conditionNP, conditionNS, conditionNZ, conditionO, conditionP, conditionS, conditionZ } from "../execute/conditions";
import { bswapZy, cbw, cmovGvEvM, cmovGvEvR, cwd, leaGvM, movEvGvM, movEvGvR, movEvIvM, movEvIvR, movGvEvM, movGvEvR, movsxGvEbM, movsxGvEbR, movsxGvEwM, movsxGvEwR, movsxdGvEdM, movsxdGvEdR, movzxGvEbM, movzxGvEbR, movzxGvEwM, movzxGvEwR, nop, setccEbM, setccEbR, xchgEvGvM, xchgEvGvR } from "../execute/data-transfer";
import { imulGvEvIzM, imulGvEvIzR, imulGvEvM, imulGvEvR } from "../execute/multiply";
import { callEvM, callEvR, callJz, jmpEvM, jmpEvR, retNear, retNearIw } from "../execute/near-control";
import { SHIFT_ROL, SHIFT_ROR, SHIFT_SAR, SHIFT_SHL, SHIFT_SHR, shiftEv1M, shiftEv1R, shiftEvCLM, shiftEvCLR, shiftEvIbM, shiftEvIbR } from "../execute/shift";
import { COMI_QUIET, COMI_SIGNALING, comisdVsdWsdM, comisdVsdWsdR, comissVssWssM, comissVssWssR } from "../execute/sse-compare";
import { cvtsd2ssVssWsdM, cvtsd2ssVssWsdR, cvtsi2sdVsdEyM, cvtsi2sdVsdEyR, cvtss2sdVsdWssM, cvtss2sdVsdWssR, cvttsd2siGyWsdM, cvttsd2siGyWsdR } from "../execute/sse-conversion";
import { CMP } from "../execute/sse-lanes";
import { pandVxWxM, pandVxWxR, porVxWxM, porVxWxR, pxorVxWxM, pxorVxWxR } from "../execute/sse-logic";
import { movapsVxWxM, movapsVxWxR, movapsWxVxM, movapsWxVxR, movdEyVdqM, movdEyVdqR, movdVdqEyM, movdVdqEyR, movqVqWqM, movqVqWqR, movqWqVqM, movqWqVqR, movsdVsdWsdM, movsdVsdWsdR, movsdWsdVsdM, movsdWsdVsdR, movssVssWssM, movssVssWssR, movssWssVssM, movssWssVssR, movupsVxWxM, movupsVxWxR, movupsWxVxM, movupsWxVxR } from "../execute/sse-move";
import { addsdVsdWsdM, addsdVsdWsdR, addssVssWssM, addssVssWssR, divsdVsdWsdM, divsdVsdWsdR, divssVssWssM, divssVssWssR, mulsdVsdWsdM, mulsdVsdWsdR, mulssVssWssM, mulssVssWssR, subsdVsdWsdM, subsdVsdWsdR, subssVssWssM, subssVssWssR } from "../execute/sse-scalar";
import { popZv, pushIz, pushZv } from "../execute/stack";
import { undefinedOpcode } from "../execute/undefined";
import { ADD, SUB } from "../fpu/sse-soft";
import { block } from "../fpu/status";
import { executeCold } from "./dispatch-cold";
import { REMAINING } from "./state";

/** Executes records from `first` until a block must be left; RIP and REMAINING are then set. */
export function execute(first: u32): void {
  let rec = first;
  let remaining = load<i32>(REMAINING);
  for (;;) {
    switch (load<u16>(rec) as u32) {
      case 0:
        return leaveAgain(rec);
      case 1:
        return leavePatched(rec);
      case 2:
        break;
      case 3:
        return leaveAgain(rec);
      case 4:
        if (computeLinear(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 5:
        computeOffset(rec);
        rec += REC_BYTES;
        continue;
      case 6:
        undefinedOpcode(rec);
        return leaveFaulted(rec);
      case 7:
        raiseGp(0);
        return leaveFaulted(rec);
      case 8: // ADD Eb,Gb 8 register
        if (aluEvGvR<u8>(rec, ALU_ADD) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 9: // ADD Eb,Gb 8 memory
        if (aluEvGvM<u8>(rec, effectiveAddress(rec), ALU_ADD) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 10: // ADD Eb,Gb 8 memoryBd
        if (aluEvGvM<u8>(rec, effectiveAddressBd(rec), ALU_ADD) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 11: // ADD Ev,Gv 32 register
        if (aluEvGvR<u32>(rec, ALU_ADD) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 12: // ADD Ev,Gv 32 memory
        if (aluEvGvM<u32>(rec, effectiveAddress(rec), ALU_ADD) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 13: // ADD Ev,Gv 32 memoryBd
        if (aluEvGvM<u32>(rec, effectiveAddressBd(rec), ALU_ADD) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 14: // ADD Ev,Gv 64 register
        if (aluEvGvR<u64>(rec, ALU_ADD) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 15: // ADD Ev,Gv 64 memory
        if (aluEvGvM<u64>(rec, effectiveAddress(rec), ALU_ADD) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 16: // ADD Ev,Gv 64 memoryBd
        if (aluEvGvM<u64>(rec, effectiveAddressBd(rec), ALU_ADD) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 17: // ADD Gb,Eb 8 register
        if (aluGvEvR<u8>(rec, ALU_ADD) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 18: // ADD Gb,Eb 8 memory
        if (aluGvEvM<u8>(rec, effectiveAddress(rec), ALU_ADD) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 19: // ADD Gb,Eb 8 memoryBd
        if (aluGvEvM<u8>(rec, effectiveAddressBd(rec), ALU_ADD) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 20: // ADD Gv,Ev 32 register
        if (aluGvEvR<u32>(rec, ALU_ADD) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 21: // ADD Gv,Ev 32 memory
        if (aluGvEvM<u32>(rec, effectiveAddress(rec), ALU_ADD) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 22: // ADD Gv,Ev 32 memoryBd
        if (aluGvEvM<u32>(rec, effectiveAddressBd(rec), ALU_ADD) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 23: // ADD Gv,Ev 64 register
        if (aluGvEvR<u64>(rec, ALU_ADD) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 24: // ADD Gv,Ev 64 memory
        if (aluGvEvM<u64>(rec, effectiveAddress(rec), ALU_ADD) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 25: // ADD Gv,Ev 64 memoryBd
        if (aluGvEvM<u64>(rec, effectiveAddressBd(rec), ALU_ADD) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 26: // ADD AL,Ib 8 register
        if (aluEvIvR<u8>(rec, ALU_ADD) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 27: // ADD rAX,Iz 32 register
        if (aluEvIvR<u32>(rec, ALU_ADD) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 28: // ADD rAX,Iz 64 register
        if (aluEvIvR<u64>(rec, ALU_ADD) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 29: // ADD Eb,Ib 8 memory
        if (aluEvIvM<u8>(rec, effectiveAddress(rec), ALU_ADD) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 30: // ADD Eb,Ib 8 memoryBd
        if (aluEvIvM<u8>(rec, effectiveAddressBd(rec), ALU_ADD) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 31: // ADD Ev,Iz 32 memory
        if (aluEvIvM<u32>(rec, effectiveAddress(rec), ALU_ADD) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 32: // ADD Ev,Iz 32 memoryBd
        if (aluEvIvM<u32>(rec, effectiveAddressBd(rec), ALU_ADD) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 33: // ADD Ev,Iz 64 memory
        if (aluEvIvM<u64>(rec, effectiveAddress(rec), ALU_ADD) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 34: // ADD Ev,Iz 64 memoryBd
        if (aluEvIvM<u64>(rec, effectiveAddressBd(rec), ALU_ADD) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 35: // OR Eb,Gb 8 register
        if (aluEvGvR<u8>(rec, ALU_OR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 36: // OR Eb,Gb 8 memory
        if (aluEvGvM<u8>(rec, effectiveAddress(rec), ALU_OR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 37: // OR Eb,Gb 8 memoryBd
        if (aluEvGvM<u8>(rec, effectiveAddressBd(rec), ALU_OR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 38: // OR Ev,Gv 32 register
        if (aluEvGvR<u32>(rec, ALU_OR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 39: // OR Ev,Gv 32 memory
        if (aluEvGvM<u32>(rec, effectiveAddress(rec), ALU_OR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 40: // OR Ev,Gv 32 memoryBd
        if (aluEvGvM<u32>(rec, effectiveAddressBd(rec), ALU_OR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 41: // OR Ev,Gv 64 register
        if (aluEvGvR<u64>(rec, ALU_OR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 42: // OR Ev,Gv 64 memory
        if (aluEvGvM<u64>(rec, effectiveAddress(rec), ALU_OR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 43: // OR Ev,Gv 64 memoryBd
        if (aluEvGvM<u64>(rec, effectiveAddressBd(rec), ALU_OR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 44: // OR Gb,Eb 8 register
        if (aluGvEvR<u8>(rec, ALU_OR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 45: // OR Gb,Eb 8 memory
        if (aluGvEvM<u8>(rec, effectiveAddress(rec), ALU_OR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 46: // OR Gb,Eb 8 memoryBd
        if (aluGvEvM<u8>(rec, effectiveAddressBd(rec), ALU_OR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 47: // OR Gv,Ev 32 register
        if (aluGvEvR<u32>(rec, ALU_OR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 48: // OR Gv,Ev 32 memory
        if (aluGvEvM<u32>(rec, effectiveAddress(rec), ALU_OR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 49: // OR Gv,Ev 32 memoryBd
        if (aluGvEvM<u32>(rec, effectiveAddressBd(rec), ALU_OR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 50: // OR Gv,Ev 64 register
        if (aluGvEvR<u64>(rec, ALU_OR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 51: // OR Gv,Ev 64 memory
        if (aluGvEvM<u64>(rec, effectiveAddress(rec), ALU_OR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 52: // OR Gv,Ev 64 memoryBd
        if (aluGvEvM<u64>(rec, effectiveAddressBd(rec), ALU_OR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 53: // OR AL,Ib 8 register
        if (aluEvIvR<u8>(rec, ALU_OR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 54: // OR rAX,Iz 32 register
        if (aluEvIvR<u32>(rec, ALU_OR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 55: // OR rAX,Iz 64 register
        if (aluEvIvR<u64>(rec, ALU_OR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 56: // OR Eb,Ib 8 memory
        if (aluEvIvM<u8>(rec, effectiveAddress(rec), ALU_OR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 57: // OR Eb,Ib 8 memoryBd
        if (aluEvIvM<u8>(rec, effectiveAddressBd(rec), ALU_OR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 58: // OR Ev,Iz 32 memory
        if (aluEvIvM<u32>(rec, effectiveAddress(rec), ALU_OR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 59: // OR Ev,Iz 32 memoryBd
        if (aluEvIvM<u32>(rec, effectiveAddressBd(rec), ALU_OR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 60: // OR Ev,Iz 64 memory
        if (aluEvIvM<u64>(rec, effectiveAddress(rec), ALU_OR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 61: // OR Ev,Iz 64 memoryBd
        if (aluEvIvM<u64>(rec, effectiveAddressBd(rec), ALU_OR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 62: // ADC Eb,Gb 8 register
        if (aluEvGvR<u8>(rec, ALU_ADC) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 63: // ADC Eb,Gb 8 memory
        if (aluEvGvM<u8>(rec, effectiveAddress(rec), ALU_ADC) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 64: // ADC Eb,Gb 8 memoryBd
        if (aluEvGvM<u8>(rec, effectiveAddressBd(rec), ALU_ADC) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 65: // ADC Ev,Gv 32 register
        if (aluEvGvR<u32>(rec, ALU_ADC) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 66: // ADC Ev,Gv 32 memory
        if (aluEvGvM<u32>(rec, effectiveAddress(rec), ALU_ADC) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 67: // ADC Ev,Gv 32 memoryBd
        if (aluEvGvM<u32>(rec, effectiveAddressBd(rec), ALU_ADC) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 68: // ADC Ev,Gv 64 register
        if (aluEvGvR<u64>(rec, ALU_ADC) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 69: // ADC Ev,Gv 64 memory
        if (aluEvGvM<u64>(rec, effectiveAddress(rec), ALU_ADC) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 70: // ADC Ev,Gv 64 memoryBd
        if (aluEvGvM<u64>(rec, effectiveAddressBd(rec), ALU_ADC) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 71: // ADC Gb,Eb 8 register
        if (aluGvEvR<u8>(rec, ALU_ADC) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 72: // ADC Gb,Eb 8 memory
        if (aluGvEvM<u8>(rec, effectiveAddress(rec), ALU_ADC) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 73: // ADC Gb,Eb 8 memoryBd
        if (aluGvEvM<u8>(rec, effectiveAddressBd(rec), ALU_ADC) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 74: // ADC Gv,Ev 32 register
        if (aluGvEvR<u32>(rec, ALU_ADC) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 75: // ADC Gv,Ev 32 memory
        if (aluGvEvM<u32>(rec, effectiveAddress(rec), ALU_ADC) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 76: // ADC Gv,Ev 32 memoryBd
        if (aluGvEvM<u32>(rec, effectiveAddressBd(rec), ALU_ADC) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 77: // ADC Gv,Ev 64 register
        if (aluGvEvR<u64>(rec, ALU_ADC) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 78: // ADC Gv,Ev 64 memory
        if (aluGvEvM<u64>(rec, effectiveAddress(rec), ALU_ADC) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 79: // ADC Gv,Ev 64 memoryBd
        if (aluGvEvM<u64>(rec, effectiveAddressBd(rec), ALU_ADC) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 80: // ADC AL,Ib 8 register
        if (aluEvIvR<u8>(rec, ALU_ADC) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 81: // ADC rAX,Iz 32 register
        if (aluEvIvR<u32>(rec, ALU_ADC) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 82: // ADC rAX,Iz 64 register
        if (aluEvIvR<u64>(rec, ALU_ADC) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 83: // ADC Eb,Ib 8 memory
        if (aluEvIvM<u8>(rec, effectiveAddress(rec), ALU_ADC) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 84: // ADC Eb,Ib 8 memoryBd
        if (aluEvIvM<u8>(rec, effectiveAddressBd(rec), ALU_ADC) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 85: // ADC Ev,Iz 32 memory
        if (aluEvIvM<u32>(rec, effectiveAddress(rec), ALU_ADC) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 86: // ADC Ev,Iz 32 memoryBd
        if (aluEvIvM<u32>(rec, effectiveAddressBd(rec), ALU_ADC) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 87: // ADC Ev,Iz 64 memory
        if (aluEvIvM<u64>(rec, effectiveAddress(rec), ALU_ADC) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 88: // ADC Ev,Iz 64 memoryBd
        if (aluEvIvM<u64>(rec, effectiveAddressBd(rec), ALU_ADC) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 89: // SBB Eb,Gb 8 register
        if (aluEvGvR<u8>(rec, ALU_SBB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 90: // SBB Eb,Gb 8 memory
        if (aluEvGvM<u8>(rec, effectiveAddress(rec), ALU_SBB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 91: // SBB Eb,Gb 8 memoryBd
        if (aluEvGvM<u8>(rec, effectiveAddressBd(rec), ALU_SBB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 92: // SBB Ev,Gv 32 register
        if (aluEvGvR<u32>(rec, ALU_SBB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 93: // SBB Ev,Gv 32 memory
        if (aluEvGvM<u32>(rec, effectiveAddress(rec), ALU_SBB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 94: // SBB Ev,Gv 32 memoryBd
        if (aluEvGvM<u32>(rec, effectiveAddressBd(rec), ALU_SBB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 95: // SBB Ev,Gv 64 register
        if (aluEvGvR<u64>(rec, ALU_SBB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 96: // SBB Ev,Gv 64 memory
        if (aluEvGvM<u64>(rec, effectiveAddress(rec), ALU_SBB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 97: // SBB Ev,Gv 64 memoryBd
        if (aluEvGvM<u64>(rec, effectiveAddressBd(rec), ALU_SBB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 98: // SBB Gb,Eb 8 register
        if (aluGvEvR<u8>(rec, ALU_SBB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 99: // SBB Gb,Eb 8 memory
        if (aluGvEvM<u8>(rec, effectiveAddress(rec), ALU_SBB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 100: // SBB Gb,Eb 8 memoryBd
        if (aluGvEvM<u8>(rec, effectiveAddressBd(rec), ALU_SBB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 101: // SBB Gv,Ev 32 register
        if (aluGvEvR<u32>(rec, ALU_SBB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 102: // SBB Gv,Ev 32 memory
        if (aluGvEvM<u32>(rec, effectiveAddress(rec), ALU_SBB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 103: // SBB Gv,Ev 32 memoryBd
        if (aluGvEvM<u32>(rec, effectiveAddressBd(rec), ALU_SBB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 104: // SBB Gv,Ev 64 register
        if (aluGvEvR<u64>(rec, ALU_SBB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 105: // SBB Gv,Ev 64 memory
        if (aluGvEvM<u64>(rec, effectiveAddress(rec), ALU_SBB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 106: // SBB Gv,Ev 64 memoryBd
        if (aluGvEvM<u64>(rec, effectiveAddressBd(rec), ALU_SBB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 107: // SBB AL,Ib 8 register
        if (aluEvIvR<u8>(rec, ALU_SBB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 108: // SBB rAX,Iz 32 register
        if (aluEvIvR<u32>(rec, ALU_SBB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 109: // SBB rAX,Iz 64 register
        if (aluEvIvR<u64>(rec, ALU_SBB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 110: // SBB Eb,Ib 8 memory
        if (aluEvIvM<u8>(rec, effectiveAddress(rec), ALU_SBB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 111: // SBB Eb,Ib 8 memoryBd
        if (aluEvIvM<u8>(rec, effectiveAddressBd(rec), ALU_SBB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 112: // SBB Ev,Iz 32 memory
        if (aluEvIvM<u32>(rec, effectiveAddress(rec), ALU_SBB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 113: // SBB Ev,Iz 32 memoryBd
        if (aluEvIvM<u32>(rec, effectiveAddressBd(rec), ALU_SBB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 114: // SBB Ev,Iz 64 memory
        if (aluEvIvM<u64>(rec, effectiveAddress(rec), ALU_SBB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 115: // SBB Ev,Iz 64 memoryBd
        if (aluEvIvM<u64>(rec, effectiveAddressBd(rec), ALU_SBB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 116: // AND Eb,Gb 8 register
        if (aluEvGvR<u8>(rec, ALU_AND) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 117: // AND Eb,Gb 8 memory
        if (aluEvGvM<u8>(rec, effectiveAddress(rec), ALU_AND) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 118: // AND Eb,Gb 8 memoryBd
        if (aluEvGvM<u8>(rec, effectiveAddressBd(rec), ALU_AND) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 119: // AND Ev,Gv 32 register
        if (aluEvGvR<u32>(rec, ALU_AND) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 120: // AND Ev,Gv 32 memory
        if (aluEvGvM<u32>(rec, effectiveAddress(rec), ALU_AND) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 121: // AND Ev,Gv 32 memoryBd
        if (aluEvGvM<u32>(rec, effectiveAddressBd(rec), ALU_AND) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 122: // AND Ev,Gv 64 register
        if (aluEvGvR<u64>(rec, ALU_AND) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 123: // AND Ev,Gv 64 memory
        if (aluEvGvM<u64>(rec, effectiveAddress(rec), ALU_AND) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 124: // AND Ev,Gv 64 memoryBd
        if (aluEvGvM<u64>(rec, effectiveAddressBd(rec), ALU_AND) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 125: // AND Gb,Eb 8 register
        if (aluGvEvR<u8>(rec, ALU_AND) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 126: // AND Gb,Eb 8 memory
        if (aluGvEvM<u8>(rec, effectiveAddress(rec), ALU_AND) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 127: // AND Gb,Eb 8 memoryBd
        if (aluGvEvM<u8>(rec, effectiveAddressBd(rec), ALU_AND) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 128: // AND Gv,Ev 32 register
        if (aluGvEvR<u32>(rec, ALU_AND) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 129: // AND Gv,Ev 32 memory
        if (aluGvEvM<u32>(rec, effectiveAddress(rec), ALU_AND) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 130: // AND Gv,Ev 32 memoryBd
        if (aluGvEvM<u32>(rec, effectiveAddressBd(rec), ALU_AND) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 131: // AND Gv,Ev 64 register
        if (aluGvEvR<u64>(rec, ALU_AND) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 132: // AND Gv,Ev 64 memory
        if (aluGvEvM<u64>(rec, effectiveAddress(rec), ALU_AND) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 133: // AND Gv,Ev 64 memoryBd
        if (aluGvEvM<u64>(rec, effectiveAddressBd(rec), ALU_AND) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 134: // AND AL,Ib 8 register
        if (aluEvIvR<u8>(rec, ALU_AND) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 135: // AND rAX,Iz 32 register
        if (aluEvIvR<u32>(rec, ALU_AND) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 136: // AND rAX,Iz 64 register
        if (aluEvIvR<u64>(rec, ALU_AND) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 137: // AND Eb,Ib 8 memory
        if (aluEvIvM<u8>(rec, effectiveAddress(rec), ALU_AND) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 138: // AND Eb,Ib 8 memoryBd
        if (aluEvIvM<u8>(rec, effectiveAddressBd(rec), ALU_AND) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 139: // AND Ev,Iz 32 memory
        if (aluEvIvM<u32>(rec, effectiveAddress(rec), ALU_AND) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 140: // AND Ev,Iz 32 memoryBd
        if (aluEvIvM<u32>(rec, effectiveAddressBd(rec), ALU_AND) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 141: // AND Ev,Iz 64 memory
        if (aluEvIvM<u64>(rec, effectiveAddress(rec), ALU_AND) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 142: // AND Ev,Iz 64 memoryBd
        if (aluEvIvM<u64>(rec, effectiveAddressBd(rec), ALU_AND) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 143: // SUB Eb,Gb 8 register
        if (aluEvGvR<u8>(rec, ALU_SUB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 144: // SUB Eb,Gb 8 memory
        if (aluEvGvM<u8>(rec, effectiveAddress(rec), ALU_SUB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 145: // SUB Eb,Gb 8 memoryBd
        if (aluEvGvM<u8>(rec, effectiveAddressBd(rec), ALU_SUB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 146: // SUB Ev,Gv 32 register
        if (aluEvGvR<u32>(rec, ALU_SUB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 147: // SUB Ev,Gv 32 memory
        if (aluEvGvM<u32>(rec, effectiveAddress(rec), ALU_SUB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 148: // SUB Ev,Gv 32 memoryBd
        if (aluEvGvM<u32>(rec, effectiveAddressBd(rec), ALU_SUB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 149: // SUB Ev,Gv 64 register
        if (aluEvGvR<u64>(rec, ALU_SUB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 150: // SUB Ev,Gv 64 memory
        if (aluEvGvM<u64>(rec, effectiveAddress(rec), ALU_SUB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 151: // SUB Ev,Gv 64 memoryBd
        if (aluEvGvM<u64>(rec, effectiveAddressBd(rec), ALU_SUB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 152: // SUB Gb,Eb 8 register
        if (aluGvEvR<u8>(rec, ALU_SUB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 153: // SUB Gb,Eb 8 memory
        if (aluGvEvM<u8>(rec, effectiveAddress(rec), ALU_SUB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 154: // SUB Gb,Eb 8 memoryBd
        if (aluGvEvM<u8>(rec, effectiveAddressBd(rec), ALU_SUB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 155: // SUB Gv,Ev 32 register
        if (aluGvEvR<u32>(rec, ALU_SUB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 156: // SUB Gv,Ev 32 memory
        if (aluGvEvM<u32>(rec, effectiveAddress(rec), ALU_SUB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 157: // SUB Gv,Ev 32 memoryBd
        if (aluGvEvM<u32>(rec, effectiveAddressBd(rec), ALU_SUB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 158: // SUB Gv,Ev 64 register
        if (aluGvEvR<u64>(rec, ALU_SUB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 159: // SUB Gv,Ev 64 memory
        if (aluGvEvM<u64>(rec, effectiveAddress(rec), ALU_SUB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 160: // SUB Gv,Ev 64 memoryBd
        if (aluGvEvM<u64>(rec, effectiveAddressBd(rec), ALU_SUB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 161: // SUB AL,Ib 8 register
        if (aluEvIvR<u8>(rec, ALU_SUB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 162: // SUB rAX,Iz 32 register
        if (aluEvIvR<u32>(rec, ALU_SUB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 163: // SUB rAX,Iz 64 register
        if (aluEvIvR<u64>(rec, ALU_SUB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 164: // SUB Eb,Ib 8 memory
        if (aluEvIvM<u8>(rec, effectiveAddress(rec), ALU_SUB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 165: // SUB Eb,Ib 8 memoryBd
        if (aluEvIvM<u8>(rec, effectiveAddressBd(rec), ALU_SUB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 166: // SUB Ev,Iz 32 memory
        if (aluEvIvM<u32>(rec, effectiveAddress(rec), ALU_SUB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 167: // SUB Ev,Iz 32 memoryBd
        if (aluEvIvM<u32>(rec, effectiveAddressBd(rec), ALU_SUB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 168: // SUB Ev,Iz 64 memory
        if (aluEvIvM<u64>(rec, effectiveAddress(rec), ALU_SUB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 169: // SUB Ev,Iz 64 memoryBd
        if (aluEvIvM<u64>(rec, effectiveAddressBd(rec), ALU_SUB) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 170: // XOR Eb,Gb 8 register
        if (aluEvGvR<u8>(rec, ALU_XOR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 171: // XOR Eb,Gb 8 memory
        if (aluEvGvM<u8>(rec, effectiveAddress(rec), ALU_XOR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 172: // XOR Eb,Gb 8 memoryBd
        if (aluEvGvM<u8>(rec, effectiveAddressBd(rec), ALU_XOR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 173: // XOR Ev,Gv 32 register
        if (aluEvGvR<u32>(rec, ALU_XOR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 174: // XOR Ev,Gv 32 memory
        if (aluEvGvM<u32>(rec, effectiveAddress(rec), ALU_XOR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 175: // XOR Ev,Gv 32 memoryBd
        if (aluEvGvM<u32>(rec, effectiveAddressBd(rec), ALU_XOR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 176: // XOR Ev,Gv 64 register
        if (aluEvGvR<u64>(rec, ALU_XOR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 177: // XOR Ev,Gv 64 memory
        if (aluEvGvM<u64>(rec, effectiveAddress(rec), ALU_XOR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 178: // XOR Ev,Gv 64 memoryBd
        if (aluEvGvM<u64>(rec, effectiveAddressBd(rec), ALU_XOR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 179: // XOR Gb,Eb 8 register
        if (aluGvEvR<u8>(rec, ALU_XOR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 180: // XOR Gb,Eb 8 memory
        if (aluGvEvM<u8>(rec, effectiveAddress(rec), ALU_XOR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 181: // XOR Gb,Eb 8 memoryBd
        if (aluGvEvM<u8>(rec, effectiveAddressBd(rec), ALU_XOR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 182: // XOR Gv,Ev 32 register
        if (aluGvEvR<u32>(rec, ALU_XOR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 183: // XOR Gv,Ev 32 memory
        if (aluGvEvM<u32>(rec, effectiveAddress(rec), ALU_XOR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 184: // XOR Gv,Ev 32 memoryBd
        if (aluGvEvM<u32>(rec, effectiveAddressBd(rec), ALU_XOR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 185: // XOR Gv,Ev 64 register
        if (aluGvEvR<u64>(rec, ALU_XOR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 186: // XOR Gv,Ev 64 memory
        if (aluGvEvM<u64>(rec, effectiveAddress(rec), ALU_XOR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 187: // XOR Gv,Ev 64 memoryBd
        if (aluGvEvM<u64>(rec, effectiveAddressBd(rec), ALU_XOR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 188: // XOR AL,Ib 8 register
        if (aluEvIvR<u8>(rec, ALU_XOR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 189: // XOR rAX,Iz 32 register
        if (aluEvIvR<u32>(rec, ALU_XOR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 190: // XOR rAX,Iz 64 register
        if (aluEvIvR<u64>(rec, ALU_XOR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 191: // XOR Eb,Ib 8 memory
        if (aluEvIvM<u8>(rec, effectiveAddress(rec), ALU_XOR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 192: // XOR Eb,Ib 8 memoryBd
        if (aluEvIvM<u8>(rec, effectiveAddressBd(rec), ALU_XOR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 193: // XOR Ev,Iz 32 memory
        if (aluEvIvM<u32>(rec, effectiveAddress(rec), ALU_XOR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 194: // XOR Ev,Iz 32 memoryBd
        if (aluEvIvM<u32>(rec, effectiveAddressBd(rec), ALU_XOR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 195: // XOR Ev,Iz 64 memory
        if (aluEvIvM<u64>(rec, effectiveAddress(rec), ALU_XOR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 196: // XOR Ev,Iz 64 memoryBd
        if (aluEvIvM<u64>(rec, effectiveAddressBd(rec), ALU_XOR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 197: // CMP Eb,Gb 8 register
        if (aluEvGvR<u8>(rec, ALU_CMP) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 198: // CMP Eb,Gb 8 memory
        if (aluEvGvM<u8>(rec, effectiveAddress(rec), ALU_CMP) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 199: // CMP Eb,Gb 8 memoryBd
        if (aluEvGvM<u8>(rec, effectiveAddressBd(rec), ALU_CMP) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 200: // CMP Ev,Gv 32 register
        if (aluEvGvR<u32>(rec, ALU_CMP) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 201: // CMP Ev,Gv 32 memory
        if (aluEvGvM<u32>(rec, effectiveAddress(rec), ALU_CMP) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 202: // CMP Ev,Gv 32 memoryBd
        if (aluEvGvM<u32>(rec, effectiveAddressBd(rec), ALU_CMP) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 203: // CMP Ev,Gv 64 register
        if (aluEvGvR<u64>(rec, ALU_CMP) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 204: // CMP Ev,Gv 64 memory
        if (aluEvGvM<u64>(rec, effectiveAddress(rec), ALU_CMP) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 205: // CMP Ev,Gv 64 memoryBd
        if (aluEvGvM<u64>(rec, effectiveAddressBd(rec), ALU_CMP) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 206: // CMP Gb,Eb 8 register
        if (aluGvEvR<u8>(rec, ALU_CMP) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 207: // CMP Gb,Eb 8 memory
        if (aluGvEvM<u8>(rec, effectiveAddress(rec), ALU_CMP) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 208: // CMP Gb,Eb 8 memoryBd
        if (aluGvEvM<u8>(rec, effectiveAddressBd(rec), ALU_CMP) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 209: // CMP Gv,Ev 32 register
        if (aluGvEvR<u32>(rec, ALU_CMP) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 210: // CMP Gv,Ev 32 memory
        if (aluGvEvM<u32>(rec, effectiveAddress(rec), ALU_CMP) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 211: // CMP Gv,Ev 32 memoryBd
        if (aluGvEvM<u32>(rec, effectiveAddressBd(rec), ALU_CMP) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 212: // CMP Gv,Ev 64 register
        if (aluGvEvR<u64>(rec, ALU_CMP) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 213: // CMP Gv,Ev 64 memory
        if (aluGvEvM<u64>(rec, effectiveAddress(rec), ALU_CMP) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 214: // CMP Gv,Ev 64 memoryBd
        if (aluGvEvM<u64>(rec, effectiveAddressBd(rec), ALU_CMP) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 215: // CMP AL,Ib 8 register
        if (aluEvIvR<u8>(rec, ALU_CMP) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 216: // CMP rAX,Iz 32 register
        if (aluEvIvR<u32>(rec, ALU_CMP) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 217: // CMP rAX,Iz 64 register
        if (aluEvIvR<u64>(rec, ALU_CMP) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 218: // CMP Eb,Ib 8 memory
        if (aluEvIvM<u8>(rec, effectiveAddress(rec), ALU_CMP) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 219: // CMP Eb,Ib 8 memoryBd
        if (aluEvIvM<u8>(rec, effectiveAddressBd(rec), ALU_CMP) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 220: // CMP Ev,Iz 32 memory
        if (aluEvIvM<u32>(rec, effectiveAddress(rec), ALU_CMP) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 221: // CMP Ev,Iz 32 memoryBd
        if (aluEvIvM<u32>(rec, effectiveAddressBd(rec), ALU_CMP) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 222: // CMP Ev,Iz 64 memory
        if (aluEvIvM<u64>(rec, effectiveAddress(rec), ALU_CMP) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 223: // CMP Ev,Iz 64 memoryBd
        if (aluEvIvM<u64>(rec, effectiveAddressBd(rec), ALU_CMP) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 224: // ROL Ev,Ib 32 register
        if (shiftEvIbR<u32>(rec, SHIFT_ROL) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 225: // ROL Ev,Ib 32 memory
        if (shiftEvIbM<u32>(rec, effectiveAddress(rec), SHIFT_ROL) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 226: // ROL Ev,Ib 64 register
        if (shiftEvIbR<u64>(rec, SHIFT_ROL) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 227: // ROL Ev,Ib 64 memory
        if (shiftEvIbM<u64>(rec, effectiveAddress(rec), SHIFT_ROL) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 228: // ROL Ev,1 32 register
        if (shiftEv1R<u32>(rec, SHIFT_ROL) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 229: // ROL Ev,1 32 memory
        if (shiftEv1M<u32>(rec, effectiveAddress(rec), SHIFT_ROL) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 230: // ROL Ev,1 64 register
        if (shiftEv1R<u64>(rec, SHIFT_ROL) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 231: // ROL Ev,1 64 memory
        if (shiftEv1M<u64>(rec, effectiveAddress(rec), SHIFT_ROL) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 232: // ROL Ev,CL 32 register
        if (shiftEvCLR<u32>(rec, SHIFT_ROL) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 233: // ROL Ev,CL 32 memory
        if (shiftEvCLM<u32>(rec, effectiveAddress(rec), SHIFT_ROL) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 234: // ROL Ev,CL 64 register
        if (shiftEvCLR<u64>(rec, SHIFT_ROL) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 235: // ROL Ev,CL 64 memory
        if (shiftEvCLM<u64>(rec, effectiveAddress(rec), SHIFT_ROL) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 236: // ROR Ev,Ib 32 register
        if (shiftEvIbR<u32>(rec, SHIFT_ROR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 237: // ROR Ev,Ib 32 memory
        if (shiftEvIbM<u32>(rec, effectiveAddress(rec), SHIFT_ROR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 238: // ROR Ev,Ib 64 register
        if (shiftEvIbR<u64>(rec, SHIFT_ROR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 239: // ROR Ev,Ib 64 memory
        if (shiftEvIbM<u64>(rec, effectiveAddress(rec), SHIFT_ROR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 240: // ROR Ev,1 32 register
        if (shiftEv1R<u32>(rec, SHIFT_ROR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 241: // ROR Ev,1 32 memory
        if (shiftEv1M<u32>(rec, effectiveAddress(rec), SHIFT_ROR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 242: // ROR Ev,1 64 register
        if (shiftEv1R<u64>(rec, SHIFT_ROR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 243: // ROR Ev,1 64 memory
        if (shiftEv1M<u64>(rec, effectiveAddress(rec), SHIFT_ROR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 244: // ROR Ev,CL 32 register
        if (shiftEvCLR<u32>(rec, SHIFT_ROR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 245: // ROR Ev,CL 32 memory
        if (shiftEvCLM<u32>(rec, effectiveAddress(rec), SHIFT_ROR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 246: // ROR Ev,CL 64 register
        if (shiftEvCLR<u64>(rec, SHIFT_ROR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 247: // ROR Ev,CL 64 memory
        if (shiftEvCLM<u64>(rec, effectiveAddress(rec), SHIFT_ROR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 248: // SHL Ev,Ib 32 register
        if (shiftEvIbR<u32>(rec, SHIFT_SHL) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 249: // SHL Ev,Ib 32 memory
        if (shiftEvIbM<u32>(rec, effectiveAddress(rec), SHIFT_SHL) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 250: // SHL Ev,Ib 64 register
        if (shiftEvIbR<u64>(rec, SHIFT_SHL) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 251: // SHL Ev,Ib 64 memory
        if (shiftEvIbM<u64>(rec, effectiveAddress(rec), SHIFT_SHL) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 252: // SHL Ev,1 32 register
        if (shiftEv1R<u32>(rec, SHIFT_SHL) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 253: // SHL Ev,1 32 memory
        if (shiftEv1M<u32>(rec, effectiveAddress(rec), SHIFT_SHL) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 254: // SHL Ev,1 64 register
        if (shiftEv1R<u64>(rec, SHIFT_SHL) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 255: // SHL Ev,1 64 memory
        if (shiftEv1M<u64>(rec, effectiveAddress(rec), SHIFT_SHL) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 256: // SHL Ev,CL 32 register
        if (shiftEvCLR<u32>(rec, SHIFT_SHL) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 257: // SHL Ev,CL 32 memory
        if (shiftEvCLM<u32>(rec, effectiveAddress(rec), SHIFT_SHL) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 258: // SHL Ev,CL 64 register
        if (shiftEvCLR<u64>(rec, SHIFT_SHL) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 259: // SHL Ev,CL 64 memory
        if (shiftEvCLM<u64>(rec, effectiveAddress(rec), SHIFT_SHL) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 260: // SHR Ev,Ib 32 register
        if (shiftEvIbR<u32>(rec, SHIFT_SHR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 261: // SHR Ev,Ib 32 memory
        if (shiftEvIbM<u32>(rec, effectiveAddress(rec), SHIFT_SHR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 262: // SHR Ev,Ib 64 register
        if (shiftEvIbR<u64>(rec, SHIFT_SHR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 263: // SHR Ev,Ib 64 memory
        if (shiftEvIbM<u64>(rec, effectiveAddress(rec), SHIFT_SHR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 264: // SHR Ev,1 32 register
        if (shiftEv1R<u32>(rec, SHIFT_SHR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 265: // SHR Ev,1 32 memory
        if (shiftEv1M<u32>(rec, effectiveAddress(rec), SHIFT_SHR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 266: // SHR Ev,1 64 register
        if (shiftEv1R<u64>(rec, SHIFT_SHR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 267: // SHR Ev,1 64 memory
        if (shiftEv1M<u64>(rec, effectiveAddress(rec), SHIFT_SHR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 268: // SHR Ev,CL 32 register
        if (shiftEvCLR<u32>(rec, SHIFT_SHR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 269: // SHR Ev,CL 32 memory
        if (shiftEvCLM<u32>(rec, effectiveAddress(rec), SHIFT_SHR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 270: // SHR Ev,CL 64 register
        if (shiftEvCLR<u64>(rec, SHIFT_SHR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 271: // SHR Ev,CL 64 memory
        if (shiftEvCLM<u64>(rec, effectiveAddress(rec), SHIFT_SHR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 272: // SAR Ev,Ib 32 register
        if (shiftEvIbR<u32>(rec, SHIFT_SAR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 273: // SAR Ev,Ib 32 memory
        if (shiftEvIbM<u32>(rec, effectiveAddress(rec), SHIFT_SAR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 274: // SAR Ev,Ib 64 register
        if (shiftEvIbR<u64>(rec, SHIFT_SAR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 275: // SAR Ev,Ib 64 memory
        if (shiftEvIbM<u64>(rec, effectiveAddress(rec), SHIFT_SAR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 276: // SAR Ev,1 32 register
        if (shiftEv1R<u32>(rec, SHIFT_SAR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 277: // SAR Ev,1 32 memory
        if (shiftEv1M<u32>(rec, effectiveAddress(rec), SHIFT_SAR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 278: // SAR Ev,1 64 register
        if (shiftEv1R<u64>(rec, SHIFT_SAR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 279: // SAR Ev,1 64 memory
        if (shiftEv1M<u64>(rec, effectiveAddress(rec), SHIFT_SAR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 280: // SAR Ev,CL 32 register
        if (shiftEvCLR<u32>(rec, SHIFT_SAR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 281: // SAR Ev,CL 32 memory
        if (shiftEvCLM<u32>(rec, effectiveAddress(rec), SHIFT_SAR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 282: // SAR Ev,CL 64 register
        if (shiftEvCLR<u64>(rec, SHIFT_SAR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 283: // SAR Ev,CL 64 memory
        if (shiftEvCLM<u64>(rec, effectiveAddress(rec), SHIFT_SAR) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 284: // JO Jb
        if (conditionO() == 0) {
          rec += REC_BYTES;
          continue;
        }
        break;
      case 285: // CMOVO Gv,Ev 32 register
        if (cmovGvEvR<u32>(rec, conditionO()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 286: // CMOVO Gv,Ev 32 memory
        if (cmovGvEvM<u32>(rec, effectiveAddress(rec), conditionO()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 287: // CMOVO Gv,Ev 64 register
        if (cmovGvEvR<u64>(rec, conditionO()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 288: // CMOVO Gv,Ev 64 memory
        if (cmovGvEvM<u64>(rec, effectiveAddress(rec), conditionO()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 289: // SETO Eb register
        if (setccEbR(rec, conditionO()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 290: // SETO Eb memory
        if (setccEbM(rec, effectiveAddress(rec), conditionO()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 291: // JNO Jb
        if (conditionNO() == 0) {
          rec += REC_BYTES;
          continue;
        }
        break;
      case 292: // CMOVNO Gv,Ev 32 register
        if (cmovGvEvR<u32>(rec, conditionNO()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 293: // CMOVNO Gv,Ev 32 memory
        if (cmovGvEvM<u32>(rec, effectiveAddress(rec), conditionNO()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 294: // CMOVNO Gv,Ev 64 register
        if (cmovGvEvR<u64>(rec, conditionNO()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 295: // CMOVNO Gv,Ev 64 memory
        if (cmovGvEvM<u64>(rec, effectiveAddress(rec), conditionNO()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 296: // SETNO Eb register
        if (setccEbR(rec, conditionNO()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 297: // SETNO Eb memory
        if (setccEbM(rec, effectiveAddress(rec), conditionNO()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 298: // JB Jb
        if (conditionB() == 0) {
          rec += REC_BYTES;
          continue;
        }
        break;
      case 299: // CMOVB Gv,Ev 32 register
        if (cmovGvEvR<u32>(rec, conditionB()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 300: // CMOVB Gv,Ev 32 memory
        if (cmovGvEvM<u32>(rec, effectiveAddress(rec), conditionB()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 301: // CMOVB Gv,Ev 64 register
        if (cmovGvEvR<u64>(rec, conditionB()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 302: // CMOVB Gv,Ev 64 memory
        if (cmovGvEvM<u64>(rec, effectiveAddress(rec), conditionB()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 303: // SETB Eb register
        if (setccEbR(rec, conditionB()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 304: // SETB Eb memory
        if (setccEbM(rec, effectiveAddress(rec), conditionB()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 305: // JNB Jb
        if (conditionNB() == 0) {
          rec += REC_BYTES;
          continue;
        }
        break;
      case 306: // CMOVNB Gv,Ev 32 register
        if (cmovGvEvR<u32>(rec, conditionNB()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 307: // CMOVNB Gv,Ev 32 memory
        if (cmovGvEvM<u32>(rec, effectiveAddress(rec), conditionNB()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 308: // CMOVNB Gv,Ev 64 register
        if (cmovGvEvR<u64>(rec, conditionNB()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 309: // CMOVNB Gv,Ev 64 memory
        if (cmovGvEvM<u64>(rec, effectiveAddress(rec), conditionNB()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 310: // SETNB Eb register
        if (setccEbR(rec, conditionNB()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 311: // SETNB Eb memory
        if (setccEbM(rec, effectiveAddress(rec), conditionNB()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 312: // JZ Jb
        if (conditionZ() == 0) {
          rec += REC_BYTES;
          continue;
        }
        break;
      case 313: // CMOVZ Gv,Ev 32 register
        if (cmovGvEvR<u32>(rec, conditionZ()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 314: // CMOVZ Gv,Ev 32 memory
        if (cmovGvEvM<u32>(rec, effectiveAddress(rec), conditionZ()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 315: // CMOVZ Gv,Ev 64 register
        if (cmovGvEvR<u64>(rec, conditionZ()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 316: // CMOVZ Gv,Ev 64 memory
        if (cmovGvEvM<u64>(rec, effectiveAddress(rec), conditionZ()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 317: // SETZ Eb register
        if (setccEbR(rec, conditionZ()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 318: // SETZ Eb memory
        if (setccEbM(rec, effectiveAddress(rec), conditionZ()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 319: // JNZ Jb
        if (conditionNZ() == 0) {
          rec += REC_BYTES;
          continue;
        }
        break;
      case 320: // CMOVNZ Gv,Ev 32 register
        if (cmovGvEvR<u32>(rec, conditionNZ()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 321: // CMOVNZ Gv,Ev 32 memory
        if (cmovGvEvM<u32>(rec, effectiveAddress(rec), conditionNZ()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 322: // CMOVNZ Gv,Ev 64 register
        if (cmovGvEvR<u64>(rec, conditionNZ()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 323: // CMOVNZ Gv,Ev 64 memory
        if (cmovGvEvM<u64>(rec, effectiveAddress(rec), conditionNZ()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 324: // SETNZ Eb register
        if (setccEbR(rec, conditionNZ()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 325: // SETNZ Eb memory
        if (setccEbM(rec, effectiveAddress(rec), conditionNZ()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 326: // JBE Jb
        if (conditionBE() == 0) {
          rec += REC_BYTES;
          continue;
        }
        break;
      case 327: // CMOVBE Gv,Ev 32 register
        if (cmovGvEvR<u32>(rec, conditionBE()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 328: // CMOVBE Gv,Ev 32 memory
        if (cmovGvEvM<u32>(rec, effectiveAddress(rec), conditionBE()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 329: // CMOVBE Gv,Ev 64 register
        if (cmovGvEvR<u64>(rec, conditionBE()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 330: // CMOVBE Gv,Ev 64 memory
        if (cmovGvEvM<u64>(rec, effectiveAddress(rec), conditionBE()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 331: // SETBE Eb register
        if (setccEbR(rec, conditionBE()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 332: // SETBE Eb memory
        if (setccEbM(rec, effectiveAddress(rec), conditionBE()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 333: // JNBE Jb
        if (conditionNBE() == 0) {
          rec += REC_BYTES;
          continue;
        }
        break;
      case 334: // CMOVNBE Gv,Ev 32 register
        if (cmovGvEvR<u32>(rec, conditionNBE()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 335: // CMOVNBE Gv,Ev 32 memory
        if (cmovGvEvM<u32>(rec, effectiveAddress(rec), conditionNBE()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 336: // CMOVNBE Gv,Ev 64 register
        if (cmovGvEvR<u64>(rec, conditionNBE()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 337: // CMOVNBE Gv,Ev 64 memory
        if (cmovGvEvM<u64>(rec, effectiveAddress(rec), conditionNBE()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 338: // SETNBE Eb register
        if (setccEbR(rec, conditionNBE()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 339: // SETNBE Eb memory
        if (setccEbM(rec, effectiveAddress(rec), conditionNBE()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 340: // JS Jb
        if (conditionS() == 0) {
          rec += REC_BYTES;
          continue;
        }
        break;
      case 341: // CMOVS Gv,Ev 32 register
        if (cmovGvEvR<u32>(rec, conditionS()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 342: // CMOVS Gv,Ev 32 memory
        if (cmovGvEvM<u32>(rec, effectiveAddress(rec), conditionS()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 343: // CMOVS Gv,Ev 64 register
        if (cmovGvEvR<u64>(rec, conditionS()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 344: // CMOVS Gv,Ev 64 memory
        if (cmovGvEvM<u64>(rec, effectiveAddress(rec), conditionS()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 345: // SETS Eb register
        if (setccEbR(rec, conditionS()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 346: // SETS Eb memory
        if (setccEbM(rec, effectiveAddress(rec), conditionS()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 347: // JNS Jb
        if (conditionNS() == 0) {
          rec += REC_BYTES;
          continue;
        }
        break;
      case 348: // CMOVNS Gv,Ev 32 register
        if (cmovGvEvR<u32>(rec, conditionNS()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 349: // CMOVNS Gv,Ev 32 memory
        if (cmovGvEvM<u32>(rec, effectiveAddress(rec), conditionNS()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 350: // CMOVNS Gv,Ev 64 register
        if (cmovGvEvR<u64>(rec, conditionNS()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 351: // CMOVNS Gv,Ev 64 memory
        if (cmovGvEvM<u64>(rec, effectiveAddress(rec), conditionNS()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 352: // SETNS Eb register
        if (setccEbR(rec, conditionNS()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 353: // SETNS Eb memory
        if (setccEbM(rec, effectiveAddress(rec), conditionNS()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 354: // JP Jb
        if (conditionP() == 0) {
          rec += REC_BYTES;
          continue;
        }
        break;
      case 355: // CMOVP Gv,Ev 32 register
        if (cmovGvEvR<u32>(rec, conditionP()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 356: // CMOVP Gv,Ev 32 memory
        if (cmovGvEvM<u32>(rec, effectiveAddress(rec), conditionP()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 357: // CMOVP Gv,Ev 64 register
        if (cmovGvEvR<u64>(rec, conditionP()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 358: // CMOVP Gv,Ev 64 memory
        if (cmovGvEvM<u64>(rec, effectiveAddress(rec), conditionP()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 359: // SETP Eb register
        if (setccEbR(rec, conditionP()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 360: // SETP Eb memory
        if (setccEbM(rec, effectiveAddress(rec), conditionP()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 361: // JNP Jb
        if (conditionNP() == 0) {
          rec += REC_BYTES;
          continue;
        }
        break;
      case 362: // CMOVNP Gv,Ev 32 register
        if (cmovGvEvR<u32>(rec, conditionNP()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 363: // CMOVNP Gv,Ev 32 memory
        if (cmovGvEvM<u32>(rec, effectiveAddress(rec), conditionNP()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 364: // CMOVNP Gv,Ev 64 register
        if (cmovGvEvR<u64>(rec, conditionNP()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 365: // CMOVNP Gv,Ev 64 memory
        if (cmovGvEvM<u64>(rec, effectiveAddress(rec), conditionNP()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 366: // SETNP Eb register
        if (setccEbR(rec, conditionNP()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 367: // SETNP Eb memory
        if (setccEbM(rec, effectiveAddress(rec), conditionNP()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 368: // JL Jb
        if (conditionL() == 0) {
          rec += REC_BYTES;
          continue;
        }
        break;
      case 369: // CMOVL Gv,Ev 32 register
        if (cmovGvEvR<u32>(rec, conditionL()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 370: // CMOVL Gv,Ev 32 memory
        if (cmovGvEvM<u32>(rec, effectiveAddress(rec), conditionL()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 371: // CMOVL Gv,Ev 64 register
        if (cmovGvEvR<u64>(rec, conditionL()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 372: // CMOVL Gv,Ev 64 memory
        if (cmovGvEvM<u64>(rec, effectiveAddress(rec), conditionL()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 373: // SETL Eb register
        if (setccEbR(rec, conditionL()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 374: // SETL Eb memory
        if (setccEbM(rec, effectiveAddress(rec), conditionL()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 375: // JNL Jb
        if (conditionNL() == 0) {
          rec += REC_BYTES;
          continue;
        }
        break;
      case 376: // CMOVNL Gv,Ev 32 register
        if (cmovGvEvR<u32>(rec, conditionNL()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 377: // CMOVNL Gv,Ev 32 memory
        if (cmovGvEvM<u32>(rec, effectiveAddress(rec), conditionNL()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 378: // CMOVNL Gv,Ev 64 register
        if (cmovGvEvR<u64>(rec, conditionNL()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 379: // CMOVNL Gv,Ev 64 memory
        if (cmovGvEvM<u64>(rec, effectiveAddress(rec), conditionNL()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 380: // SETNL Eb register
        if (setccEbR(rec, conditionNL()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 381: // SETNL Eb memory
        if (setccEbM(rec, effectiveAddress(rec), conditionNL()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 382: // JLE Jb
        if (conditionLE() == 0) {
          rec += REC_BYTES;
          continue;
        }
        break;
      case 383: // CMOVLE Gv,Ev 32 register
        if (cmovGvEvR<u32>(rec, conditionLE()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 384: // CMOVLE Gv,Ev 32 memory
        if (cmovGvEvM<u32>(rec, effectiveAddress(rec), conditionLE()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 385: // CMOVLE Gv,Ev 64 register
        if (cmovGvEvR<u64>(rec, conditionLE()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 386: // CMOVLE Gv,Ev 64 memory
        if (cmovGvEvM<u64>(rec, effectiveAddress(rec), conditionLE()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 387: // SETLE Eb register
        if (setccEbR(rec, conditionLE()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 388: // SETLE Eb memory
        if (setccEbM(rec, effectiveAddress(rec), conditionLE()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 389: // JNLE Jb
        if (conditionNLE() == 0) {
          rec += REC_BYTES;
          continue;
        }
        break;
      case 390: // CMOVNLE Gv,Ev 32 register
        if (cmovGvEvR<u32>(rec, conditionNLE()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 391: // CMOVNLE Gv,Ev 32 memory
        if (cmovGvEvM<u32>(rec, effectiveAddress(rec), conditionNLE()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 392: // CMOVNLE Gv,Ev 64 register
        if (cmovGvEvR<u64>(rec, conditionNLE()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 393: // CMOVNLE Gv,Ev 64 memory
        if (cmovGvEvM<u64>(rec, effectiveAddress(rec), conditionNLE()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 394: // SETNLE Eb register
        if (setccEbR(rec, conditionNLE()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 395: // SETNLE Eb memory
        if (setccEbM(rec, effectiveAddress(rec), conditionNLE()) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 396: // MOV Eb,Gb 8 register
        if (movEvGvR<u8>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 397: // MOV Eb,Gb 8 memory
        if (movEvGvM<u8>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 398: // MOV Eb,Gb 8 memoryBd
        if (movEvGvM<u8>(rec, effectiveAddressBd(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 399: // MOV Ev,Gv 32 register
        if (movEvGvR<u32>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 400: // MOV Ev,Gv 32 memory
        if (movEvGvM<u32>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 401: // MOV Ev,Gv 32 memoryBd
        if (movEvGvM<u32>(rec, effectiveAddressBd(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 402: // MOV Ev,Gv 64 register
        if (movEvGvR<u64>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 403: // MOV Ev,Gv 64 memory
        if (movEvGvM<u64>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 404: // MOV Ev,Gv 64 memoryBd
        if (movEvGvM<u64>(rec, effectiveAddressBd(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 405: // MOV Gb,Eb 8 register
        if (movGvEvR<u8>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 406: // MOV Gb,Eb 8 memory
        if (movGvEvM<u8>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 407: // MOV Gb,Eb 8 memoryBd
        if (movGvEvM<u8>(rec, effectiveAddressBd(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 408: // MOV Gv,Ev 32 register
        if (movGvEvR<u32>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 409: // MOV Gv,Ev 32 memory
        if (movGvEvM<u32>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 410: // MOV Gv,Ev 32 memoryBd
        if (movGvEvM<u32>(rec, effectiveAddressBd(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 411: // MOV Gv,Ev 64 register
        if (movGvEvR<u64>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 412: // MOV Gv,Ev 64 memory
        if (movGvEvM<u64>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 413: // MOV Gv,Ev 64 memoryBd
        if (movGvEvM<u64>(rec, effectiveAddressBd(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 414: // MOV Zb,Ib 8 register
        if (movEvIvR<u8>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 415: // MOV Zv,Iv 32 register
        if (movEvIvR<u32>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 416: // MOV Zv,Iv 64 register
        if (movEvIvR<u64>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 417: // MOV Eb,Ib 8 memory
        if (movEvIvM<u8>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 418: // MOV Eb,Ib 8 memoryBd
        if (movEvIvM<u8>(rec, effectiveAddressBd(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 419: // MOV Ev,Iz 32 memory
        if (movEvIvM<u32>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 420: // MOV Ev,Iz 32 memoryBd
        if (movEvIvM<u32>(rec, effectiveAddressBd(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 421: // MOV Ev,Iz 64 memory
        if (movEvIvM<u64>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 422: // MOV Ev,Iz 64 memoryBd
        if (movEvIvM<u64>(rec, effectiveAddressBd(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 423: // MOVZX Gv,Eb 32 register
        if (movzxGvEbR<u32>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 424: // MOVZX Gv,Eb 32 memory
        if (movzxGvEbM<u32>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 425: // MOVZX Gv,Eb 32 memoryBd
        if (movzxGvEbM<u32>(rec, effectiveAddressBd(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 426: // MOVZX Gv,Eb 64 register
        if (movzxGvEbR<u64>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 427: // MOVZX Gv,Eb 64 memory
        if (movzxGvEbM<u64>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 428: // MOVZX Gv,Eb 64 memoryBd
        if (movzxGvEbM<u64>(rec, effectiveAddressBd(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 429: // MOVZX Gv,Ew 32 register
        if (movzxGvEwR<u32>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 430: // MOVZX Gv,Ew 32 memory
        if (movzxGvEwM<u32>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 431: // MOVZX Gv,Ew 32 memoryBd
        if (movzxGvEwM<u32>(rec, effectiveAddressBd(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 432: // MOVZX Gv,Ew 64 register
        if (movzxGvEwR<u64>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 433: // MOVZX Gv,Ew 64 memory
        if (movzxGvEwM<u64>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 434: // MOVZX Gv,Ew 64 memoryBd
        if (movzxGvEwM<u64>(rec, effectiveAddressBd(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 435: // MOVSX Gv,Eb 32 register
        if (movsxGvEbR<u32>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 436: // MOVSX Gv,Eb 32 memory
        if (movsxGvEbM<u32>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 437: // MOVSX Gv,Eb 32 memoryBd
        if (movsxGvEbM<u32>(rec, effectiveAddressBd(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 438: // MOVSX Gv,Eb 64 register
        if (movsxGvEbR<u64>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 439: // MOVSX Gv,Eb 64 memory
        if (movsxGvEbM<u64>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 440: // MOVSX Gv,Eb 64 memoryBd
        if (movsxGvEbM<u64>(rec, effectiveAddressBd(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 441: // MOVSX Gv,Ew 32 register
        if (movsxGvEwR<u32>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 442: // MOVSX Gv,Ew 32 memory
        if (movsxGvEwM<u32>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 443: // MOVSX Gv,Ew 32 memoryBd
        if (movsxGvEwM<u32>(rec, effectiveAddressBd(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 444: // MOVSX Gv,Ew 64 register
        if (movsxGvEwR<u64>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 445: // MOVSX Gv,Ew 64 memory
        if (movsxGvEwM<u64>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 446: // MOVSX Gv,Ew 64 memoryBd
        if (movsxGvEwM<u64>(rec, effectiveAddressBd(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 447: // MOVSXD Gv,Ed 32 register
        if (movsxdGvEdR<u32>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 448: // MOVSXD Gv,Ed 32 memory
        if (movsxdGvEdM<u32>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 449: // MOVSXD Gv,Ed 64 register
        if (movsxdGvEdR<u64>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 450: // MOVSXD Gv,Ed 64 memory
        if (movsxdGvEdM<u64>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 451: // XCHG Eb,Gb 8 register
        if (xchgEvGvR<u8>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 452: // XCHG Eb,Gb 8 memory
        if (xchgEvGvM<u8>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 453: // XCHG Ev,Gv 32 register
        if (xchgEvGvR<u32>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 454: // XCHG Ev,Gv 32 memory
        if (xchgEvGvM<u32>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 455: // XCHG Ev,Gv 64 register
        if (xchgEvGvR<u64>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 456: // XCHG Ev,Gv 64 memory
        if (xchgEvGvM<u64>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 457: // NOP
        if (nop(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 458: // BSWAP Zy 32
        if (bswapZy<u32>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 459: // BSWAP Zy 64
        if (bswapZy<u64>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 460: // LEA Gv,M 32 memory
        if (leaGvM<u32>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 461: // LEA Gv,M 32 memoryBd
        if (leaGvM<u32>(rec, effectiveAddressBd(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 462: // LEA Gv,M 64 memory
        if (leaGvM<u64>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 463: // LEA Gv,M 64 memoryBd
        if (leaGvM<u64>(rec, effectiveAddressBd(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 464: // CBW  32
        if (cbw<u32>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 465: // CBW  64
        if (cbw<u64>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 466: // CWD  32
        if (cwd<u32>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 467: // CWD  64
        if (cwd<u64>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 468: // PUSH Zv 32
        if (pushZv<u32>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 469: // PUSH Zv 64
        if (pushZv<u64>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 470: // POP Zv 32
        if (popZv<u32>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 471: // POP Zv 64
        if (popZv<u64>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 472: // PUSH Iz 32
        if (pushIz<u32>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 473: // PUSH Iz 64
        if (pushIz<u64>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 474: // INC Zv 32 register
        if (incEvR<u32>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 475: // INC Zv 64 register
        if (incEvR<u64>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 476: // DEC Zv 32 register
        if (decEvR<u32>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 477: // DEC Zv 64 register
        if (decEvR<u64>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 478: // INC Eb 8 register
        if (incEvR<u8>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 479: // INC Eb 8 memory
        if (incEvM<u8>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 480: // DEC Eb 8 register
        if (decEvR<u8>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 481: // DEC Eb 8 memory
        if (decEvM<u8>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 482: // INC Ev 32 memory
        if (incEvM<u32>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 483: // INC Ev 64 memory
        if (incEvM<u64>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 484: // DEC Ev 32 memory
        if (decEvM<u32>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 485: // DEC Ev 64 memory
        if (decEvM<u64>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 486: // TEST Eb,Ib 8 register
        if (testEvIvR<u8>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 487: // TEST Eb,Ib 8 memory
        if (testEvIvM<u8>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 488: // TEST Eb,Ib 8 memoryBd
        if (testEvIvM<u8>(rec, effectiveAddressBd(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 489: // NOT Eb 8 register
        if (notEvR<u8>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 490: // NOT Eb 8 memory
        if (notEvM<u8>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 491: // NEG Eb 8 register
        if (negEvR<u8>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 492: // NEG Eb 8 memory
        if (negEvM<u8>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 493: // TEST Ev,Iz 32 register
        if (testEvIvR<u32>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 494: // TEST Ev,Iz 32 memory
        if (testEvIvM<u32>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 495: // TEST Ev,Iz 32 memoryBd
        if (testEvIvM<u32>(rec, effectiveAddressBd(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 496: // TEST Ev,Iz 64 register
        if (testEvIvR<u64>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 497: // TEST Ev,Iz 64 memory
        if (testEvIvM<u64>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 498: // TEST Ev,Iz 64 memoryBd
        if (testEvIvM<u64>(rec, effectiveAddressBd(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 499: // NOT Ev 32 register
        if (notEvR<u32>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 500: // NOT Ev 32 memory
        if (notEvM<u32>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 501: // NOT Ev 64 register
        if (notEvR<u64>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 502: // NOT Ev 64 memory
        if (notEvM<u64>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 503: // NEG Ev 32 register
        if (negEvR<u32>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 504: // NEG Ev 32 memory
        if (negEvM<u32>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 505: // NEG Ev 64 register
        if (negEvR<u64>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 506: // NEG Ev 64 memory
        if (negEvM<u64>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 507: // TEST Eb,Gb 8 register
        if (testEvGvR<u8>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 508: // TEST Eb,Gb 8 memory
        if (testEvGvM<u8>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 509: // TEST Ev,Gv 32 register
        if (testEvGvR<u32>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 510: // TEST Ev,Gv 32 memory
        if (testEvGvM<u32>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 511: // TEST Ev,Gv 64 register
        if (testEvGvR<u64>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 512: // TEST Ev,Gv 64 memory
        if (testEvGvM<u64>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 513: // IMUL Gv,Ev 32 register
        if (imulGvEvR<u32>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 514: // IMUL Gv,Ev 32 memory
        if (imulGvEvM<u32>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 515: // IMUL Gv,Ev 32 memoryBd
        if (imulGvEvM<u32>(rec, effectiveAddressBd(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 516: // IMUL Gv,Ev 64 register
        if (imulGvEvR<u64>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 517: // IMUL Gv,Ev 64 memory
        if (imulGvEvM<u64>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 518: // IMUL Gv,Ev 64 memoryBd
        if (imulGvEvM<u64>(rec, effectiveAddressBd(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 519: // IMUL Gv,Ev,Iz 32 register
        if (imulGvEvIzR<u32>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 520: // IMUL Gv,Ev,Iz 32 memory
        if (imulGvEvIzM<u32>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 521: // IMUL Gv,Ev,Iz 64 register
        if (imulGvEvIzR<u64>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 522: // IMUL Gv,Ev,Iz 64 memory
        if (imulGvEvIzM<u64>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 523: // JMP Jb
        break;
      case 524: // CALL Jz 32
        if (callJz<u32>(rec) != NEXT) return leaveFaulted(rec);
        break;
      case 525: // CALL Jz 64
        if (callJz<u64>(rec) != NEXT) return leaveFaulted(rec);
        break;
      case 526: // JMP Ev 32 register
        if (jmpEvR<u32>(rec) != NEXT) return leaveFaulted(rec);
        rec = enterAfter(rec);
        if (rec == 0) return;
        remaining = load<i32>(REMAINING);
        continue;
      case 527: // JMP Ev 32 memory
        if (jmpEvM<u32>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec = enterAfter(rec);
        if (rec == 0) return;
        remaining = load<i32>(REMAINING);
        continue;
      case 528: // JMP Ev 64 register
        if (jmpEvR<u64>(rec) != NEXT) return leaveFaulted(rec);
        rec = enterAfter(rec);
        if (rec == 0) return;
        remaining = load<i32>(REMAINING);
        continue;
      case 529: // JMP Ev 64 memory
        if (jmpEvM<u64>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec = enterAfter(rec);
        if (rec == 0) return;
        remaining = load<i32>(REMAINING);
        continue;
      case 530: // CALL Ev 32 register
        if (callEvR<u32>(rec) != NEXT) return leaveFaulted(rec);
        rec = enterAfter(rec);
        if (rec == 0) return;
        remaining = load<i32>(REMAINING);
        continue;
      case 531: // CALL Ev 32 memory
        if (callEvM<u32>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec = enterAfter(rec);
        if (rec == 0) return;
        remaining = load<i32>(REMAINING);
        continue;
      case 532: // CALL Ev 64 register
        if (callEvR<u64>(rec) != NEXT) return leaveFaulted(rec);
        rec = enterAfter(rec);
        if (rec == 0) return;
        remaining = load<i32>(REMAINING);
        continue;
      case 533: // CALL Ev 64 memory
        if (callEvM<u64>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec = enterAfter(rec);
        if (rec == 0) return;
        remaining = load<i32>(REMAINING);
        continue;
      case 534: // RET  32
        if (retNear<u32>(rec) != NEXT) return leaveFaulted(rec);
        rec = enterAfter(rec);
        if (rec == 0) return;
        remaining = load<i32>(REMAINING);
        continue;
      case 535: // RET  64
        if (retNear<u64>(rec) != NEXT) return leaveFaulted(rec);
        rec = enterAfter(rec);
        if (rec == 0) return;
        remaining = load<i32>(REMAINING);
        continue;
      case 536: // RET Iw 32
        if (retNearIw<u32>(rec) != NEXT) return leaveFaulted(rec);
        rec = enterAfter(rec);
        if (rec == 0) return;
        remaining = load<i32>(REMAINING);
        continue;
      case 537: // RET Iw 64
        if (retNearIw<u64>(rec) != NEXT) return leaveFaulted(rec);
        rec = enterAfter(rec);
        if (rec == 0) return;
        remaining = load<i32>(REMAINING);
        continue;
      case 538: // MOVUPS Vps,Wps register
        if (movupsVxWxR(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 539: // MOVUPS Vps,Wps memory
        if (movupsVxWxM(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 540: // MOVUPS Wps,Vps register
        if (movupsWxVxR(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 541: // MOVUPS Wps,Vps memory
        if (movupsWxVxM(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 542: // MOVSS Vss,Wss register
        if (movssVssWssR(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 543: // MOVSS Vss,Wss memory
        if (movssVssWssM(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 544: // MOVSS Wss,Vss register
        if (movssWssVssR(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 545: // MOVSS Wss,Vss memory
        if (movssWssVssM(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 546: // MOVAPS Vps,Wps register
        if (movapsVxWxR(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 547: // MOVAPS Vps,Wps memory
        if (movapsVxWxM(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 548: // MOVAPS Wps,Vps register
        if (movapsWxVxR(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 549: // MOVAPS Wps,Vps memory
        if (movapsWxVxM(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 550: // MOVLPS Mq,Vq memory
        if (movsdWsdVsdM(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 551: // MOVLPS Mq,Vq memoryBd
        if (movsdWsdVsdM(rec, effectiveAddressBd(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 552: // UCOMISS Vss,Wss register
        if (comissVssWssR(rec, COMI_QUIET) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 553: // UCOMISS Vss,Wss memory
        if (comissVssWssM(rec, effectiveAddress(rec), COMI_QUIET) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 554: // COMISS Vss,Wss register
        if (comissVssWssR(rec, COMI_SIGNALING) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 555: // COMISS Vss,Wss memory
        if (comissVssWssM(rec, effectiveAddress(rec), COMI_SIGNALING) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 556: // ADDSS Vss,Wss register
        if (addssVssWssR(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 557: // ADDSS Vss,Wss memory
        if (addssVssWssM(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 558: // MULSS Vss,Wss register
        if (mulssVssWssR(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 559: // MULSS Vss,Wss memory
        if (mulssVssWssM(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 560: // SUBSS Vss,Wss register
        if (subssVssWssR(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 561: // SUBSS Vss,Wss memory
        if (subssVssWssM(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 562: // DIVSS Vss,Wss register
        if (divssVssWssR(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 563: // DIVSS Vss,Wss memory
        if (divssVssWssM(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 564: // ANDPS Vps,Wps register
        if (pandVxWxR(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 565: // ANDPS Vps,Wps memory
        if (pandVxWxM(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 566: // ORPS Vps,Wps register
        if (porVxWxR(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 567: // ORPS Vps,Wps memory
        if (porVxWxM(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 568: // XORPS Vps,Wps register
        if (pxorVxWxR(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 569: // XORPS Vps,Wps memory
        if (pxorVxWxM(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 570: // MOVSD Vsd,Wsd register
        if (movsdVsdWsdR(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 571: // MOVSD Vsd,Wsd memory
        if (movsdVsdWsdM(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 572: // MOVSD Vsd,Wsd memoryBd
        if (movsdVsdWsdM(rec, effectiveAddressBd(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 573: // MOVSD Wsd,Vsd register
        if (movsdWsdVsdR(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 574: // MOVQ Vq,Wq register
        if (movqVqWqR(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 575: // MOVQ Vq,Wq memory
        if (movqVqWqM(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 576: // MOVQ Wq,Vq register
        if (movqWqVqR(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 577: // MOVQ Wq,Vq memory
        if (movqWqVqM(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 578: // MOVD Vdq,Ey 32 register
        if (movdVdqEyR<u32>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 579: // MOVD Vdq,Ey 32 memory
        if (movdVdqEyM<u32>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 580: // MOVD Vdq,Ey 64 register
        if (movdVdqEyR<u64>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 581: // MOVD Vdq,Ey 64 memory
        if (movdVdqEyM<u64>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 582: // MOVD Ey,Vdq 32 register
        if (movdEyVdqR<u32>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 583: // MOVD Ey,Vdq 32 memory
        if (movdEyVdqM<u32>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 584: // MOVD Ey,Vdq 64 register
        if (movdEyVdqR<u64>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 585: // MOVD Ey,Vdq 64 memory
        if (movdEyVdqM<u64>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 586: // CVTSI2SD Vsd,Ey 32 register
        if (cvtsi2sdVsdEyR<u32>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 587: // CVTSI2SD Vsd,Ey 32 memory
        if (cvtsi2sdVsdEyM<u32>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 588: // CVTSI2SD Vsd,Ey 64 register
        if (cvtsi2sdVsdEyR<u64>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 589: // CVTSI2SD Vsd,Ey 64 memory
        if (cvtsi2sdVsdEyM<u64>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 590: // CVTTSD2SI Gy,Wsd 32 register
        if (cvttsd2siGyWsdR<u32>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 591: // CVTTSD2SI Gy,Wsd 32 memory
        if (cvttsd2siGyWsdM<u32>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 592: // CVTTSD2SI Gy,Wsd 64 register
        if (cvttsd2siGyWsdR<u64>(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 593: // CVTTSD2SI Gy,Wsd 64 memory
        if (cvttsd2siGyWsdM<u64>(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 594: // CVTSS2SD Vsd,Wss register
        if (cvtss2sdVsdWssR(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 595: // CVTSS2SD Vsd,Wss memory
        if (cvtss2sdVsdWssM(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 596: // CVTSD2SS Vss,Wsd register
        if (cvtsd2ssVssWsdR(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 597: // CVTSD2SS Vss,Wsd memory
        if (cvtsd2ssVssWsdM(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 598: // UCOMISD Vsd,Wsd register
        if (comisdVsdWsdR(rec, COMI_QUIET) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 599: // UCOMISD Vsd,Wsd memory
        if (comisdVsdWsdM(rec, effectiveAddress(rec), COMI_QUIET) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 600: // COMISD Vsd,Wsd register
        if (comisdVsdWsdR(rec, COMI_SIGNALING) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 601: // COMISD Vsd,Wsd memory
        if (comisdVsdWsdM(rec, effectiveAddress(rec), COMI_SIGNALING) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 602: // ADDSD Vsd,Wsd register
        if (addsdVsdWsdR(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 603: // ADDSD Vsd,Wsd memory
        if (addsdVsdWsdM(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 604: // ADDSD Vsd,Wsd memoryBd
        if (addsdVsdWsdM(rec, effectiveAddressBd(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 605: // MULSD Vsd,Wsd register
        if (mulsdVsdWsdR(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 606: // MULSD Vsd,Wsd memory
        if (mulsdVsdWsdM(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 607: // MULSD Vsd,Wsd memoryBd
        if (mulsdVsdWsdM(rec, effectiveAddressBd(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 608: // SUBSD Vsd,Wsd register
        if (subsdVsdWsdR(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 609: // SUBSD Vsd,Wsd memory
        if (subsdVsdWsdM(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 610: // SUBSD Vsd,Wsd memoryBd
        if (subsdVsdWsdM(rec, effectiveAddressBd(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 611: // DIVSD Vsd,Wsd register
        if (divsdVsdWsdR(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 612: // DIVSD Vsd,Wsd memory
        if (divsdVsdWsdM(rec, effectiveAddress(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 613: // DIVSD Vsd,Wsd memoryBd
        if (divsdVsdWsdM(rec, effectiveAddressBd(rec)) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case 616: { // aluEvIv8 JB
        const a = getReg<u8>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u8;
        const r = (a - b) as u8;
        setFlagsSub<u8>(a, b, r);
        if (a < b) break;
        rec += REC_BYTES;
        continue;
      }
      case 617: { // aluEvIv8 JNB
        const a = getReg<u8>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u8;
        const r = (a - b) as u8;
        setFlagsSub<u8>(a, b, r);
        if (!(a < b)) break;
        rec += REC_BYTES;
        continue;
      }
      case 618: { // aluEvIv8 JZ
        const a = getReg<u8>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u8;
        const r = (a - b) as u8;
        setFlagsSub<u8>(a, b, r);
        if (a == b) break;
        rec += REC_BYTES;
        continue;
      }
      case 619: { // aluEvIv8 JNZ
        const a = getReg<u8>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u8;
        const r = (a - b) as u8;
        setFlagsSub<u8>(a, b, r);
        if (!(a == b)) break;
        rec += REC_BYTES;
        continue;
      }
      case 620: { // aluEvIv8 JBE
        const a = getReg<u8>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u8;
        const r = (a - b) as u8;
        setFlagsSub<u8>(a, b, r);
        if (a <= b) break;
        rec += REC_BYTES;
        continue;
      }
      case 621: { // aluEvIv8 JNBE
        const a = getReg<u8>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u8;
        const r = (a - b) as u8;
        setFlagsSub<u8>(a, b, r);
        if (!(a <= b)) break;
        rec += REC_BYTES;
        continue;
      }
      case 622: { // aluEvIv8 JS
        const a = getReg<u8>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u8;
        const r = (a - b) as u8;
        setFlagsSub<u8>(a, b, r);
        if ((r as i8) < 0) break;
        rec += REC_BYTES;
        continue;
      }
      case 623: { // aluEvIv8 JNS
        const a = getReg<u8>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u8;
        const r = (a - b) as u8;
        setFlagsSub<u8>(a, b, r);
        if (!((r as i8) < 0)) break;
        rec += REC_BYTES;
        continue;
      }
      case 626: { // aluEvIv8 JL
        const a = getReg<u8>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u8;
        const r = (a - b) as u8;
        setFlagsSub<u8>(a, b, r);
        if ((a as i8) < (b as i8)) break;
        rec += REC_BYTES;
        continue;
      }
      case 627: { // aluEvIv8 JNL
        const a = getReg<u8>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u8;
        const r = (a - b) as u8;
        setFlagsSub<u8>(a, b, r);
        if (!((a as i8) < (b as i8))) break;
        rec += REC_BYTES;
        continue;
      }
      case 628: { // aluEvIv8 JLE
        const a = getReg<u8>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u8;
        const r = (a - b) as u8;
        setFlagsSub<u8>(a, b, r);
        if ((a as i8) <= (b as i8)) break;
        rec += REC_BYTES;
        continue;
      }
      case 629: { // aluEvIv8 JNLE
        const a = getReg<u8>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u8;
        const r = (a - b) as u8;
        setFlagsSub<u8>(a, b, r);
        if (!((a as i8) <= (b as i8))) break;
        rec += REC_BYTES;
        continue;
      }
      case 632: { // testEvIv8 JB
        const a = getReg<u8>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u8;
        const r = (a & b) as u8;
        setFlagsLogic<u8>(r);
        if (false) break;
        rec += REC_BYTES;
        continue;
      }
      case 633: { // testEvIv8 JNB
        const a = getReg<u8>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u8;
        const r = (a & b) as u8;
        setFlagsLogic<u8>(r);
        if (!(false)) break;
        rec += REC_BYTES;
        continue;
      }
      case 634: { // testEvIv8 JZ
        const a = getReg<u8>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u8;
        const r = (a & b) as u8;
        setFlagsLogic<u8>(r);
        if (r == 0) break;
        rec += REC_BYTES;
        continue;
      }
      case 635: { // testEvIv8 JNZ
        const a = getReg<u8>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u8;
        const r = (a & b) as u8;
        setFlagsLogic<u8>(r);
        if (!(r == 0)) break;
        rec += REC_BYTES;
        continue;
      }
      case 636: { // testEvIv8 JBE
        const a = getReg<u8>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u8;
        const r = (a & b) as u8;
        setFlagsLogic<u8>(r);
        if (r == 0) break;
        rec += REC_BYTES;
        continue;
      }
      case 637: { // testEvIv8 JNBE
        const a = getReg<u8>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u8;
        const r = (a & b) as u8;
        setFlagsLogic<u8>(r);
        if (!(r == 0)) break;
        rec += REC_BYTES;
        continue;
      }
      case 638: { // testEvIv8 JS
        const a = getReg<u8>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u8;
        const r = (a & b) as u8;
        setFlagsLogic<u8>(r);
        if ((r as i8) < 0) break;
        rec += REC_BYTES;
        continue;
      }
      case 639: { // testEvIv8 JNS
        const a = getReg<u8>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u8;
        const r = (a & b) as u8;
        setFlagsLogic<u8>(r);
        if (!((r as i8) < 0)) break;
        rec += REC_BYTES;
        continue;
      }
      case 642: { // testEvIv8 JL
        const a = getReg<u8>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u8;
        const r = (a & b) as u8;
        setFlagsLogic<u8>(r);
        if ((r as i8) < 0) break;
        rec += REC_BYTES;
        continue;
      }
      case 643: { // testEvIv8 JNL
        const a = getReg<u8>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u8;
        const r = (a & b) as u8;
        setFlagsLogic<u8>(r);
        if (!((r as i8) < 0)) break;
        rec += REC_BYTES;
        continue;
      }
      case 644: { // testEvIv8 JLE
        const a = getReg<u8>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u8;
        const r = (a & b) as u8;
        setFlagsLogic<u8>(r);
        if ((r as i8) <= 0) break;
        rec += REC_BYTES;
        continue;
      }
      case 645: { // testEvIv8 JNLE
        const a = getReg<u8>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u8;
        const r = (a & b) as u8;
        setFlagsLogic<u8>(r);
        if (!((r as i8) <= 0)) break;
        rec += REC_BYTES;
        continue;
      }
      case 648: { // testEvGv8 JB
        const a = getReg<u8>(r2Of(rec));
        const b = getReg<u8>(r1Of(rec));
        const r = (a & b) as u8;
        setFlagsLogic<u8>(r);
        if (false) break;
        rec += REC_BYTES;
        continue;
      }
      case 649: { // testEvGv8 JNB
        const a = getReg<u8>(r2Of(rec));
        const b = getReg<u8>(r1Of(rec));
        const r = (a & b) as u8;
        setFlagsLogic<u8>(r);
        if (!(false)) break;
        rec += REC_BYTES;
        continue;
      }
      case 650: { // testEvGv8 JZ
        const a = getReg<u8>(r2Of(rec));
        const b = getReg<u8>(r1Of(rec));
        const r = (a & b) as u8;
        setFlagsLogic<u8>(r);
        if (r == 0) break;
        rec += REC_BYTES;
        continue;
      }
      case 651: { // testEvGv8 JNZ
        const a = getReg<u8>(r2Of(rec));
        const b = getReg<u8>(r1Of(rec));
        const r = (a & b) as u8;
        setFlagsLogic<u8>(r);
        if (!(r == 0)) break;
        rec += REC_BYTES;
        continue;
      }
      case 652: { // testEvGv8 JBE
        const a = getReg<u8>(r2Of(rec));
        const b = getReg<u8>(r1Of(rec));
        const r = (a & b) as u8;
        setFlagsLogic<u8>(r);
        if (r == 0) break;
        rec += REC_BYTES;
        continue;
      }
      case 653: { // testEvGv8 JNBE
        const a = getReg<u8>(r2Of(rec));
        const b = getReg<u8>(r1Of(rec));
        const r = (a & b) as u8;
        setFlagsLogic<u8>(r);
        if (!(r == 0)) break;
        rec += REC_BYTES;
        continue;
      }
      case 654: { // testEvGv8 JS
        const a = getReg<u8>(r2Of(rec));
        const b = getReg<u8>(r1Of(rec));
        const r = (a & b) as u8;
        setFlagsLogic<u8>(r);
        if ((r as i8) < 0) break;
        rec += REC_BYTES;
        continue;
      }
      case 655: { // testEvGv8 JNS
        const a = getReg<u8>(r2Of(rec));
        const b = getReg<u8>(r1Of(rec));
        const r = (a & b) as u8;
        setFlagsLogic<u8>(r);
        if (!((r as i8) < 0)) break;
        rec += REC_BYTES;
        continue;
      }
      case 658: { // testEvGv8 JL
        const a = getReg<u8>(r2Of(rec));
        const b = getReg<u8>(r1Of(rec));
        const r = (a & b) as u8;
        setFlagsLogic<u8>(r);
        if ((r as i8) < 0) break;
        rec += REC_BYTES;
        continue;
      }
      case 659: { // testEvGv8 JNL
        const a = getReg<u8>(r2Of(rec));
        const b = getReg<u8>(r1Of(rec));
        const r = (a & b) as u8;
        setFlagsLogic<u8>(r);
        if (!((r as i8) < 0)) break;
        rec += REC_BYTES;
        continue;
      }
      case 660: { // testEvGv8 JLE
        const a = getReg<u8>(r2Of(rec));
        const b = getReg<u8>(r1Of(rec));
        const r = (a & b) as u8;
        setFlagsLogic<u8>(r);
        if ((r as i8) <= 0) break;
        rec += REC_BYTES;
        continue;
      }
      case 661: { // testEvGv8 JNLE
        const a = getReg<u8>(r2Of(rec));
        const b = getReg<u8>(r1Of(rec));
        const r = (a & b) as u8;
        setFlagsLogic<u8>(r);
        if (!((r as i8) <= 0)) break;
        rec += REC_BYTES;
        continue;
      }
      case 664: { // aluEvIv32 JB
        const a = getReg<u32>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u32;
        const r = (a - b) as u32;
        setFlagsSub<u32>(a, b, r);
        if (a < b) break;
        rec += REC_BYTES;
        continue;
      }
      case 665: { // aluEvIv32 JNB
        const a = getReg<u32>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u32;
        const r = (a - b) as u32;
        setFlagsSub<u32>(a, b, r);
        if (!(a < b)) break;
        rec += REC_BYTES;
        continue;
      }
      case 666: { // aluEvIv32 JZ
        const a = getReg<u32>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u32;
        const r = (a - b) as u32;
        setFlagsSub<u32>(a, b, r);
        if (a == b) break;
        rec += REC_BYTES;
        continue;
      }
      case 667: { // aluEvIv32 JNZ
        const a = getReg<u32>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u32;
        const r = (a - b) as u32;
        setFlagsSub<u32>(a, b, r);
        if (!(a == b)) break;
        rec += REC_BYTES;
        continue;
      }
      case 668: { // aluEvIv32 JBE
        const a = getReg<u32>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u32;
        const r = (a - b) as u32;
        setFlagsSub<u32>(a, b, r);
        if (a <= b) break;
        rec += REC_BYTES;
        continue;
      }
      case 669: { // aluEvIv32 JNBE
        const a = getReg<u32>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u32;
        const r = (a - b) as u32;
        setFlagsSub<u32>(a, b, r);
        if (!(a <= b)) break;
        rec += REC_BYTES;
        continue;
      }
      case 670: { // aluEvIv32 JS
        const a = getReg<u32>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u32;
        const r = (a - b) as u32;
        setFlagsSub<u32>(a, b, r);
        if ((r as i32) < 0) break;
        rec += REC_BYTES;
        continue;
      }
      case 671: { // aluEvIv32 JNS
        const a = getReg<u32>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u32;
        const r = (a - b) as u32;
        setFlagsSub<u32>(a, b, r);
        if (!((r as i32) < 0)) break;
        rec += REC_BYTES;
        continue;
      }
      case 674: { // aluEvIv32 JL
        const a = getReg<u32>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u32;
        const r = (a - b) as u32;
        setFlagsSub<u32>(a, b, r);
        if ((a as i32) < (b as i32)) break;
        rec += REC_BYTES;
        continue;
      }
      case 675: { // aluEvIv32 JNL
        const a = getReg<u32>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u32;
        const r = (a - b) as u32;
        setFlagsSub<u32>(a, b, r);
        if (!((a as i32) < (b as i32))) break;
        rec += REC_BYTES;
        continue;
      }
      case 676: { // aluEvIv32 JLE
        const a = getReg<u32>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u32;
        const r = (a - b) as u32;
        setFlagsSub<u32>(a, b, r);
        if ((a as i32) <= (b as i32)) break;
        rec += REC_BYTES;
        continue;
      }
      case 677: { // aluEvIv32 JNLE
        const a = getReg<u32>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u32;
        const r = (a - b) as u32;
        setFlagsSub<u32>(a, b, r);
        if (!((a as i32) <= (b as i32))) break;
        rec += REC_BYTES;
        continue;
      }
      case 680: { // testEvIv32 JB
        const a = getReg<u32>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u32;
        const r = (a & b) as u32;
        setFlagsLogic<u32>(r);
        if (false) break;
        rec += REC_BYTES;
        continue;
      }
      case 681: { // testEvIv32 JNB
        const a = getReg<u32>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u32;
        const r = (a & b) as u32;
        setFlagsLogic<u32>(r);
        if (!(false)) break;
        rec += REC_BYTES;
        continue;
      }
      case 682: { // testEvIv32 JZ
        const a = getReg<u32>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u32;
        const r = (a & b) as u32;
        setFlagsLogic<u32>(r);
        if (r == 0) break;
        rec += REC_BYTES;
        continue;
      }
      case 683: { // testEvIv32 JNZ
        const a = getReg<u32>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u32;
        const r = (a & b) as u32;
        setFlagsLogic<u32>(r);
        if (!(r == 0)) break;
        rec += REC_BYTES;
        continue;
      }
      case 684: { // testEvIv32 JBE
        const a = getReg<u32>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u32;
        const r = (a & b) as u32;
        setFlagsLogic<u32>(r);
        if (r == 0) break;
        rec += REC_BYTES;
        continue;
      }
      case 685: { // testEvIv32 JNBE
        const a = getReg<u32>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u32;
        const r = (a & b) as u32;
        setFlagsLogic<u32>(r);
        if (!(r == 0)) break;
        rec += REC_BYTES;
        continue;
      }
      case 686: { // testEvIv32 JS
        const a = getReg<u32>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u32;
        const r = (a & b) as u32;
        setFlagsLogic<u32>(r);
        if ((r as i32) < 0) break;
        rec += REC_BYTES;
        continue;
      }
      case 687: { // testEvIv32 JNS
        const a = getReg<u32>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u32;
        const r = (a & b) as u32;
        setFlagsLogic<u32>(r);
        if (!((r as i32) < 0)) break;
        rec += REC_BYTES;
        continue;
      }
      case 690: { // testEvIv32 JL
        const a = getReg<u32>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u32;
        const r = (a & b) as u32;
        setFlagsLogic<u32>(r);
        if ((r as i32) < 0) break;
        rec += REC_BYTES;
        continue;
      }
      case 691: { // testEvIv32 JNL
        const a = getReg<u32>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u32;
        const r = (a & b) as u32;
        setFlagsLogic<u32>(r);
        if (!((r as i32) < 0)) break;
        rec += REC_BYTES;
        continue;
      }
      case 692: { // testEvIv32 JLE
        const a = getReg<u32>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u32;
        const r = (a & b) as u32;
        setFlagsLogic<u32>(r);
        if ((r as i32) <= 0) break;
        rec += REC_BYTES;
        continue;
      }
      case 693: { // testEvIv32 JNLE
        const a = getReg<u32>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u32;
        const r = (a & b) as u32;
        setFlagsLogic<u32>(r);
        if (!((r as i32) <= 0)) break;
        rec += REC_BYTES;
        continue;
      }
      case 696: { // testEvGv32 JB
        const a = getReg<u32>(r2Of(rec));
        const b = getReg<u32>(r1Of(rec));
        const r = (a & b) as u32;
        setFlagsLogic<u32>(r);
        if (false) break;
        rec += REC_BYTES;
        continue;
      }
      case 697: { // testEvGv32 JNB
        const a = getReg<u32>(r2Of(rec));
        const b = getReg<u32>(r1Of(rec));
        const r = (a & b) as u32;
        setFlagsLogic<u32>(r);
        if (!(false)) break;
        rec += REC_BYTES;
        continue;
      }
      case 698: { // testEvGv32 JZ
        const a = getReg<u32>(r2Of(rec));
        const b = getReg<u32>(r1Of(rec));
        const r = (a & b) as u32;
        setFlagsLogic<u32>(r);
        if (r == 0) break;
        rec += REC_BYTES;
        continue;
      }
      case 699: { // testEvGv32 JNZ
        const a = getReg<u32>(r2Of(rec));
        const b = getReg<u32>(r1Of(rec));
        const r = (a & b) as u32;
        setFlagsLogic<u32>(r);
        if (!(r == 0)) break;
        rec += REC_BYTES;
        continue;
      }
      case 700: { // testEvGv32 JBE
        const a = getReg<u32>(r2Of(rec));
        const b = getReg<u32>(r1Of(rec));
        const r = (a & b) as u32;
        setFlagsLogic<u32>(r);
        if (r == 0) break;
        rec += REC_BYTES;
        continue;
      }
      case 701: { // testEvGv32 JNBE
        const a = getReg<u32>(r2Of(rec));
        const b = getReg<u32>(r1Of(rec));
        const r = (a & b) as u32;
        setFlagsLogic<u32>(r);
        if (!(r == 0)) break;
        rec += REC_BYTES;
        continue;
      }
      case 702: { // testEvGv32 JS
        const a = getReg<u32>(r2Of(rec));
        const b = getReg<u32>(r1Of(rec));
        const r = (a & b) as u32;
        setFlagsLogic<u32>(r);
        if ((r as i32) < 0) break;
        rec += REC_BYTES;
        continue;
      }
      case 703: { // testEvGv32 JNS
        const a = getReg<u32>(r2Of(rec));
        const b = getReg<u32>(r1Of(rec));
        const r = (a & b) as u32;
        setFlagsLogic<u32>(r);
        if (!((r as i32) < 0)) break;
        rec += REC_BYTES;
        continue;
      }
      case 706: { // testEvGv32 JL
        const a = getReg<u32>(r2Of(rec));
        const b = getReg<u32>(r1Of(rec));
        const r = (a & b) as u32;
        setFlagsLogic<u32>(r);
        if ((r as i32) < 0) break;
        rec += REC_BYTES;
        continue;
      }
      case 707: { // testEvGv32 JNL
        const a = getReg<u32>(r2Of(rec));
        const b = getReg<u32>(r1Of(rec));
        const r = (a & b) as u32;
        setFlagsLogic<u32>(r);
        if (!((r as i32) < 0)) break;
        rec += REC_BYTES;
        continue;
      }
      case 708: { // testEvGv32 JLE
        const a = getReg<u32>(r2Of(rec));
        const b = getReg<u32>(r1Of(rec));
        const r = (a & b) as u32;
        setFlagsLogic<u32>(r);
        if ((r as i32) <= 0) break;
        rec += REC_BYTES;
        continue;
      }
      case 709: { // testEvGv32 JNLE
        const a = getReg<u32>(r2Of(rec));
        const b = getReg<u32>(r1Of(rec));
        const r = (a & b) as u32;
        setFlagsLogic<u32>(r);
        if (!((r as i32) <= 0)) break;
        rec += REC_BYTES;
        continue;
      }
      case 712: { // aluEvGv32 JB
        const a = getReg<u32>(r2Of(rec));
        const b = getReg<u32>(r1Of(rec));
        const r = (a - b) as u32;
        setFlagsSub<u32>(a, b, r);
        if (a < b) break;
        rec += REC_BYTES;
        continue;
      }
      case 713: { // aluEvGv32 JNB
        const a = getReg<u32>(r2Of(rec));
        const b = getReg<u32>(r1Of(rec));
        const r = (a - b) as u32;
        setFlagsSub<u32>(a, b, r);
        if (!(a < b)) break;
        rec += REC_BYTES;
        continue;
      }
      case 714: { // aluEvGv32 JZ
        const a = getReg<u32>(r2Of(rec));
        const b = getReg<u32>(r1Of(rec));
        const r = (a - b) as u32;
        setFlagsSub<u32>(a, b, r);
        if (a == b) break;
        rec += REC_BYTES;
        continue;
      }
      case 715: { // aluEvGv32 JNZ
        const a = getReg<u32>(r2Of(rec));
        const b = getReg<u32>(r1Of(rec));
        const r = (a - b) as u32;
        setFlagsSub<u32>(a, b, r);
        if (!(a == b)) break;
        rec += REC_BYTES;
        continue;
      }
      case 716: { // aluEvGv32 JBE
        const a = getReg<u32>(r2Of(rec));
        const b = getReg<u32>(r1Of(rec));
        const r = (a - b) as u32;
        setFlagsSub<u32>(a, b, r);
        if (a <= b) break;
        rec += REC_BYTES;
        continue;
      }
      case 717: { // aluEvGv32 JNBE
        const a = getReg<u32>(r2Of(rec));
        const b = getReg<u32>(r1Of(rec));
        const r = (a - b) as u32;
        setFlagsSub<u32>(a, b, r);
        if (!(a <= b)) break;
        rec += REC_BYTES;
        continue;
      }
      case 718: { // aluEvGv32 JS
        const a = getReg<u32>(r2Of(rec));
        const b = getReg<u32>(r1Of(rec));
        const r = (a - b) as u32;
        setFlagsSub<u32>(a, b, r);
        if ((r as i32) < 0) break;
        rec += REC_BYTES;
        continue;
      }
      case 719: { // aluEvGv32 JNS
        const a = getReg<u32>(r2Of(rec));
        const b = getReg<u32>(r1Of(rec));
        const r = (a - b) as u32;
        setFlagsSub<u32>(a, b, r);
        if (!((r as i32) < 0)) break;
        rec += REC_BYTES;
        continue;
      }
      case 722: { // aluEvGv32 JL
        const a = getReg<u32>(r2Of(rec));
        const b = getReg<u32>(r1Of(rec));
        const r = (a - b) as u32;
        setFlagsSub<u32>(a, b, r);
        if ((a as i32) < (b as i32)) break;
        rec += REC_BYTES;
        continue;
      }
      case 723: { // aluEvGv32 JNL
        const a = getReg<u32>(r2Of(rec));
        const b = getReg<u32>(r1Of(rec));
        const r = (a - b) as u32;
        setFlagsSub<u32>(a, b, r);
        if (!((a as i32) < (b as i32))) break;
        rec += REC_BYTES;
        continue;
      }
      case 724: { // aluEvGv32 JLE
        const a = getReg<u32>(r2Of(rec));
        const b = getReg<u32>(r1Of(rec));
        const r = (a - b) as u32;
        setFlagsSub<u32>(a, b, r);
        if ((a as i32) <= (b as i32)) break;
        rec += REC_BYTES;
        continue;
      }
      case 725: { // aluEvGv32 JNLE
        const a = getReg<u32>(r2Of(rec));
        const b = getReg<u32>(r1Of(rec));
        const r = (a - b) as u32;
        setFlagsSub<u32>(a, b, r);
        if (!((a as i32) <= (b as i32))) break;
        rec += REC_BYTES;
        continue;
      }
      case 728: { // aluEvIv64 JB
        const a = getReg<u64>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u64;
        const r = (a - b) as u64;
        setFlagsSub<u64>(a, b, r);
        if (a < b) break;
        rec += REC_BYTES;
        continue;
      }
      case 729: { // aluEvIv64 JNB
        const a = getReg<u64>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u64;
        const r = (a - b) as u64;
        setFlagsSub<u64>(a, b, r);
        if (!(a < b)) break;
        rec += REC_BYTES;
        continue;
      }
      case 730: { // aluEvIv64 JZ
        const a = getReg<u64>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u64;
        const r = (a - b) as u64;
        setFlagsSub<u64>(a, b, r);
        if (a == b) break;
        rec += REC_BYTES;
        continue;
      }
      case 731: { // aluEvIv64 JNZ
        const a = getReg<u64>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u64;
        const r = (a - b) as u64;
        setFlagsSub<u64>(a, b, r);
        if (!(a == b)) break;
        rec += REC_BYTES;
        continue;
      }
      case 732: { // aluEvIv64 JBE
        const a = getReg<u64>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u64;
        const r = (a - b) as u64;
        setFlagsSub<u64>(a, b, r);
        if (a <= b) break;
        rec += REC_BYTES;
        continue;
      }
      case 733: { // aluEvIv64 JNBE
        const a = getReg<u64>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u64;
        const r = (a - b) as u64;
        setFlagsSub<u64>(a, b, r);
        if (!(a <= b)) break;
        rec += REC_BYTES;
        continue;
      }
      case 734: { // aluEvIv64 JS
        const a = getReg<u64>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u64;
        const r = (a - b) as u64;
        setFlagsSub<u64>(a, b, r);
        if ((r as i64) < 0) break;
        rec += REC_BYTES;
        continue;
      }
      case 735: { // aluEvIv64 JNS
        const a = getReg<u64>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u64;
        const r = (a - b) as u64;
        setFlagsSub<u64>(a, b, r);
        if (!((r as i64) < 0)) break;
        rec += REC_BYTES;
        continue;
      }
      case 738: { // aluEvIv64 JL
        const a = getReg<u64>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u64;
        const r = (a - b) as u64;
        setFlagsSub<u64>(a, b, r);
        if ((a as i64) < (b as i64)) break;
        rec += REC_BYTES;
        continue;
      }
      case 739: { // aluEvIv64 JNL
        const a = getReg<u64>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u64;
        const r = (a - b) as u64;
        setFlagsSub<u64>(a, b, r);
        if (!((a as i64) < (b as i64))) break;
        rec += REC_BYTES;
        continue;
      }
      case 740: { // aluEvIv64 JLE
        const a = getReg<u64>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u64;
        const r = (a - b) as u64;
        setFlagsSub<u64>(a, b, r);
        if ((a as i64) <= (b as i64)) break;
        rec += REC_BYTES;
        continue;
      }
      case 741: { // aluEvIv64 JNLE
        const a = getReg<u64>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u64;
        const r = (a - b) as u64;
        setFlagsSub<u64>(a, b, r);
        if (!((a as i64) <= (b as i64))) break;
        rec += REC_BYTES;
        continue;
      }
      case 744: { // testEvIv64 JB
        const a = getReg<u64>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u64;
        const r = (a & b) as u64;
        setFlagsLogic<u64>(r);
        if (false) break;
        rec += REC_BYTES;
        continue;
      }
      case 745: { // testEvIv64 JNB
        const a = getReg<u64>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u64;
        const r = (a & b) as u64;
        setFlagsLogic<u64>(r);
        if (!(false)) break;
        rec += REC_BYTES;
        continue;
      }
      case 746: { // testEvIv64 JZ
        const a = getReg<u64>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u64;
        const r = (a & b) as u64;
        setFlagsLogic<u64>(r);
        if (r == 0) break;
        rec += REC_BYTES;
        continue;
      }
      case 747: { // testEvIv64 JNZ
        const a = getReg<u64>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u64;
        const r = (a & b) as u64;
        setFlagsLogic<u64>(r);
        if (!(r == 0)) break;
        rec += REC_BYTES;
        continue;
      }
      case 748: { // testEvIv64 JBE
        const a = getReg<u64>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u64;
        const r = (a & b) as u64;
        setFlagsLogic<u64>(r);
        if (r == 0) break;
        rec += REC_BYTES;
        continue;
      }
      case 749: { // testEvIv64 JNBE
        const a = getReg<u64>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u64;
        const r = (a & b) as u64;
        setFlagsLogic<u64>(r);
        if (!(r == 0)) break;
        rec += REC_BYTES;
        continue;
      }
      case 750: { // testEvIv64 JS
        const a = getReg<u64>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u64;
        const r = (a & b) as u64;
        setFlagsLogic<u64>(r);
        if ((r as i64) < 0) break;
        rec += REC_BYTES;
        continue;
      }
      case 751: { // testEvIv64 JNS
        const a = getReg<u64>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u64;
        const r = (a & b) as u64;
        setFlagsLogic<u64>(r);
        if (!((r as i64) < 0)) break;
        rec += REC_BYTES;
        continue;
      }
      case 754: { // testEvIv64 JL
        const a = getReg<u64>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u64;
        const r = (a & b) as u64;
        setFlagsLogic<u64>(r);
        if ((r as i64) < 0) break;
        rec += REC_BYTES;
        continue;
      }
      case 755: { // testEvIv64 JNL
        const a = getReg<u64>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u64;
        const r = (a & b) as u64;
        setFlagsLogic<u64>(r);
        if (!((r as i64) < 0)) break;
        rec += REC_BYTES;
        continue;
      }
      case 756: { // testEvIv64 JLE
        const a = getReg<u64>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u64;
        const r = (a & b) as u64;
        setFlagsLogic<u64>(r);
        if ((r as i64) <= 0) break;
        rec += REC_BYTES;
        continue;
      }
      case 757: { // testEvIv64 JNLE
        const a = getReg<u64>(r2Of(rec));
        const b = imm32Of(rec) as i64 as u64;
        const r = (a & b) as u64;
        setFlagsLogic<u64>(r);
        if (!((r as i64) <= 0)) break;
        rec += REC_BYTES;
        continue;
      }
      case 760: { // testEvGv64 JB
        const a = getReg<u64>(r2Of(rec));
        const b = getReg<u64>(r1Of(rec));
        const r = (a & b) as u64;
        setFlagsLogic<u64>(r);
        if (false) break;
        rec += REC_BYTES;
        continue;
      }
      case 761: { // testEvGv64 JNB
        const a = getReg<u64>(r2Of(rec));
        const b = getReg<u64>(r1Of(rec));
        const r = (a & b) as u64;
        setFlagsLogic<u64>(r);
        if (!(false)) break;
        rec += REC_BYTES;
        continue;
      }
      case 762: { // testEvGv64 JZ
        const a = getReg<u64>(r2Of(rec));
        const b = getReg<u64>(r1Of(rec));
        const r = (a & b) as u64;
        setFlagsLogic<u64>(r);
        if (r == 0) break;
        rec += REC_BYTES;
        continue;
      }
      case 763: { // testEvGv64 JNZ
        const a = getReg<u64>(r2Of(rec));
        const b = getReg<u64>(r1Of(rec));
        const r = (a & b) as u64;
        setFlagsLogic<u64>(r);
        if (!(r == 0)) break;
        rec += REC_BYTES;
        continue;
      }
      case 764: { // testEvGv64 JBE
        const a = getReg<u64>(r2Of(rec));
        const b = getReg<u64>(r1Of(rec));
        const r = (a & b) as u64;
        setFlagsLogic<u64>(r);
        if (r == 0) break;
        rec += REC_BYTES;
        continue;
      }
      case 765: { // testEvGv64 JNBE
        const a = getReg<u64>(r2Of(rec));
        const b = getReg<u64>(r1Of(rec));
        const r = (a & b) as u64;
        setFlagsLogic<u64>(r);
        if (!(r == 0)) break;
        rec += REC_BYTES;
        continue;
      }
      case 766: { // testEvGv64 JS
        const a = getReg<u64>(r2Of(rec));
        const b = getReg<u64>(r1Of(rec));
        const r = (a & b) as u64;
        setFlagsLogic<u64>(r);
        if ((r as i64) < 0) break;
        rec += REC_BYTES;
        continue;
      }
      case 767: { // testEvGv64 JNS
        const a = getReg<u64>(r2Of(rec));
        const b = getReg<u64>(r1Of(rec));
        const r = (a & b) as u64;
        setFlagsLogic<u64>(r);
        if (!((r as i64) < 0)) break;
        rec += REC_BYTES;
        continue;
      }
      case 770: { // testEvGv64 JL
        const a = getReg<u64>(r2Of(rec));
        const b = getReg<u64>(r1Of(rec));
        const r = (a & b) as u64;
        setFlagsLogic<u64>(r);
        if ((r as i64) < 0) break;
        rec += REC_BYTES;
        continue;
      }
      case 771: { // testEvGv64 JNL
        const a = getReg<u64>(r2Of(rec));
        const b = getReg<u64>(r1Of(rec));
        const r = (a & b) as u64;
        setFlagsLogic<u64>(r);
        if (!((r as i64) < 0)) break;
        rec += REC_BYTES;
        continue;
      }
      case 772: { // testEvGv64 JLE
        const a = getReg<u64>(r2Of(rec));
        const b = getReg<u64>(r1Of(rec));
        const r = (a & b) as u64;
        setFlagsLogic<u64>(r);
        if ((r as i64) <= 0) break;
        rec += REC_BYTES;
        continue;
      }
      case 773: { // testEvGv64 JNLE
        const a = getReg<u64>(r2Of(rec));
        const b = getReg<u64>(r1Of(rec));
        const r = (a & b) as u64;
        setFlagsLogic<u64>(r);
        if (!((r as i64) <= 0)) break;
        rec += REC_BYTES;
        continue;
      }
      case 776: { // aluEvGv64 JB
        const a = getReg<u64>(r2Of(rec));
        const b = getReg<u64>(r1Of(rec));
        const r = (a - b) as u64;
        setFlagsSub<u64>(a, b, r);
        if (a < b) break;
        rec += REC_BYTES;
        continue;
      }
      case 777: { // aluEvGv64 JNB
        const a = getReg<u64>(r2Of(rec));
        const b = getReg<u64>(r1Of(rec));
        const r = (a - b) as u64;
        setFlagsSub<u64>(a, b, r);
        if (!(a < b)) break;
        rec += REC_BYTES;
        continue;
      }
      case 778: { // aluEvGv64 JZ
        const a = getReg<u64>(r2Of(rec));
        const b = getReg<u64>(r1Of(rec));
        const r = (a - b) as u64;
        setFlagsSub<u64>(a, b, r);
        if (a == b) break;
        rec += REC_BYTES;
        continue;
      }
      case 779: { // aluEvGv64 JNZ
        const a = getReg<u64>(r2Of(rec));
        const b = getReg<u64>(r1Of(rec));
        const r = (a - b) as u64;
        setFlagsSub<u64>(a, b, r);
        if (!(a == b)) break;
        rec += REC_BYTES;
        continue;
      }
      case 780: { // aluEvGv64 JBE
        const a = getReg<u64>(r2Of(rec));
        const b = getReg<u64>(r1Of(rec));
        const r = (a - b) as u64;
        setFlagsSub<u64>(a, b, r);
        if (a <= b) break;
        rec += REC_BYTES;
        continue;
      }
      case 781: { // aluEvGv64 JNBE
        const a = getReg<u64>(r2Of(rec));
        const b = getReg<u64>(r1Of(rec));
        const r = (a - b) as u64;
        setFlagsSub<u64>(a, b, r);
        if (!(a <= b)) break;
        rec += REC_BYTES;
        continue;
      }
      case 782: { // aluEvGv64 JS
        const a = getReg<u64>(r2Of(rec));
        const b = getReg<u64>(r1Of(rec));
        const r = (a - b) as u64;
        setFlagsSub<u64>(a, b, r);
        if ((r as i64) < 0) break;
        rec += REC_BYTES;
        continue;
      }
      case 783: { // aluEvGv64 JNS
        const a = getReg<u64>(r2Of(rec));
        const b = getReg<u64>(r1Of(rec));
        const r = (a - b) as u64;
        setFlagsSub<u64>(a, b, r);
        if (!((r as i64) < 0)) break;
        rec += REC_BYTES;
        continue;
      }
      case 786: { // aluEvGv64 JL
        const a = getReg<u64>(r2Of(rec));
        const b = getReg<u64>(r1Of(rec));
        const r = (a - b) as u64;
        setFlagsSub<u64>(a, b, r);
        if ((a as i64) < (b as i64)) break;
        rec += REC_BYTES;
        continue;
      }
      case 787: { // aluEvGv64 JNL
        const a = getReg<u64>(r2Of(rec));
        const b = getReg<u64>(r1Of(rec));
        const r = (a - b) as u64;
        setFlagsSub<u64>(a, b, r);
        if (!((a as i64) < (b as i64))) break;
        rec += REC_BYTES;
        continue;
      }
      case 788: { // aluEvGv64 JLE
        const a = getReg<u64>(r2Of(rec));
        const b = getReg<u64>(r1Of(rec));
        const r = (a - b) as u64;
        setFlagsSub<u64>(a, b, r);
        if ((a as i64) <= (b as i64)) break;
        rec += REC_BYTES;
        continue;
      }
      case 789: { // aluEvGv64 JNLE
        const a = getReg<u64>(r2Of(rec));
        const b = getReg<u64>(r1Of(rec));
        const r = (a - b) as u64;
        setFlagsSub<u64>(a, b, r);
        if (!((a as i64) <= (b as i64))) break;
        rec += REC_BYTES;
        continue;
      }
      case 790: // ADD Ev,Gv 32 register, no flags
        aluEvGvR<u32>(rec, ALU_ADD, false);
        rec += REC_BYTES;
        continue;
      case 791: // ADD Ev,Gv 64 register, no flags
        aluEvGvR<u64>(rec, ALU_ADD, false);
        rec += REC_BYTES;
        continue;
      case 792: // ADD rAX,Iz 32 register, no flags
        aluEvIvR<u32>(rec, ALU_ADD, false);
        rec += REC_BYTES;
        continue;
      case 793: // ADD rAX,Iz 64 register, no flags
        aluEvIvR<u64>(rec, ALU_ADD, false);
        rec += REC_BYTES;
        continue;
      case 794: // OR Ev,Gv 32 register, no flags
        aluEvGvR<u32>(rec, ALU_OR, false);
        rec += REC_BYTES;
        continue;
      case 795: // OR Ev,Gv 64 register, no flags
        aluEvGvR<u64>(rec, ALU_OR, false);
        rec += REC_BYTES;
        continue;
      case 796: // OR rAX,Iz 32 register, no flags
        aluEvIvR<u32>(rec, ALU_OR, false);
        rec += REC_BYTES;
        continue;
      case 797: // OR rAX,Iz 64 register, no flags
        aluEvIvR<u64>(rec, ALU_OR, false);
        rec += REC_BYTES;
        continue;
      case 798: // AND Ev,Gv 32 register, no flags
        aluEvGvR<u32>(rec, ALU_AND, false);
        rec += REC_BYTES;
        continue;
      case 799: // AND Ev,Gv 64 register, no flags
        aluEvGvR<u64>(rec, ALU_AND, false);
        rec += REC_BYTES;
        continue;
      case 800: // AND rAX,Iz 32 register, no flags
        aluEvIvR<u32>(rec, ALU_AND, false);
        rec += REC_BYTES;
        continue;
      case 801: // AND rAX,Iz 64 register, no flags
        aluEvIvR<u64>(rec, ALU_AND, false);
        rec += REC_BYTES;
        continue;
      case 802: // SUB Ev,Gv 32 register, no flags
        aluEvGvR<u32>(rec, ALU_SUB, false);
        rec += REC_BYTES;
        continue;
      case 803: // SUB Ev,Gv 64 register, no flags
        aluEvGvR<u64>(rec, ALU_SUB, false);
        rec += REC_BYTES;
        continue;
      case 804: // SUB rAX,Iz 32 register, no flags
        aluEvIvR<u32>(rec, ALU_SUB, false);
        rec += REC_BYTES;
        continue;
      case 805: // SUB rAX,Iz 64 register, no flags
        aluEvIvR<u64>(rec, ALU_SUB, false);
        rec += REC_BYTES;
        continue;
      case 806: // XOR Ev,Gv 32 register, no flags
        aluEvGvR<u32>(rec, ALU_XOR, false);
        rec += REC_BYTES;
        continue;
      case 807: // XOR Ev,Gv 64 register, no flags
        aluEvGvR<u64>(rec, ALU_XOR, false);
        rec += REC_BYTES;
        continue;
      case 808: // XOR rAX,Iz 32 register, no flags
        aluEvIvR<u32>(rec, ALU_XOR, false);
        rec += REC_BYTES;
        continue;
      case 809: // XOR rAX,Iz 64 register, no flags
        aluEvIvR<u64>(rec, ALU_XOR, false);
        rec += REC_BYTES;
        continue;
      case 810: // ROL Ev,Ib 32 register, no flags
        shiftEvIbR<u32>(rec, SHIFT_ROL, false);
        rec += REC_BYTES;
        continue;
      case 811: // ROL Ev,Ib 64 register, no flags
        shiftEvIbR<u64>(rec, SHIFT_ROL, false);
        rec += REC_BYTES;
        continue;
      case 812: // ROL Ev,1 32 register, no flags
        shiftEv1R<u32>(rec, SHIFT_ROL, false);
        rec += REC_BYTES;
        continue;
      case 813: // ROL Ev,1 64 register, no flags
        shiftEv1R<u64>(rec, SHIFT_ROL, false);
        rec += REC_BYTES;
        continue;
      case 814: // ROR Ev,Ib 32 register, no flags
        shiftEvIbR<u32>(rec, SHIFT_ROR, false);
        rec += REC_BYTES;
        continue;
      case 815: // ROR Ev,Ib 64 register, no flags
        shiftEvIbR<u64>(rec, SHIFT_ROR, false);
        rec += REC_BYTES;
        continue;
      case 816: // ROR Ev,1 32 register, no flags
        shiftEv1R<u32>(rec, SHIFT_ROR, false);
        rec += REC_BYTES;
        continue;
      case 817: // ROR Ev,1 64 register, no flags
        shiftEv1R<u64>(rec, SHIFT_ROR, false);
        rec += REC_BYTES;
        continue;
      case 818: // SHL Ev,Ib 32 register, no flags
        shiftEvIbR<u32>(rec, SHIFT_SHL, false);
        rec += REC_BYTES;
        continue;
      case 819: // SHL Ev,Ib 64 register, no flags
        shiftEvIbR<u64>(rec, SHIFT_SHL, false);
        rec += REC_BYTES;
        continue;
      case 820: // SHL Ev,1 32 register, no flags
        shiftEv1R<u32>(rec, SHIFT_SHL, false);
        rec += REC_BYTES;
        continue;
      case 821: // SHL Ev,1 64 register, no flags
        shiftEv1R<u64>(rec, SHIFT_SHL, false);
        rec += REC_BYTES;
        continue;
      case 822: // SHR Ev,Ib 32 register, no flags
        shiftEvIbR<u32>(rec, SHIFT_SHR, false);
        rec += REC_BYTES;
        continue;
      case 823: // SHR Ev,Ib 64 register, no flags
        shiftEvIbR<u64>(rec, SHIFT_SHR, false);
        rec += REC_BYTES;
        continue;
      case 824: // SHR Ev,1 32 register, no flags
        shiftEv1R<u32>(rec, SHIFT_SHR, false);
        rec += REC_BYTES;
        continue;
      case 825: // SHR Ev,1 64 register, no flags
        shiftEv1R<u64>(rec, SHIFT_SHR, false);
        rec += REC_BYTES;
        continue;
      case 826: // SAR Ev,Ib 32 register, no flags
        shiftEvIbR<u32>(rec, SHIFT_SAR, false);
        rec += REC_BYTES;
        continue;
      case 827: // SAR Ev,Ib 64 register, no flags
        shiftEvIbR<u64>(rec, SHIFT_SAR, false);
        rec += REC_BYTES;
        continue;
      case 828: // SAR Ev,1 32 register, no flags
        shiftEv1R<u32>(rec, SHIFT_SAR, false);
        rec += REC_BYTES;
        continue;
      case 829: // SAR Ev,1 64 register, no flags
        shiftEv1R<u64>(rec, SHIFT_SAR, false);
        rec += REC_BYTES;
        continue;
      case 830: // INC Zv 32 register, no flags
        incEvR<u32>(rec, false);
        rec += REC_BYTES;
        continue;
      case 831: // INC Zv 64 register, no flags
        incEvR<u64>(rec, false);
        rec += REC_BYTES;
        continue;
      case 832: // DEC Zv 32 register, no flags
        decEvR<u32>(rec, false);
        rec += REC_BYTES;
        continue;
      case 833: // DEC Zv 64 register, no flags
        decEvR<u64>(rec, false);
        rec += REC_BYTES;
        continue;
      default: {
        const status = executeCold(rec);
        if (status != NEXT) return leave(rec, status);
        rec += REC_BYTES;
        continue;
      }
    }
    // A taken jump, or the end of a block that another one follows.
    remaining += leftOf(rec) - (load<u8>(rec, REC_COUNT) as i32);
    let target = load<u32>(rec, REC_TARGET);
    if (target == 0) {
      store<i32>(REMAINING, remaining);
      target = resolveJump(rec);
      if (target == 0) return;
      remaining = load<i32>(REMAINING);
    }
    remaining -= leftOf(target);
    if (remaining < 0) return leaveUnstarted(target, remaining);
    store<i32>(REMAINING, remaining);
    rec = target;
  }
}
