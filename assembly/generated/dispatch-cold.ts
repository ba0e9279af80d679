/** Written by "npm run generate" from src/tables/opcodes. */
import { resolveNear } from "../cpu/run";
import { DONE, FAULTED, NEXT } from "../decode/record";
import { effectiveAddress, effectiveAddressBd } from "../execute/address";
import { ALU_ADC, ALU_ADD, ALU_AND, ALU_CMP, ALU_OR, ALU_SBB, ALU_SUB, ALU_XOR, adcxGyEyM, adcxGyEyR, adoxGyEyM, adoxGyEyR, aluEvGvM, aluEvGvR, aluEvIvM, aluEvIvR, aluGvEvM, aluGvEvR, cmpxchgEvGvM, cmpxchgEvGvR, decEvM, decEvR, incEvM, incEvR, negEvM, negEvR, notEvM, notEvR, testEvGvM, testEvGvR, testEvIvM, testEvIvR, xaddEvGvM, xaddEvGvR } from "../execute/arithmetic";
import { BIT_FLIP, BIT_RESET, BIT_SET, BIT_TEST, andnGyByEy, bextrGyEyBy, blsiByEy, blsmskByEy, blsrByEy, bsfGvEvM, bsfGvEvR, bsrGvEvM, bsrGvEvR, btEvGv, btEvIbM, btEvIbR, bzhiGyEyBy, crc32GyEb, crc32GyEv, lzcntGvEvM, lzcntGvEvR, pdepGyByEy, pextGyByEy, popcntGvEvM, popcntGvEvR, rorxGyEyIb, sarxGyEyBy, shlxGyEyBy, shrxGyEyBy, tzcntGvEvM, tzcntGvEvR } from "../execute/bits";
import { conditionB, conditionBE, conditionL, conditionLE, conditionNB, conditionNBE, conditionNL, conditionNLE, conditionNO, conditionNP, conditionNS, conditionNZ, conditionO, conditionP, conditionS, conditionZ } from "../execute/conditions";
import { bswapZy, cbw, cmovGvEvM, cmovGvEvR, cwd, leaGvM, movEvGvM, movEvGvR, movEvIvM, movEvIvR, movGvEvM, movGvEvR, movbeGvMv, movbeMvGv, movsxGvEbM, movsxGvEbR, movsxGvEwM, movsxGvEwR, movsxdGvEdM, movsxdGvEdR, movzxGvEbM, movzxGvEbR, movzxGvEwM, movzxGvEwR, nop, xchgEvGvM, xchgEvGvR, xchgZvRax, xlat } from "../execute/data-transfer";
import { aaa, aad, aam, aas, daa, das } from "../execute/decimal";
import { callAp, callMp, jmpAp, jmpMp, retFar } from "../execute/far-control";
import { syscall, sysenter, sysexit, sysret } from "../execute/fast-calls";
import { clac, clc, cld, cli, cmc, lahf, sahf, salc, stac, stc, std, sti } from "../execute/flag-control";
import { int1, int3, intIb, into, iret } from "../execute/interrupt-return";
import { inDx, inIb, ins, outDx, outIb, outs } from "../execute/io";
import { paddbPqQq, padddPqQq, paddqPqQq, paddsbPqQq, paddswPqQq, paddusbPqQq, padduswPqQq, paddwPqQq, pavgbPqQq, pavgwPqQq, pcmpeqbPqQq, pcmpeqdPqQq, pcmpeqwPqQq, pcmpgtbPqQq, pcmpgtdPqQq, pcmpgtwPqQq, pmaddwdPqQq, pmaxswPqQq, pmaxubPqQq, pminswPqQq, pminubPqQq, pmulhuwPqQq, pmulhwPqQq, pmullwPqQq, pmuludqPqQq, psadbwPqQq, psubbPqQq, psubdPqQq, psubqPqQq, psubsbPqQq, psubswPqQq, psubusbPqQq, psubuswPqQq, psubwPqQq } from "../execute/mmx-arithmetic";
import { cvtpd2piPqWpd, cvtpi2pdVpdQq, cvtpi2psVpsQq, cvtps2piPqWq } from "../execute/mmx-convert";
import { pandPqQq, pandnPqQq, porPqQq, pslldNqIb, pslldPqQq, psllqNqIb, psllqPqQq, psllwNqIb, psllwPqQq, psradNqIb, psradPqQq, psrawNqIb, psrawPqQq, psrldNqIb, psrldPqQq, psrlqNqIb, psrlqPqQq, psrlwNqIb, psrlwPqQq, pxorPqQq } from "../execute/mmx-logic";
import { packssdwPqQq, packsswbPqQq, packuswbPqQq, pextrwGdNqIb, pinsrwPqEwIb, pmovmskbGdNq, pshufwPqQqIb, punpckhbwPqQq, punpckhdqPqQq, punpckhwdPqQq, punpcklbwPqQd, punpckldqPqQd, punpcklwdPqQd } from "../execute/mmx-shuffle";
import { pabsbPqQq, pabsdPqQq, pabswPqQq, palignrPqQqIb, phadddPqQq, phaddswPqQq, phaddwPqQq, phsubdPqQq, phsubswPqQq, phsubwPqQq, pmaddubswPqQq, pmulhrswPqQq, pshufbPqQq, psignbPqQq, psigndPqQq, psignwPqQq } from "../execute/mmx-ssse3";
import { emms, maskmovqPqNq, movdEyPq, movdPqEy, movdq2qPqUdq, movntqMqPq, movq2dqVdqNq, movqPqQq, movqQqPq } from "../execute/mmx-transfer";
import { divEb, divEv, idivEb, idivEv, imulEb, imulEv, imulGvEvIzM, imulGvEvIzR, imulGvEvM, imulGvEvR, mulEb, mulEv, mulxGyByEy } from "../execute/multiply";
import { callEvM, callEvR, callJz, jmpEvM, jmpEvR, loopJb, retNear, retNearIw } from "../execute/near-control";
import { cmpxchg8b, cpuid, hlt, monitor, mwait, pause, rdmsr, rdpidRy, rdpkru, rdpmc, rdrandRv, rdseedRv, rdtsc, rdtscp, vmcall, wrmsr, wrpkru, xgetbv, xsetbv } from "../execute/processor";
import { arplEwGw, boundGvMa, larGvEw, lgdtMs, lidtMs, lldtEw, loadFar, lslGvEw, ltrEw, movEvSw, movSwEw, sgdtMs, sidtMs, sldtEv, strEv, verrEw, verwEw } from "../execute/segment-registers";
import { SHIFT_RCL, SHIFT_RCR, SHIFT_ROL, SHIFT_ROR, SHIFT_SAR, SHIFT_SHL, SHIFT_SHR, shiftEv1M, shiftEv1R, shiftEvCLM, shiftEvCLR, shiftEvIbM, shiftEvIbR, shldEvGvCLM, shldEvGvCLR, shldEvGvIbM, shldEvGvIbR, shrdEvGvCLM, shrdEvGvCLR, shrdEvGvIbM, shrdEvGvIbR } from "../execute/shift";
import { enter, leaveFrame, popEv, popSeg, popZv, popa, popf, pushEv, pushIz, pushSeg, pushZv, pusha, pushf } from "../execute/stack";
import { fxrstorM, fxsaveM, ldmxcsrMd, stmxcsrMd, xrstorM, xrstorsM, xsaveM, xsavecM, xsaveoptM, xsavesM } from "../execute/state-save";
import { cmps, lods, movs, scas, stos } from "../execute/string";
import { clflushMb, clts, invd, invlpgM, invpcid, lmswEw, movCyRy, movDyRy, movRyCy, movRyDy, rdbaseRy, smswEv, swapgs, wbinvd, wrbaseRy } from "../execute/system";
import { undefinedOpcode } from "../execute/undefined";
import { X87_ADD, X87_DIV, X87_DIVR, X87_MUL, X87_SUB, X87_SUBR, fabs, fchs, fprem, fprem1, frndint, fscale, fsqrt, fxtract, x87StF32, x87StF64, x87StI16, x87StI32, x87StSti, x87StiSt } from "../execute/x87-arithmetic";
import { fcomF32, fcomF64, fcomSti, fcomi, ficomI16, ficomI32, ftst, fucomSti, fucomi, fxam } from "../execute/x87-compare";
import { fdecstp, ffreeSti, fincstp, fldcw, fnclex, fnignored, fninit, fnop, fnstcw, fnstsw, fnstswAx, fwait } from "../execute/x87-control";
import { fldenv, fnsave, fnstenv, frstor } from "../execute/x87-environment";
import { f2xm1, fcos, fpatan, fptan, fsin, fsincos, fyl2x, fyl2xp1 } from "../execute/x87-transcendental";
import { fbld, fbstp, fcmovStSti, fildI16, fildI32, fildI64, fistI16, fistI32, fistpI64, fldConstant, fldF32, fldF64, fldF80, fldSti, fstF32, fstF64, fstSti, fstpF80, fstpQuiet, fxchSti } from "../execute/x87-transfer";
import { ADD, DIV, MUL, SUB } from "../fpu/sse-soft";
import { CUR_REC } from "./state";

/** Executes one record that is not worth a place in the main switch. */
export function executeCold(rec: u32): u32 {
  store<u32>(CUR_REC, rec);
  switch (load<u16>(rec) as u32) {
    case 714: // ADD Ev,Gv 16 register
      return aluEvGvR<u16>(rec, ALU_ADD);
    case 715: // ADD Ev,Gv 16 memory
      return aluEvGvM<u16>(rec, effectiveAddress(rec), ALU_ADD);
    case 716: // ADD Ev,Gv 16 memoryBd
      return aluEvGvM<u16>(rec, effectiveAddressBd(rec), ALU_ADD);
    case 717: // ADD Gv,Ev 16 register
      return aluGvEvR<u16>(rec, ALU_ADD);
    case 718: // ADD Gv,Ev 16 memory
      return aluGvEvM<u16>(rec, effectiveAddress(rec), ALU_ADD);
    case 719: // ADD Gv,Ev 16 memoryBd
      return aluGvEvM<u16>(rec, effectiveAddressBd(rec), ALU_ADD);
    case 720: // ADD rAX,Iz 16 register
      return aluEvIvR<u16>(rec, ALU_ADD);
    case 721: // ADD Ev,Iz 16 memory
      return aluEvIvM<u16>(rec, effectiveAddress(rec), ALU_ADD);
    case 722: // ADD Ev,Iz 16 memoryBd
      return aluEvIvM<u16>(rec, effectiveAddressBd(rec), ALU_ADD);
    case 723: // OR Ev,Gv 16 register
      return aluEvGvR<u16>(rec, ALU_OR);
    case 724: // OR Ev,Gv 16 memory
      return aluEvGvM<u16>(rec, effectiveAddress(rec), ALU_OR);
    case 725: // OR Ev,Gv 16 memoryBd
      return aluEvGvM<u16>(rec, effectiveAddressBd(rec), ALU_OR);
    case 726: // OR Gv,Ev 16 register
      return aluGvEvR<u16>(rec, ALU_OR);
    case 727: // OR Gv,Ev 16 memory
      return aluGvEvM<u16>(rec, effectiveAddress(rec), ALU_OR);
    case 728: // OR Gv,Ev 16 memoryBd
      return aluGvEvM<u16>(rec, effectiveAddressBd(rec), ALU_OR);
    case 729: // OR rAX,Iz 16 register
      return aluEvIvR<u16>(rec, ALU_OR);
    case 730: // OR Ev,Iz 16 memory
      return aluEvIvM<u16>(rec, effectiveAddress(rec), ALU_OR);
    case 731: // OR Ev,Iz 16 memoryBd
      return aluEvIvM<u16>(rec, effectiveAddressBd(rec), ALU_OR);
    case 732: // ADC Ev,Gv 16 register
      return aluEvGvR<u16>(rec, ALU_ADC);
    case 733: // ADC Ev,Gv 16 memory
      return aluEvGvM<u16>(rec, effectiveAddress(rec), ALU_ADC);
    case 734: // ADC Ev,Gv 16 memoryBd
      return aluEvGvM<u16>(rec, effectiveAddressBd(rec), ALU_ADC);
    case 735: // ADC Gv,Ev 16 register
      return aluGvEvR<u16>(rec, ALU_ADC);
    case 736: // ADC Gv,Ev 16 memory
      return aluGvEvM<u16>(rec, effectiveAddress(rec), ALU_ADC);
    case 737: // ADC Gv,Ev 16 memoryBd
      return aluGvEvM<u16>(rec, effectiveAddressBd(rec), ALU_ADC);
    case 738: // ADC rAX,Iz 16 register
      return aluEvIvR<u16>(rec, ALU_ADC);
    case 739: // ADC Ev,Iz 16 memory
      return aluEvIvM<u16>(rec, effectiveAddress(rec), ALU_ADC);
    case 740: // ADC Ev,Iz 16 memoryBd
      return aluEvIvM<u16>(rec, effectiveAddressBd(rec), ALU_ADC);
    case 741: // SBB Ev,Gv 16 register
      return aluEvGvR<u16>(rec, ALU_SBB);
    case 742: // SBB Ev,Gv 16 memory
      return aluEvGvM<u16>(rec, effectiveAddress(rec), ALU_SBB);
    case 743: // SBB Ev,Gv 16 memoryBd
      return aluEvGvM<u16>(rec, effectiveAddressBd(rec), ALU_SBB);
    case 744: // SBB Gv,Ev 16 register
      return aluGvEvR<u16>(rec, ALU_SBB);
    case 745: // SBB Gv,Ev 16 memory
      return aluGvEvM<u16>(rec, effectiveAddress(rec), ALU_SBB);
    case 746: // SBB Gv,Ev 16 memoryBd
      return aluGvEvM<u16>(rec, effectiveAddressBd(rec), ALU_SBB);
    case 747: // SBB rAX,Iz 16 register
      return aluEvIvR<u16>(rec, ALU_SBB);
    case 748: // SBB Ev,Iz 16 memory
      return aluEvIvM<u16>(rec, effectiveAddress(rec), ALU_SBB);
    case 749: // SBB Ev,Iz 16 memoryBd
      return aluEvIvM<u16>(rec, effectiveAddressBd(rec), ALU_SBB);
    case 750: // AND Ev,Gv 16 register
      return aluEvGvR<u16>(rec, ALU_AND);
    case 751: // AND Ev,Gv 16 memory
      return aluEvGvM<u16>(rec, effectiveAddress(rec), ALU_AND);
    case 752: // AND Ev,Gv 16 memoryBd
      return aluEvGvM<u16>(rec, effectiveAddressBd(rec), ALU_AND);
    case 753: // AND Gv,Ev 16 register
      return aluGvEvR<u16>(rec, ALU_AND);
    case 754: // AND Gv,Ev 16 memory
      return aluGvEvM<u16>(rec, effectiveAddress(rec), ALU_AND);
    case 755: // AND Gv,Ev 16 memoryBd
      return aluGvEvM<u16>(rec, effectiveAddressBd(rec), ALU_AND);
    case 756: // AND rAX,Iz 16 register
      return aluEvIvR<u16>(rec, ALU_AND);
    case 757: // AND Ev,Iz 16 memory
      return aluEvIvM<u16>(rec, effectiveAddress(rec), ALU_AND);
    case 758: // AND Ev,Iz 16 memoryBd
      return aluEvIvM<u16>(rec, effectiveAddressBd(rec), ALU_AND);
    case 759: // SUB Ev,Gv 16 register
      return aluEvGvR<u16>(rec, ALU_SUB);
    case 760: // SUB Ev,Gv 16 memory
      return aluEvGvM<u16>(rec, effectiveAddress(rec), ALU_SUB);
    case 761: // SUB Ev,Gv 16 memoryBd
      return aluEvGvM<u16>(rec, effectiveAddressBd(rec), ALU_SUB);
    case 762: // SUB Gv,Ev 16 register
      return aluGvEvR<u16>(rec, ALU_SUB);
    case 763: // SUB Gv,Ev 16 memory
      return aluGvEvM<u16>(rec, effectiveAddress(rec), ALU_SUB);
    case 764: // SUB Gv,Ev 16 memoryBd
      return aluGvEvM<u16>(rec, effectiveAddressBd(rec), ALU_SUB);
    case 765: // SUB rAX,Iz 16 register
      return aluEvIvR<u16>(rec, ALU_SUB);
    case 766: // SUB Ev,Iz 16 memory
      return aluEvIvM<u16>(rec, effectiveAddress(rec), ALU_SUB);
    case 767: // SUB Ev,Iz 16 memoryBd
      return aluEvIvM<u16>(rec, effectiveAddressBd(rec), ALU_SUB);
    case 768: // XOR Ev,Gv 16 register
      return aluEvGvR<u16>(rec, ALU_XOR);
    case 769: // XOR Ev,Gv 16 memory
      return aluEvGvM<u16>(rec, effectiveAddress(rec), ALU_XOR);
    case 770: // XOR Ev,Gv 16 memoryBd
      return aluEvGvM<u16>(rec, effectiveAddressBd(rec), ALU_XOR);
    case 771: // XOR Gv,Ev 16 register
      return aluGvEvR<u16>(rec, ALU_XOR);
    case 772: // XOR Gv,Ev 16 memory
      return aluGvEvM<u16>(rec, effectiveAddress(rec), ALU_XOR);
    case 773: // XOR Gv,Ev 16 memoryBd
      return aluGvEvM<u16>(rec, effectiveAddressBd(rec), ALU_XOR);
    case 774: // XOR rAX,Iz 16 register
      return aluEvIvR<u16>(rec, ALU_XOR);
    case 775: // XOR Ev,Iz 16 memory
      return aluEvIvM<u16>(rec, effectiveAddress(rec), ALU_XOR);
    case 776: // XOR Ev,Iz 16 memoryBd
      return aluEvIvM<u16>(rec, effectiveAddressBd(rec), ALU_XOR);
    case 777: // CMP Ev,Gv 16 register
      return aluEvGvR<u16>(rec, ALU_CMP);
    case 778: // CMP Ev,Gv 16 memory
      return aluEvGvM<u16>(rec, effectiveAddress(rec), ALU_CMP);
    case 779: // CMP Ev,Gv 16 memoryBd
      return aluEvGvM<u16>(rec, effectiveAddressBd(rec), ALU_CMP);
    case 780: // CMP Gv,Ev 16 register
      return aluGvEvR<u16>(rec, ALU_CMP);
    case 781: // CMP Gv,Ev 16 memory
      return aluGvEvM<u16>(rec, effectiveAddress(rec), ALU_CMP);
    case 782: // CMP Gv,Ev 16 memoryBd
      return aluGvEvM<u16>(rec, effectiveAddressBd(rec), ALU_CMP);
    case 783: // CMP rAX,Iz 16 register
      return aluEvIvR<u16>(rec, ALU_CMP);
    case 784: // CMP Ev,Iz 16 memory
      return aluEvIvM<u16>(rec, effectiveAddress(rec), ALU_CMP);
    case 785: // CMP Ev,Iz 16 memoryBd
      return aluEvIvM<u16>(rec, effectiveAddressBd(rec), ALU_CMP);
    case 786: // ROL Eb,Ib 8 register
      return shiftEvIbR<u8>(rec, SHIFT_ROL);
    case 787: // ROL Eb,Ib 8 memory
      return shiftEvIbM<u8>(rec, effectiveAddress(rec), SHIFT_ROL);
    case 788: // ROL Ev,Ib 16 register
      return shiftEvIbR<u16>(rec, SHIFT_ROL);
    case 789: // ROL Ev,Ib 16 memory
      return shiftEvIbM<u16>(rec, effectiveAddress(rec), SHIFT_ROL);
    case 790: // ROL Eb,1 8 register
      return shiftEv1R<u8>(rec, SHIFT_ROL);
    case 791: // ROL Eb,1 8 memory
      return shiftEv1M<u8>(rec, effectiveAddress(rec), SHIFT_ROL);
    case 792: // ROL Ev,1 16 register
      return shiftEv1R<u16>(rec, SHIFT_ROL);
    case 793: // ROL Ev,1 16 memory
      return shiftEv1M<u16>(rec, effectiveAddress(rec), SHIFT_ROL);
    case 794: // ROL Eb,CL 8 register
      return shiftEvCLR<u8>(rec, SHIFT_ROL);
    case 795: // ROL Eb,CL 8 memory
      return shiftEvCLM<u8>(rec, effectiveAddress(rec), SHIFT_ROL);
    case 796: // ROL Ev,CL 16 register
      return shiftEvCLR<u16>(rec, SHIFT_ROL);
    case 797: // ROL Ev,CL 16 memory
      return shiftEvCLM<u16>(rec, effectiveAddress(rec), SHIFT_ROL);
    case 798: // ROR Eb,Ib 8 register
      return shiftEvIbR<u8>(rec, SHIFT_ROR);
    case 799: // ROR Eb,Ib 8 memory
      return shiftEvIbM<u8>(rec, effectiveAddress(rec), SHIFT_ROR);
    case 800: // ROR Ev,Ib 16 register
      return shiftEvIbR<u16>(rec, SHIFT_ROR);
    case 801: // ROR Ev,Ib 16 memory
      return shiftEvIbM<u16>(rec, effectiveAddress(rec), SHIFT_ROR);
    case 802: // ROR Eb,1 8 register
      return shiftEv1R<u8>(rec, SHIFT_ROR);
    case 803: // ROR Eb,1 8 memory
      return shiftEv1M<u8>(rec, effectiveAddress(rec), SHIFT_ROR);
    case 804: // ROR Ev,1 16 register
      return shiftEv1R<u16>(rec, SHIFT_ROR);
    case 805: // ROR Ev,1 16 memory
      return shiftEv1M<u16>(rec, effectiveAddress(rec), SHIFT_ROR);
    case 806: // ROR Eb,CL 8 register
      return shiftEvCLR<u8>(rec, SHIFT_ROR);
    case 807: // ROR Eb,CL 8 memory
      return shiftEvCLM<u8>(rec, effectiveAddress(rec), SHIFT_ROR);
    case 808: // ROR Ev,CL 16 register
      return shiftEvCLR<u16>(rec, SHIFT_ROR);
    case 809: // ROR Ev,CL 16 memory
      return shiftEvCLM<u16>(rec, effectiveAddress(rec), SHIFT_ROR);
    case 810: // RCL Eb,Ib 8 register
      return shiftEvIbR<u8>(rec, SHIFT_RCL);
    case 811: // RCL Eb,Ib 8 memory
      return shiftEvIbM<u8>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 812: // RCL Ev,Ib 16 register
      return shiftEvIbR<u16>(rec, SHIFT_RCL);
    case 813: // RCL Ev,Ib 16 memory
      return shiftEvIbM<u16>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 814: // RCL Ev,Ib 32 register
      return shiftEvIbR<u32>(rec, SHIFT_RCL);
    case 815: // RCL Ev,Ib 32 memory
      return shiftEvIbM<u32>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 816: // RCL Ev,Ib 64 register
      return shiftEvIbR<u64>(rec, SHIFT_RCL);
    case 817: // RCL Ev,Ib 64 memory
      return shiftEvIbM<u64>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 818: // RCL Eb,1 8 register
      return shiftEv1R<u8>(rec, SHIFT_RCL);
    case 819: // RCL Eb,1 8 memory
      return shiftEv1M<u8>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 820: // RCL Ev,1 16 register
      return shiftEv1R<u16>(rec, SHIFT_RCL);
    case 821: // RCL Ev,1 16 memory
      return shiftEv1M<u16>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 822: // RCL Ev,1 32 register
      return shiftEv1R<u32>(rec, SHIFT_RCL);
    case 823: // RCL Ev,1 32 memory
      return shiftEv1M<u32>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 824: // RCL Ev,1 64 register
      return shiftEv1R<u64>(rec, SHIFT_RCL);
    case 825: // RCL Ev,1 64 memory
      return shiftEv1M<u64>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 826: // RCL Eb,CL 8 register
      return shiftEvCLR<u8>(rec, SHIFT_RCL);
    case 827: // RCL Eb,CL 8 memory
      return shiftEvCLM<u8>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 828: // RCL Ev,CL 16 register
      return shiftEvCLR<u16>(rec, SHIFT_RCL);
    case 829: // RCL Ev,CL 16 memory
      return shiftEvCLM<u16>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 830: // RCL Ev,CL 32 register
      return shiftEvCLR<u32>(rec, SHIFT_RCL);
    case 831: // RCL Ev,CL 32 memory
      return shiftEvCLM<u32>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 832: // RCL Ev,CL 64 register
      return shiftEvCLR<u64>(rec, SHIFT_RCL);
    case 833: // RCL Ev,CL 64 memory
      return shiftEvCLM<u64>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 834: // RCR Eb,Ib 8 register
      return shiftEvIbR<u8>(rec, SHIFT_RCR);
    case 835: // RCR Eb,Ib 8 memory
      return shiftEvIbM<u8>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 836: // RCR Ev,Ib 16 register
      return shiftEvIbR<u16>(rec, SHIFT_RCR);
    case 837: // RCR Ev,Ib 16 memory
      return shiftEvIbM<u16>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 838: // RCR Ev,Ib 32 register
      return shiftEvIbR<u32>(rec, SHIFT_RCR);
    case 839: // RCR Ev,Ib 32 memory
      return shiftEvIbM<u32>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 840: // RCR Ev,Ib 64 register
      return shiftEvIbR<u64>(rec, SHIFT_RCR);
    case 841: // RCR Ev,Ib 64 memory
      return shiftEvIbM<u64>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 842: // RCR Eb,1 8 register
      return shiftEv1R<u8>(rec, SHIFT_RCR);
    case 843: // RCR Eb,1 8 memory
      return shiftEv1M<u8>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 844: // RCR Ev,1 16 register
      return shiftEv1R<u16>(rec, SHIFT_RCR);
    case 845: // RCR Ev,1 16 memory
      return shiftEv1M<u16>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 846: // RCR Ev,1 32 register
      return shiftEv1R<u32>(rec, SHIFT_RCR);
    case 847: // RCR Ev,1 32 memory
      return shiftEv1M<u32>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 848: // RCR Ev,1 64 register
      return shiftEv1R<u64>(rec, SHIFT_RCR);
    case 849: // RCR Ev,1 64 memory
      return shiftEv1M<u64>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 850: // RCR Eb,CL 8 register
      return shiftEvCLR<u8>(rec, SHIFT_RCR);
    case 851: // RCR Eb,CL 8 memory
      return shiftEvCLM<u8>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 852: // RCR Ev,CL 16 register
      return shiftEvCLR<u16>(rec, SHIFT_RCR);
    case 853: // RCR Ev,CL 16 memory
      return shiftEvCLM<u16>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 854: // RCR Ev,CL 32 register
      return shiftEvCLR<u32>(rec, SHIFT_RCR);
    case 855: // RCR Ev,CL 32 memory
      return shiftEvCLM<u32>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 856: // RCR Ev,CL 64 register
      return shiftEvCLR<u64>(rec, SHIFT_RCR);
    case 857: // RCR Ev,CL 64 memory
      return shiftEvCLM<u64>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 858: // SHL Eb,Ib 8 register
      return shiftEvIbR<u8>(rec, SHIFT_SHL);
    case 859: // SHL Eb,Ib 8 memory
      return shiftEvIbM<u8>(rec, effectiveAddress(rec), SHIFT_SHL);
    case 860: // SHL Ev,Ib 16 register
      return shiftEvIbR<u16>(rec, SHIFT_SHL);
    case 861: // SHL Ev,Ib 16 memory
      return shiftEvIbM<u16>(rec, effectiveAddress(rec), SHIFT_SHL);
    case 862: // SHL Eb,1 8 register
      return shiftEv1R<u8>(rec, SHIFT_SHL);
    case 863: // SHL Eb,1 8 memory
      return shiftEv1M<u8>(rec, effectiveAddress(rec), SHIFT_SHL);
    case 864: // SHL Ev,1 16 register
      return shiftEv1R<u16>(rec, SHIFT_SHL);
    case 865: // SHL Ev,1 16 memory
      return shiftEv1M<u16>(rec, effectiveAddress(rec), SHIFT_SHL);
    case 866: // SHL Eb,CL 8 register
      return shiftEvCLR<u8>(rec, SHIFT_SHL);
    case 867: // SHL Eb,CL 8 memory
      return shiftEvCLM<u8>(rec, effectiveAddress(rec), SHIFT_SHL);
    case 868: // SHL Ev,CL 16 register
      return shiftEvCLR<u16>(rec, SHIFT_SHL);
    case 869: // SHL Ev,CL 16 memory
      return shiftEvCLM<u16>(rec, effectiveAddress(rec), SHIFT_SHL);
    case 870: // SHR Eb,Ib 8 register
      return shiftEvIbR<u8>(rec, SHIFT_SHR);
    case 871: // SHR Eb,Ib 8 memory
      return shiftEvIbM<u8>(rec, effectiveAddress(rec), SHIFT_SHR);
    case 872: // SHR Ev,Ib 16 register
      return shiftEvIbR<u16>(rec, SHIFT_SHR);
    case 873: // SHR Ev,Ib 16 memory
      return shiftEvIbM<u16>(rec, effectiveAddress(rec), SHIFT_SHR);
    case 874: // SHR Eb,1 8 register
      return shiftEv1R<u8>(rec, SHIFT_SHR);
    case 875: // SHR Eb,1 8 memory
      return shiftEv1M<u8>(rec, effectiveAddress(rec), SHIFT_SHR);
    case 876: // SHR Ev,1 16 register
      return shiftEv1R<u16>(rec, SHIFT_SHR);
    case 877: // SHR Ev,1 16 memory
      return shiftEv1M<u16>(rec, effectiveAddress(rec), SHIFT_SHR);
    case 878: // SHR Eb,CL 8 register
      return shiftEvCLR<u8>(rec, SHIFT_SHR);
    case 879: // SHR Eb,CL 8 memory
      return shiftEvCLM<u8>(rec, effectiveAddress(rec), SHIFT_SHR);
    case 880: // SHR Ev,CL 16 register
      return shiftEvCLR<u16>(rec, SHIFT_SHR);
    case 881: // SHR Ev,CL 16 memory
      return shiftEvCLM<u16>(rec, effectiveAddress(rec), SHIFT_SHR);
    case 882: // SAR Eb,Ib 8 register
      return shiftEvIbR<u8>(rec, SHIFT_SAR);
    case 883: // SAR Eb,Ib 8 memory
      return shiftEvIbM<u8>(rec, effectiveAddress(rec), SHIFT_SAR);
    case 884: // SAR Ev,Ib 16 register
      return shiftEvIbR<u16>(rec, SHIFT_SAR);
    case 885: // SAR Ev,Ib 16 memory
      return shiftEvIbM<u16>(rec, effectiveAddress(rec), SHIFT_SAR);
    case 886: // SAR Eb,1 8 register
      return shiftEv1R<u8>(rec, SHIFT_SAR);
    case 887: // SAR Eb,1 8 memory
      return shiftEv1M<u8>(rec, effectiveAddress(rec), SHIFT_SAR);
    case 888: // SAR Ev,1 16 register
      return shiftEv1R<u16>(rec, SHIFT_SAR);
    case 889: // SAR Ev,1 16 memory
      return shiftEv1M<u16>(rec, effectiveAddress(rec), SHIFT_SAR);
    case 890: // SAR Eb,CL 8 register
      return shiftEvCLR<u8>(rec, SHIFT_SAR);
    case 891: // SAR Eb,CL 8 memory
      return shiftEvCLM<u8>(rec, effectiveAddress(rec), SHIFT_SAR);
    case 892: // SAR Ev,CL 16 register
      return shiftEvCLR<u16>(rec, SHIFT_SAR);
    case 893: // SAR Ev,CL 16 memory
      return shiftEvCLM<u16>(rec, effectiveAddress(rec), SHIFT_SAR);
    case 894: // CMOVO Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionO());
    case 895: // CMOVO Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionO());
    case 896: // CMOVNO Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionNO());
    case 897: // CMOVNO Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionNO());
    case 898: // CMOVB Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionB());
    case 899: // CMOVB Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionB());
    case 900: // CMOVNB Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionNB());
    case 901: // CMOVNB Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionNB());
    case 902: // CMOVZ Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionZ());
    case 903: // CMOVZ Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionZ());
    case 904: // CMOVNZ Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionNZ());
    case 905: // CMOVNZ Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionNZ());
    case 906: // CMOVBE Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionBE());
    case 907: // CMOVBE Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionBE());
    case 908: // CMOVNBE Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionNBE());
    case 909: // CMOVNBE Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionNBE());
    case 910: // CMOVS Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionS());
    case 911: // CMOVS Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionS());
    case 912: // CMOVNS Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionNS());
    case 913: // CMOVNS Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionNS());
    case 914: // CMOVP Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionP());
    case 915: // CMOVP Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionP());
    case 916: // CMOVNP Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionNP());
    case 917: // CMOVNP Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionNP());
    case 918: // CMOVL Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionL());
    case 919: // CMOVL Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionL());
    case 920: // CMOVNL Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionNL());
    case 921: // CMOVNL Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionNL());
    case 922: // CMOVLE Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionLE());
    case 923: // CMOVLE Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionLE());
    case 924: // CMOVNLE Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionNLE());
    case 925: // CMOVNLE Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionNLE());
    case 926: // MOV Ev,Gv 16 register
      return movEvGvR<u16>(rec);
    case 927: // MOV Ev,Gv 16 memory
      return movEvGvM<u16>(rec, effectiveAddress(rec));
    case 928: // MOV Ev,Gv 16 memoryBd
      return movEvGvM<u16>(rec, effectiveAddressBd(rec));
    case 929: // MOV Gv,Ev 16 register
      return movGvEvR<u16>(rec);
    case 930: // MOV Gv,Ev 16 memory
      return movGvEvM<u16>(rec, effectiveAddress(rec));
    case 931: // MOV Gv,Ev 16 memoryBd
      return movGvEvM<u16>(rec, effectiveAddressBd(rec));
    case 932: // MOV Zv,Iv 16 register
      return movEvIvR<u16>(rec);
    case 933: // MOV Ev,Iz 16 memory
      return movEvIvM<u16>(rec, effectiveAddress(rec));
    case 934: // MOV Ev,Iz 16 memoryBd
      return movEvIvM<u16>(rec, effectiveAddressBd(rec));
    case 935: // MOVZX Gv,Eb 16 register
      return movzxGvEbR<u16>(rec);
    case 936: // MOVZX Gv,Eb 16 memory
      return movzxGvEbM<u16>(rec, effectiveAddress(rec));
    case 937: // MOVZX Gv,Eb 16 memoryBd
      return movzxGvEbM<u16>(rec, effectiveAddressBd(rec));
    case 938: // MOVZX Gv,Ew 16 register
      return movzxGvEwR<u16>(rec);
    case 939: // MOVZX Gv,Ew 16 memory
      return movzxGvEwM<u16>(rec, effectiveAddress(rec));
    case 940: // MOVZX Gv,Ew 16 memoryBd
      return movzxGvEwM<u16>(rec, effectiveAddressBd(rec));
    case 941: // MOVSX Gv,Eb 16 register
      return movsxGvEbR<u16>(rec);
    case 942: // MOVSX Gv,Eb 16 memory
      return movsxGvEbM<u16>(rec, effectiveAddress(rec));
    case 943: // MOVSX Gv,Eb 16 memoryBd
      return movsxGvEbM<u16>(rec, effectiveAddressBd(rec));
    case 944: // MOVSX Gv,Ew 16 register
      return movsxGvEwR<u16>(rec);
    case 945: // MOVSX Gv,Ew 16 memory
      return movsxGvEwM<u16>(rec, effectiveAddress(rec));
    case 946: // MOVSX Gv,Ew 16 memoryBd
      return movsxGvEwM<u16>(rec, effectiveAddressBd(rec));
    case 947: // MOVSXD Gv,Ed 16 register
      return movsxdGvEdR<u16>(rec);
    case 948: // MOVSXD Gv,Ed 16 memory
      return movsxdGvEdM<u16>(rec, effectiveAddress(rec));
    case 949: // XCHG Ev,Gv 16 register
      return xchgEvGvR<u16>(rec);
    case 950: // XCHG Ev,Gv 16 memory
      return xchgEvGvM<u16>(rec, effectiveAddress(rec));
    case 951: // XCHG Zv,rAX 16
      return xchgZvRax<u16>(rec);
    case 952: // XCHG Zv,rAX 32
      return xchgZvRax<u32>(rec);
    case 953: // XCHG Zv,rAX 64
      return xchgZvRax<u64>(rec);
    case 954: // PAUSE
      return pause(rec);
    case 955: // BSWAP Zy 16
      return bswapZy<u16>(rec);
    case 956: // MOVBE Gv,Mv
      return movbeGvMv(rec);
    case 957: // MOVBE Mv,Gv
      return movbeMvGv(rec);
    case 958: // LEA Gv,M 16 memory
      return leaGvM<u16>(rec, effectiveAddress(rec));
    case 959: // LEA Gv,M 16 memoryBd
      return leaGvM<u16>(rec, effectiveAddressBd(rec));
    case 960: // XLAT
      return xlat(rec);
    case 961: // CBW  16
      return cbw<u16>(rec);
    case 962: // CWD  16
      return cwd<u16>(rec);
    case 963: // LAHF
      return lahf(rec);
    case 964: // SAHF
      return sahf(rec);
    case 965: // PUSH Zv 16
      return pushZv<u16>(rec);
    case 966: // POP Zv 16
      return popZv<u16>(rec);
    case 967: // PUSH Iz 16
      return pushIz<u16>(rec);
    case 968: // PUSH Ev
      return pushEv(rec);
    case 969: // POP Ev
      return popEv(rec);
    case 970: // PUSH ES
      return pushSeg(rec, 0);
    case 971: // PUSH CS
      return pushSeg(rec, 1);
    case 972: // PUSH SS
      return pushSeg(rec, 2);
    case 973: // PUSH DS
      return pushSeg(rec, 3);
    case 974: // PUSH FS
      return pushSeg(rec, 4);
    case 975: // PUSH GS
      return pushSeg(rec, 5);
    case 976: // POP ES
      return popSeg(rec, 0);
    case 977: // POP SS
      return popSeg(rec, 2);
    case 978: // POP DS
      return popSeg(rec, 3);
    case 979: // POP FS
      return popSeg(rec, 4);
    case 980: // POP GS
      return popSeg(rec, 5);
    case 981: // PUSHA
      return pusha(rec);
    case 982: // POPA
      return popa(rec);
    case 983: // PUSHF
      return pushf(rec);
    case 984: // POPF
      return popf(rec);
    case 985: // ENTER Iw,Ib
      return enter(rec);
    case 986: // LEAVE
      return leaveFrame(rec);
    case 987: // INC Zv 16 register
      return incEvR<u16>(rec);
    case 988: // DEC Zv 16 register
      return decEvR<u16>(rec);
    case 989: // INC Ev 16 memory
      return incEvM<u16>(rec, effectiveAddress(rec));
    case 990: // DEC Ev 16 memory
      return decEvM<u16>(rec, effectiveAddress(rec));
    case 991: // MUL Eb
      return mulEb(rec);
    case 992: // IMUL Eb
      return imulEb(rec);
    case 993: // DIV Eb
      return divEb(rec);
    case 994: // IDIV Eb
      return idivEb(rec);
    case 995: // TEST Ev,Iz 16 register
      return testEvIvR<u16>(rec);
    case 996: // TEST Ev,Iz 16 memory
      return testEvIvM<u16>(rec, effectiveAddress(rec));
    case 997: // TEST Ev,Iz 16 memoryBd
      return testEvIvM<u16>(rec, effectiveAddressBd(rec));
    case 998: // NOT Ev 16 register
      return notEvR<u16>(rec);
    case 999: // NOT Ev 16 memory
      return notEvM<u16>(rec, effectiveAddress(rec));
    case 1000: // NEG Ev 16 register
      return negEvR<u16>(rec);
    case 1001: // NEG Ev 16 memory
      return negEvM<u16>(rec, effectiveAddress(rec));
    case 1002: // MUL Ev
      return mulEv(rec);
    case 1003: // IMUL Ev
      return imulEv(rec);
    case 1004: // DIV Ev
      return divEv(rec);
    case 1005: // IDIV Ev
      return idivEv(rec);
    case 1006: // TEST Ev,Gv 16 register
      return testEvGvR<u16>(rec);
    case 1007: // TEST Ev,Gv 16 memory
      return testEvGvM<u16>(rec, effectiveAddress(rec));
    case 1008: // IMUL Gv,Ev 16 register
      return imulGvEvR<u16>(rec);
    case 1009: // IMUL Gv,Ev 16 memory
      return imulGvEvM<u16>(rec, effectiveAddress(rec));
    case 1010: // IMUL Gv,Ev 16 memoryBd
      return imulGvEvM<u16>(rec, effectiveAddressBd(rec));
    case 1011: // IMUL Gv,Ev,Iz 16 register
      return imulGvEvIzR<u16>(rec);
    case 1012: // IMUL Gv,Ev,Iz 16 memory
      return imulGvEvIzM<u16>(rec, effectiveAddress(rec));
    case 1013: // XADD Eb,Gb 8 register
      return xaddEvGvR<u8>(rec);
    case 1014: // XADD Eb,Gb 8 memory
      return xaddEvGvM<u8>(rec, effectiveAddress(rec));
    case 1015: // XADD Ev,Gv 16 register
      return xaddEvGvR<u16>(rec);
    case 1016: // XADD Ev,Gv 16 memory
      return xaddEvGvM<u16>(rec, effectiveAddress(rec));
    case 1017: // XADD Ev,Gv 32 register
      return xaddEvGvR<u32>(rec);
    case 1018: // XADD Ev,Gv 32 memory
      return xaddEvGvM<u32>(rec, effectiveAddress(rec));
    case 1019: // XADD Ev,Gv 64 register
      return xaddEvGvR<u64>(rec);
    case 1020: // XADD Ev,Gv 64 memory
      return xaddEvGvM<u64>(rec, effectiveAddress(rec));
    case 1021: // CMPXCHG Eb,Gb 8 register
      return cmpxchgEvGvR<u8>(rec);
    case 1022: // CMPXCHG Eb,Gb 8 memory
      return cmpxchgEvGvM<u8>(rec, effectiveAddress(rec));
    case 1023: // CMPXCHG Ev,Gv 16 register
      return cmpxchgEvGvR<u16>(rec);
    case 1024: // CMPXCHG Ev,Gv 16 memory
      return cmpxchgEvGvM<u16>(rec, effectiveAddress(rec));
    case 1025: // CMPXCHG Ev,Gv 32 register
      return cmpxchgEvGvR<u32>(rec);
    case 1026: // CMPXCHG Ev,Gv 32 memory
      return cmpxchgEvGvM<u32>(rec, effectiveAddress(rec));
    case 1027: // CMPXCHG Ev,Gv 64 register
      return cmpxchgEvGvR<u64>(rec);
    case 1028: // CMPXCHG Ev,Gv 64 memory
      return cmpxchgEvGvM<u64>(rec, effectiveAddress(rec));
    case 1029: // CMPXCHG8B M
      return cmpxchg8b(rec);
    case 1030: // AAA
      return aaa(rec);
    case 1031: // AAS
      return aas(rec);
    case 1032: // AAD Ib
      return aad(rec);
    case 1033: // AAM Ib
      return aam(rec);
    case 1034: // DAA
      return daa(rec);
    case 1035: // DAS
      return das(rec);
    case 1036: // ADCX Gy,Ey 32 register
      return adcxGyEyR<u32>(rec);
    case 1037: // ADCX Gy,Ey 32 memory
      return adcxGyEyM<u32>(rec, effectiveAddress(rec));
    case 1038: // ADCX Gy,Ey 64 register
      return adcxGyEyR<u64>(rec);
    case 1039: // ADCX Gy,Ey 64 memory
      return adcxGyEyM<u64>(rec, effectiveAddress(rec));
    case 1040: // ADOX Gy,Ey 32 register
      return adoxGyEyR<u32>(rec);
    case 1041: // ADOX Gy,Ey 32 memory
      return adoxGyEyM<u32>(rec, effectiveAddress(rec));
    case 1042: // ADOX Gy,Ey 64 register
      return adoxGyEyR<u64>(rec);
    case 1043: // ADOX Gy,Ey 64 memory
      return adoxGyEyM<u64>(rec, effectiveAddress(rec));
    case 1044: // CRC32 Gy,Eb
      return crc32GyEb(rec);
    case 1045: // CRC32 Gy,Ev
      return crc32GyEv(rec);
    case 1046: // SALC
      return salc(rec);
    case 1047: // SHLD Ev,Gv,Ib 16 register
      return shldEvGvIbR<u16>(rec);
    case 1048: // SHLD Ev,Gv,Ib 16 memory
      return shldEvGvIbM<u16>(rec, effectiveAddress(rec));
    case 1049: // SHLD Ev,Gv,Ib 32 register
      return shldEvGvIbR<u32>(rec);
    case 1050: // SHLD Ev,Gv,Ib 32 memory
      return shldEvGvIbM<u32>(rec, effectiveAddress(rec));
    case 1051: // SHLD Ev,Gv,Ib 64 register
      return shldEvGvIbR<u64>(rec);
    case 1052: // SHLD Ev,Gv,Ib 64 memory
      return shldEvGvIbM<u64>(rec, effectiveAddress(rec));
    case 1053: // SHLD Ev,Gv,CL 16 register
      return shldEvGvCLR<u16>(rec);
    case 1054: // SHLD Ev,Gv,CL 16 memory
      return shldEvGvCLM<u16>(rec, effectiveAddress(rec));
    case 1055: // SHLD Ev,Gv,CL 32 register
      return shldEvGvCLR<u32>(rec);
    case 1056: // SHLD Ev,Gv,CL 32 memory
      return shldEvGvCLM<u32>(rec, effectiveAddress(rec));
    case 1057: // SHLD Ev,Gv,CL 64 register
      return shldEvGvCLR<u64>(rec);
    case 1058: // SHLD Ev,Gv,CL 64 memory
      return shldEvGvCLM<u64>(rec, effectiveAddress(rec));
    case 1059: // SHRD Ev,Gv,Ib 16 register
      return shrdEvGvIbR<u16>(rec);
    case 1060: // SHRD Ev,Gv,Ib 16 memory
      return shrdEvGvIbM<u16>(rec, effectiveAddress(rec));
    case 1061: // SHRD Ev,Gv,Ib 32 register
      return shrdEvGvIbR<u32>(rec);
    case 1062: // SHRD Ev,Gv,Ib 32 memory
      return shrdEvGvIbM<u32>(rec, effectiveAddress(rec));
    case 1063: // SHRD Ev,Gv,Ib 64 register
      return shrdEvGvIbR<u64>(rec);
    case 1064: // SHRD Ev,Gv,Ib 64 memory
      return shrdEvGvIbM<u64>(rec, effectiveAddress(rec));
    case 1065: // SHRD Ev,Gv,CL 16 register
      return shrdEvGvCLR<u16>(rec);
    case 1066: // SHRD Ev,Gv,CL 16 memory
      return shrdEvGvCLM<u16>(rec, effectiveAddress(rec));
    case 1067: // SHRD Ev,Gv,CL 32 register
      return shrdEvGvCLR<u32>(rec);
    case 1068: // SHRD Ev,Gv,CL 32 memory
      return shrdEvGvCLM<u32>(rec, effectiveAddress(rec));
    case 1069: // SHRD Ev,Gv,CL 64 register
      return shrdEvGvCLR<u64>(rec);
    case 1070: // SHRD Ev,Gv,CL 64 memory
      return shrdEvGvCLM<u64>(rec, effectiveAddress(rec));
    case 1071: // BT Ev,Gv
      return btEvGv(rec, BIT_TEST);
    case 1072: // BTS Ev,Gv
      return btEvGv(rec, BIT_SET);
    case 1073: // BTR Ev,Gv
      return btEvGv(rec, BIT_RESET);
    case 1074: // BTC Ev,Gv
      return btEvGv(rec, BIT_FLIP);
    case 1075: // BT Ev,Ib 16 register
      return btEvIbR<u16>(rec, BIT_TEST);
    case 1076: // BT Ev,Ib 16 memory
      return btEvIbM<u16>(rec, effectiveAddress(rec), BIT_TEST);
    case 1077: // BT Ev,Ib 32 register
      return btEvIbR<u32>(rec, BIT_TEST);
    case 1078: // BT Ev,Ib 32 memory
      return btEvIbM<u32>(rec, effectiveAddress(rec), BIT_TEST);
    case 1079: // BT Ev,Ib 64 register
      return btEvIbR<u64>(rec, BIT_TEST);
    case 1080: // BT Ev,Ib 64 memory
      return btEvIbM<u64>(rec, effectiveAddress(rec), BIT_TEST);
    case 1081: // BTS Ev,Ib 16 register
      return btEvIbR<u16>(rec, BIT_SET);
    case 1082: // BTS Ev,Ib 16 memory
      return btEvIbM<u16>(rec, effectiveAddress(rec), BIT_SET);
    case 1083: // BTS Ev,Ib 32 register
      return btEvIbR<u32>(rec, BIT_SET);
    case 1084: // BTS Ev,Ib 32 memory
      return btEvIbM<u32>(rec, effectiveAddress(rec), BIT_SET);
    case 1085: // BTS Ev,Ib 64 register
      return btEvIbR<u64>(rec, BIT_SET);
    case 1086: // BTS Ev,Ib 64 memory
      return btEvIbM<u64>(rec, effectiveAddress(rec), BIT_SET);
    case 1087: // BTR Ev,Ib 16 register
      return btEvIbR<u16>(rec, BIT_RESET);
    case 1088: // BTR Ev,Ib 16 memory
      return btEvIbM<u16>(rec, effectiveAddress(rec), BIT_RESET);
    case 1089: // BTR Ev,Ib 32 register
      return btEvIbR<u32>(rec, BIT_RESET);
    case 1090: // BTR Ev,Ib 32 memory
      return btEvIbM<u32>(rec, effectiveAddress(rec), BIT_RESET);
    case 1091: // BTR Ev,Ib 64 register
      return btEvIbR<u64>(rec, BIT_RESET);
    case 1092: // BTR Ev,Ib 64 memory
      return btEvIbM<u64>(rec, effectiveAddress(rec), BIT_RESET);
    case 1093: // BTC Ev,Ib 16 register
      return btEvIbR<u16>(rec, BIT_FLIP);
    case 1094: // BTC Ev,Ib 16 memory
      return btEvIbM<u16>(rec, effectiveAddress(rec), BIT_FLIP);
    case 1095: // BTC Ev,Ib 32 register
      return btEvIbR<u32>(rec, BIT_FLIP);
    case 1096: // BTC Ev,Ib 32 memory
      return btEvIbM<u32>(rec, effectiveAddress(rec), BIT_FLIP);
    case 1097: // BTC Ev,Ib 64 register
      return btEvIbR<u64>(rec, BIT_FLIP);
    case 1098: // BTC Ev,Ib 64 memory
      return btEvIbM<u64>(rec, effectiveAddress(rec), BIT_FLIP);
    case 1099: // BSF Gv,Ev 16 register
      return bsfGvEvR<u16>(rec);
    case 1100: // BSF Gv,Ev 16 memory
      return bsfGvEvM<u16>(rec, effectiveAddress(rec));
    case 1101: // BSF Gv,Ev 32 register
      return bsfGvEvR<u32>(rec);
    case 1102: // BSF Gv,Ev 32 memory
      return bsfGvEvM<u32>(rec, effectiveAddress(rec));
    case 1103: // BSF Gv,Ev 64 register
      return bsfGvEvR<u64>(rec);
    case 1104: // BSF Gv,Ev 64 memory
      return bsfGvEvM<u64>(rec, effectiveAddress(rec));
    case 1105: // TZCNT Gv,Ev 16 register
      return tzcntGvEvR<u16>(rec);
    case 1106: // TZCNT Gv,Ev 16 memory
      return tzcntGvEvM<u16>(rec, effectiveAddress(rec));
    case 1107: // TZCNT Gv,Ev 32 register
      return tzcntGvEvR<u32>(rec);
    case 1108: // TZCNT Gv,Ev 32 memory
      return tzcntGvEvM<u32>(rec, effectiveAddress(rec));
    case 1109: // TZCNT Gv,Ev 64 register
      return tzcntGvEvR<u64>(rec);
    case 1110: // TZCNT Gv,Ev 64 memory
      return tzcntGvEvM<u64>(rec, effectiveAddress(rec));
    case 1111: // BSR Gv,Ev 16 register
      return bsrGvEvR<u16>(rec);
    case 1112: // BSR Gv,Ev 16 memory
      return bsrGvEvM<u16>(rec, effectiveAddress(rec));
    case 1113: // BSR Gv,Ev 32 register
      return bsrGvEvR<u32>(rec);
    case 1114: // BSR Gv,Ev 32 memory
      return bsrGvEvM<u32>(rec, effectiveAddress(rec));
    case 1115: // BSR Gv,Ev 64 register
      return bsrGvEvR<u64>(rec);
    case 1116: // BSR Gv,Ev 64 memory
      return bsrGvEvM<u64>(rec, effectiveAddress(rec));
    case 1117: // LZCNT Gv,Ev 16 register
      return lzcntGvEvR<u16>(rec);
    case 1118: // LZCNT Gv,Ev 16 memory
      return lzcntGvEvM<u16>(rec, effectiveAddress(rec));
    case 1119: // LZCNT Gv,Ev 32 register
      return lzcntGvEvR<u32>(rec);
    case 1120: // LZCNT Gv,Ev 32 memory
      return lzcntGvEvM<u32>(rec, effectiveAddress(rec));
    case 1121: // LZCNT Gv,Ev 64 register
      return lzcntGvEvR<u64>(rec);
    case 1122: // LZCNT Gv,Ev 64 memory
      return lzcntGvEvM<u64>(rec, effectiveAddress(rec));
    case 1123: // POPCNT Gv,Ev 16 register
      return popcntGvEvR<u16>(rec);
    case 1124: // POPCNT Gv,Ev 16 memory
      return popcntGvEvM<u16>(rec, effectiveAddress(rec));
    case 1125: // POPCNT Gv,Ev 32 register
      return popcntGvEvR<u32>(rec);
    case 1126: // POPCNT Gv,Ev 32 memory
      return popcntGvEvM<u32>(rec, effectiveAddress(rec));
    case 1127: // POPCNT Gv,Ev 64 register
      return popcntGvEvR<u64>(rec);
    case 1128: // POPCNT Gv,Ev 64 memory
      return popcntGvEvM<u64>(rec, effectiveAddress(rec));
    case 1129: // ANDN Gy,By,Ey
      return andnGyByEy(rec);
    case 1130: // BLSR By,Ey
      return blsrByEy(rec);
    case 1131: // BLSMSK By,Ey
      return blsmskByEy(rec);
    case 1132: // BLSI By,Ey
      return blsiByEy(rec);
    case 1133: // BEXTR Gy,Ey,By
      return bextrGyEyBy(rec);
    case 1134: // BZHI Gy,Ey,By
      return bzhiGyEyBy(rec);
    case 1135: // PDEP Gy,By,Ey
      return pdepGyByEy(rec);
    case 1136: // PEXT Gy,By,Ey
      return pextGyByEy(rec);
    case 1137: // MULX Gy,By,Ey
      return mulxGyByEy(rec);
    case 1138: // SARX Gy,Ey,By
      return sarxGyEyBy(rec);
    case 1139: // SHLX Gy,Ey,By
      return shlxGyEyBy(rec);
    case 1140: // SHRX Gy,Ey,By
      return shrxGyEyBy(rec);
    case 1141: // RORX Gy,Ey,Ib
      return rorxGyEyIb(rec);
    case 1142: // MOVS
      return movs(rec);
    case 1143: // CMPS
      return cmps(rec);
    case 1144: // STOS
      return stos(rec);
    case 1145: // LODS
      return lods(rec);
    case 1146: // SCAS
      return scas(rec);
    case 1147: // CMC
      return cmc(rec);
    case 1148: // CLC
      return clc(rec);
    case 1149: // STC
      return stc(rec);
    case 1150: // CLD
      return cld(rec);
    case 1151: // STD
      return std(rec);
    case 1152: // CALL Jz 16
      if (callJz<u16>(rec) != NEXT) return FAULTED;
      return resolveNear(rec) ? DONE : FAULTED;
    case 1153: // JMP Ev 16 register
      return jmpEvR<u16>(rec) != NEXT ? FAULTED : DONE;
    case 1154: // JMP Ev 16 memory
      return jmpEvM<u16>(rec, effectiveAddress(rec)) != NEXT ? FAULTED : DONE;
    case 1155: // CALL Ev 16 register
      return callEvR<u16>(rec) != NEXT ? FAULTED : DONE;
    case 1156: // CALL Ev 16 memory
      return callEvM<u16>(rec, effectiveAddress(rec)) != NEXT ? FAULTED : DONE;
    case 1157: // RET  16
      return retNear<u16>(rec) != NEXT ? FAULTED : DONE;
    case 1158: // RET Iw 16
      return retNearIw<u16>(rec) != NEXT ? FAULTED : DONE;
    case 1159: // LOOPNE Jb
      return loopJb(rec, 0);
    case 1160: // LOOPE Jb
      return loopJb(rec, 1);
    case 1161: // LOOP Jb
      return loopJb(rec, 2);
    case 1162: // JCXZ Jb
      return loopJb(rec, 3);
    case 1163: // NOP Ev
      return nop(rec);
    case 1164: // UD2
      return undefinedOpcode(rec);
    case 1165: // MOV Ev,Sw
      return movEvSw(rec);
    case 1166: // MOV Sw,Ew
      return movSwEw(rec);
    case 1167: // LDS Gv,Mp
      return loadFar(rec, 3);
    case 1168: // LES Gv,Mp
      return loadFar(rec, 0);
    case 1169: // LSS Gv,Mp
      return loadFar(rec, 2);
    case 1170: // LFS Gv,Mp
      return loadFar(rec, 4);
    case 1171: // LGS Gv,Mp
      return loadFar(rec, 5);
    case 1172: // ARPL Ew,Gw
      return arplEwGw(rec);
    case 1173: // BOUND Gv,Ma
      return boundGvMa(rec);
    case 1174: // LAR Gv,Ew
      return larGvEw(rec);
    case 1175: // LSL Gv,Ew
      return lslGvEw(rec);
    case 1176: // SLDT Ev
      return sldtEv(rec);
    case 1177: // STR Ev
      return strEv(rec);
    case 1178: // LLDT Ew
      return lldtEw(rec);
    case 1179: // LTR Ew
      return ltrEw(rec);
    case 1180: // VERR Ew
      return verrEw(rec);
    case 1181: // VERW Ew
      return verwEw(rec);
    case 1182: // SGDT Ms
      return sgdtMs(rec);
    case 1183: // SIDT Ms
      return sidtMs(rec);
    case 1184: // LGDT Ms
      return lgdtMs(rec);
    case 1185: // LIDT Ms
      return lidtMs(rec);
    case 1186: // SMSW Ev
      return smswEv(rec);
    case 1187: // LMSW Ew
      return lmswEw(rec);
    case 1188: // INVLPG M
      return invlpgM(rec);
    case 1189: // SWAPGS
      return swapgs(rec);
    case 1190: // RDTSCP
      return rdtscp(rec);
    case 1191: // MONITOR
      return monitor(rec);
    case 1192: // MWAIT
      return mwait(rec);
    case 1193: // VMCALL
      return vmcall(rec);
    case 1194: // CLAC
      return clac(rec);
    case 1195: // STAC
      return stac(rec);
    case 1196: // XGETBV
      return xgetbv(rec);
    case 1197: // XSETBV
      return xsetbv(rec);
    case 1198: // RDPKRU
      return rdpkru(rec);
    case 1199: // WRPKRU
      return wrpkru(rec);
    case 1200: // CALL Ap
      return callAp(rec);
    case 1201: // JMP Ap
      return jmpAp(rec);
    case 1202: // CALL Mp
      return callMp(rec);
    case 1203: // JMP Mp
      return jmpMp(rec);
    case 1204: // RETF
      return retFar(rec);
    case 1205: // IRET
      return iret(rec);
    case 1206: // INT3
      return int3(rec);
    case 1207: // INT Ib
      return intIb(rec);
    case 1208: // INTO
      return into(rec);
    case 1209: // INT1
      return int1(rec);
    case 1210: // SYSCALL
      return syscall(rec);
    case 1211: // SYSRET
      return sysret(rec);
    case 1212: // SYSENTER
      return sysenter(rec);
    case 1213: // SYSEXIT
      return sysexit(rec);
    case 1214: // MOV Ey,Cy
      return movRyCy(rec);
    case 1215: // MOV Cy,Ey
      return movCyRy(rec);
    case 1216: // MOV Ey,Dy
      return movRyDy(rec);
    case 1217: // MOV Dy,Ey
      return movDyRy(rec);
    case 1218: // CLTS
      return clts(rec);
    case 1219: // INVD
      return invd(rec);
    case 1220: // WBINVD
      return wbinvd(rec);
    case 1221: // INVPCID Gy,Mdq
      return invpcid(rec);
    case 1222: // HLT
      return hlt(rec);
    case 1223: // WAIT
      return fwait(rec);
    case 1224: // CLI
      return cli(rec);
    case 1225: // STI
      return sti(rec);
    case 1226: // CPUID
      return cpuid(rec);
    case 1227: // RDTSC
      return rdtsc(rec);
    case 1228: // RDPMC
      return rdpmc(rec);
    case 1229: // RDMSR
      return rdmsr(rec);
    case 1230: // WRMSR
      return wrmsr(rec);
    case 1231: // RDRAND Rv
      return rdrandRv(rec);
    case 1232: // RDSEED Rv
      return rdseedRv(rec);
    case 1233: // RDPID Ry
      return rdpidRy(rec);
    case 1234: // RDFSBASE Ry
      return rdbaseRy(rec, 4);
    case 1235: // RDGSBASE Ry
      return rdbaseRy(rec, 5);
    case 1236: // WRFSBASE Ry
      return wrbaseRy(rec, 4);
    case 1237: // WRGSBASE Ry
      return wrbaseRy(rec, 5);
    case 1238: // IN AL,Ib
      return inIb(rec);
    case 1239: // OUT Ib,AL
      return outIb(rec);
    case 1240: // IN AL,DX
      return inDx(rec);
    case 1241: // OUT DX,AL
      return outDx(rec);
    case 1242: // INS
      return ins(rec);
    case 1243: // OUTS
      return outs(rec);
    case 1244: // CLFLUSH Mb
      return clflushMb(rec);
    case 1245: // FXSAVE M
      return fxsaveM(rec);
    case 1246: // FXRSTOR M
      return fxrstorM(rec);
    case 1247: // LDMXCSR Md
      return ldmxcsrMd(rec);
    case 1248: // STMXCSR Md
      return stmxcsrMd(rec);
    case 1249: // XSAVE M
      return xsaveM(rec);
    case 1250: // XRSTOR M
      return xrstorM(rec);
    case 1251: // XSAVEOPT M
      return xsaveoptM(rec);
    case 1252: // XRSTORS M
      return xrstorsM(rec);
    case 1253: // XSAVEC M
      return xsavecM(rec);
    case 1254: // XSAVES M
      return xsavesM(rec);
    case 1255: // FADD ST,STi
      return x87StSti(rec, X87_ADD);
    case 1256: // FADD Md
      return x87StF32(rec, X87_ADD);
    case 1257: // FIADD Md
      return x87StI32(rec, X87_ADD);
    case 1258: // FADD Mq
      return x87StF64(rec, X87_ADD);
    case 1259: // FIADD Mw
      return x87StI16(rec, X87_ADD);
    case 1260: // FADD STi,ST
      return x87StiSt(rec, X87_ADD,0);
    case 1261: // FADDP STi,ST
      return x87StiSt(rec, X87_ADD,1);
    case 1262: // FMUL ST,STi
      return x87StSti(rec, X87_MUL);
    case 1263: // FMUL Md
      return x87StF32(rec, X87_MUL);
    case 1264: // FIMUL Md
      return x87StI32(rec, X87_MUL);
    case 1265: // FMUL Mq
      return x87StF64(rec, X87_MUL);
    case 1266: // FIMUL Mw
      return x87StI16(rec, X87_MUL);
    case 1267: // FMUL STi,ST
      return x87StiSt(rec, X87_MUL,0);
    case 1268: // FMULP STi,ST
      return x87StiSt(rec, X87_MUL,1);
    case 1269: // FSUB ST,STi
      return x87StSti(rec, X87_SUB);
    case 1270: // FSUB Md
      return x87StF32(rec, X87_SUB);
    case 1271: // FISUB Md
      return x87StI32(rec, X87_SUB);
    case 1272: // FSUB Mq
      return x87StF64(rec, X87_SUB);
    case 1273: // FISUB Mw
      return x87StI16(rec, X87_SUB);
    case 1274: // FSUB STi,ST
      return x87StiSt(rec, X87_SUB,0);
    case 1275: // FSUBP STi,ST
      return x87StiSt(rec, X87_SUB,1);
    case 1276: // FSUBR ST,STi
      return x87StSti(rec, X87_SUBR);
    case 1277: // FSUBR Md
      return x87StF32(rec, X87_SUBR);
    case 1278: // FISUBR Md
      return x87StI32(rec, X87_SUBR);
    case 1279: // FSUBR Mq
      return x87StF64(rec, X87_SUBR);
    case 1280: // FISUBR Mw
      return x87StI16(rec, X87_SUBR);
    case 1281: // FSUBR STi,ST
      return x87StiSt(rec, X87_SUBR,0);
    case 1282: // FSUBRP STi,ST
      return x87StiSt(rec, X87_SUBR,1);
    case 1283: // FDIV ST,STi
      return x87StSti(rec, X87_DIV);
    case 1284: // FDIV Md
      return x87StF32(rec, X87_DIV);
    case 1285: // FIDIV Md
      return x87StI32(rec, X87_DIV);
    case 1286: // FDIV Mq
      return x87StF64(rec, X87_DIV);
    case 1287: // FIDIV Mw
      return x87StI16(rec, X87_DIV);
    case 1288: // FDIV STi,ST
      return x87StiSt(rec, X87_DIV,0);
    case 1289: // FDIVP STi,ST
      return x87StiSt(rec, X87_DIV,1);
    case 1290: // FDIVR ST,STi
      return x87StSti(rec, X87_DIVR);
    case 1291: // FDIVR Md
      return x87StF32(rec, X87_DIVR);
    case 1292: // FIDIVR Md
      return x87StI32(rec, X87_DIVR);
    case 1293: // FDIVR Mq
      return x87StF64(rec, X87_DIVR);
    case 1294: // FIDIVR Mw
      return x87StI16(rec, X87_DIVR);
    case 1295: // FDIVR STi,ST
      return x87StiSt(rec, X87_DIVR,0);
    case 1296: // FDIVRP STi,ST
      return x87StiSt(rec, X87_DIVR,1);
    case 1297: // FLD1
      return fldConstant(rec, 0);
    case 1298: // FLDL2T
      return fldConstant(rec, 1);
    case 1299: // FLDL2E
      return fldConstant(rec, 2);
    case 1300: // FLDPI
      return fldConstant(rec, 3);
    case 1301: // FLDLG2
      return fldConstant(rec, 4);
    case 1302: // FLDLN2
      return fldConstant(rec, 5);
    case 1303: // FLDZ
      return fldConstant(rec, 6);
    case 1304: // FCMOVB ST,STi
      return fcmovStSti(rec, conditionB());
    case 1305: // FCMOVE ST,STi
      return fcmovStSti(rec, conditionZ());
    case 1306: // FCMOVBE ST,STi
      return fcmovStSti(rec, conditionBE());
    case 1307: // FCMOVU ST,STi
      return fcmovStSti(rec, conditionP());
    case 1308: // FCMOVNB ST,STi
      return fcmovStSti(rec, conditionNB());
    case 1309: // FCMOVNE ST,STi
      return fcmovStSti(rec, conditionNZ());
    case 1310: // FCMOVNBE ST,STi
      return fcmovStSti(rec, conditionNBE());
    case 1311: // FCMOVNU ST,STi
      return fcmovStSti(rec, conditionNP());
    case 1312: // FCOM ST,STi
      return fcomSti(rec, 0);
    case 1313: // FCOMP ST,STi
      return fcomSti(rec, 1);
    case 1314: // FCOM Md
      return fcomF32(rec, 0);
    case 1315: // FCOMP Md
      return fcomF32(rec, 1);
    case 1316: // FICOM Md
      return ficomI32(rec, 0);
    case 1317: // FICOMP Md
      return ficomI32(rec, 1);
    case 1318: // FCOM Mq
      return fcomF64(rec, 0);
    case 1319: // FCOMP Mq
      return fcomF64(rec, 1);
    case 1320: // FICOM Mw
      return ficomI16(rec, 0);
    case 1321: // FICOMP Mw
      return ficomI16(rec, 1);
    case 1322: // FCOMPP ST,STi
      return fcomSti(rec, 2);
    case 1323: // FUCOM ST,STi
      return fucomSti(rec, 0);
    case 1324: // FUCOMP ST,STi
      return fucomSti(rec, 1);
    case 1325: // FUCOMPP ST,STi
      return fucomSti(rec, 2);
    case 1326: // FUCOMI ST,STi
      return fucomi(rec, 0);
    case 1327: // FCOMI ST,STi
      return fcomi(rec, 0);
    case 1328: // FUCOMIP ST,STi
      return fucomi(rec, 1);
    case 1329: // FCOMIP ST,STi
      return fcomi(rec, 1);
    case 1330: // FTST
      return ftst(rec);
    case 1331: // FXAM
      return fxam(rec);
    case 1332: // FLD STi
      return fldSti(rec);
    case 1333: // FLD Md
      return fldF32(rec);
    case 1334: // FLD Mt
      return fldF80(rec);
    case 1335: // FLD Mq
      return fldF64(rec);
    case 1336: // FILD Md
      return fildI32(rec);
    case 1337: // FILD Mw
      return fildI16(rec);
    case 1338: // FILD Mq
      return fildI64(rec);
    case 1339: // FBLD Mt
      return fbld(rec);
    case 1340: // FST Md
      return fstF32(rec, 0);
    case 1341: // FSTP Md
      return fstF32(rec, 1);
    case 1342: // FSTP Mt
      return fstpF80(rec);
    case 1343: // FST Mq
      return fstF64(rec, 0);
    case 1344: // FSTP Mq
      return fstF64(rec, 1);
    case 1345: // FIST Md
      return fistI32(rec, 0,false);
    case 1346: // FISTP Md
      return fistI32(rec, 1,false);
    case 1347: // FIST Mw
      return fistI16(rec, 0,false);
    case 1348: // FISTP Mw
      return fistI16(rec, 1,false);
    case 1349: // FISTP Mq
      return fistpI64(rec, false);
    case 1350: // FISTTP Md
      return fistI32(rec, 1,true);
    case 1351: // FISTTP Mq
      return fistpI64(rec, true);
    case 1352: // FISTTP Mw
      return fistI16(rec, 1,true);
    case 1353: // FBSTP Mt
      return fbstp(rec);
    case 1354: // FST STi
      return fstSti(rec, 0);
    case 1355: // FSTP STi
      return fstSti(rec, 1);
    case 1356: // FSTP1 STi
      return fstpQuiet(rec);
    case 1357: // FXCH STi
      return fxchSti(rec);
    case 1358: // FCHS
      return fchs(rec);
    case 1359: // FABS
      return fabs(rec);
    case 1360: // F2XM1
      return f2xm1(rec);
    case 1361: // FYL2X
      return fyl2x(rec);
    case 1362: // FPTAN
      return fptan(rec);
    case 1363: // FPATAN
      return fpatan(rec);
    case 1364: // FXTRACT
      return fxtract(rec);
    case 1365: // FPREM1
      return fprem1(rec);
    case 1366: // FPREM
      return fprem(rec);
    case 1367: // FYL2XP1
      return fyl2xp1(rec);
    case 1368: // FSQRT
      return fsqrt(rec);
    case 1369: // FSINCOS
      return fsincos(rec);
    case 1370: // FRNDINT
      return frndint(rec);
    case 1371: // FSCALE
      return fscale(rec);
    case 1372: // FSIN
      return fsin(rec);
    case 1373: // FCOS
      return fcos(rec);
    case 1374: // FNOP
      return fnop(rec);
    case 1375: // FDECSTP
      return fdecstp(rec);
    case 1376: // FINCSTP
      return fincstp(rec);
    case 1377: // FFREE STi
      return ffreeSti(rec, 0);
    case 1378: // FFREEP STi
      return ffreeSti(rec, 1);
    case 1379: // FNENI
      return fnignored(rec);
    case 1380: // FNCLEX
      return fnclex(rec);
    case 1381: // FNINIT
      return fninit(rec);
    case 1382: // FLDCW Mw
      return fldcw(rec);
    case 1383: // FNSTCW Mw
      return fnstcw(rec);
    case 1384: // FNSTSW Mw
      return fnstsw(rec);
    case 1385: // FNSTSW AX
      return fnstswAx(rec);
    case 1386: // FLDENV M
      return fldenv(rec);
    case 1387: // FNSTENV M
      return fnstenv(rec);
    case 1388: // FRSTOR M
      return frstor(rec);
    case 1389: // FNSAVE M
      return fnsave(rec);
    case 1390: // PADDB Pq,Qq
      return paddbPqQq(rec);
    case 1391: // PADDW Pq,Qq
      return paddwPqQq(rec);
    case 1392: // PADDD Pq,Qq
      return padddPqQq(rec);
    case 1393: // PADDQ Pq,Qq
      return paddqPqQq(rec);
    case 1394: // PADDSB Pq,Qq
      return paddsbPqQq(rec);
    case 1395: // PADDSW Pq,Qq
      return paddswPqQq(rec);
    case 1396: // PADDUSB Pq,Qq
      return paddusbPqQq(rec);
    case 1397: // PADDUSW Pq,Qq
      return padduswPqQq(rec);
    case 1398: // PSUBB Pq,Qq
      return psubbPqQq(rec);
    case 1399: // PSUBW Pq,Qq
      return psubwPqQq(rec);
    case 1400: // PSUBD Pq,Qq
      return psubdPqQq(rec);
    case 1401: // PSUBQ Pq,Qq
      return psubqPqQq(rec);
    case 1402: // PSUBSB Pq,Qq
      return psubsbPqQq(rec);
    case 1403: // PSUBSW Pq,Qq
      return psubswPqQq(rec);
    case 1404: // PSUBUSB Pq,Qq
      return psubusbPqQq(rec);
    case 1405: // PSUBUSW Pq,Qq
      return psubuswPqQq(rec);
    case 1406: // PMULLW Pq,Qq
      return pmullwPqQq(rec);
    case 1407: // PMULHW Pq,Qq
      return pmulhwPqQq(rec);
    case 1408: // PMULHUW Pq,Qq
      return pmulhuwPqQq(rec);
    case 1409: // PMULUDQ Pq,Qq
      return pmuludqPqQq(rec);
    case 1410: // PMADDWD Pq,Qq
      return pmaddwdPqQq(rec);
    case 1411: // PSADBW Pq,Qq
      return psadbwPqQq(rec);
    case 1412: // PAVGB Pq,Qq
      return pavgbPqQq(rec);
    case 1413: // PAVGW Pq,Qq
      return pavgwPqQq(rec);
    case 1414: // PMAXUB Pq,Qq
      return pmaxubPqQq(rec);
    case 1415: // PMAXSW Pq,Qq
      return pmaxswPqQq(rec);
    case 1416: // PMINUB Pq,Qq
      return pminubPqQq(rec);
    case 1417: // PMINSW Pq,Qq
      return pminswPqQq(rec);
    case 1418: // PCMPEQB Pq,Qq
      return pcmpeqbPqQq(rec);
    case 1419: // PCMPEQW Pq,Qq
      return pcmpeqwPqQq(rec);
    case 1420: // PCMPEQD Pq,Qq
      return pcmpeqdPqQq(rec);
    case 1421: // PCMPGTB Pq,Qq
      return pcmpgtbPqQq(rec);
    case 1422: // PCMPGTW Pq,Qq
      return pcmpgtwPqQq(rec);
    case 1423: // PCMPGTD Pq,Qq
      return pcmpgtdPqQq(rec);
    case 1424: // PAND Pq,Qq
      return pandPqQq(rec);
    case 1425: // PANDN Pq,Qq
      return pandnPqQq(rec);
    case 1426: // POR Pq,Qq
      return porPqQq(rec);
    case 1427: // PXOR Pq,Qq
      return pxorPqQq(rec);
    case 1428: // PSRLW Pq,Qq
      return psrlwPqQq(rec);
    case 1429: // PSRLD Pq,Qq
      return psrldPqQq(rec);
    case 1430: // PSRLQ Pq,Qq
      return psrlqPqQq(rec);
    case 1431: // PSRAW Pq,Qq
      return psrawPqQq(rec);
    case 1432: // PSRAD Pq,Qq
      return psradPqQq(rec);
    case 1433: // PSLLW Pq,Qq
      return psllwPqQq(rec);
    case 1434: // PSLLD Pq,Qq
      return pslldPqQq(rec);
    case 1435: // PSLLQ Pq,Qq
      return psllqPqQq(rec);
    case 1436: // PACKSSWB Pq,Qq
      return packsswbPqQq(rec);
    case 1437: // PACKUSWB Pq,Qq
      return packuswbPqQq(rec);
    case 1438: // PACKSSDW Pq,Qq
      return packssdwPqQq(rec);
    case 1439: // PUNPCKHBW Pq,Qq
      return punpckhbwPqQq(rec);
    case 1440: // PUNPCKHWD Pq,Qq
      return punpckhwdPqQq(rec);
    case 1441: // PUNPCKHDQ Pq,Qq
      return punpckhdqPqQq(rec);
    case 1442: // PHADDW Pq,Qq
      return phaddwPqQq(rec);
    case 1443: // PHADDD Pq,Qq
      return phadddPqQq(rec);
    case 1444: // PHADDSW Pq,Qq
      return phaddswPqQq(rec);
    case 1445: // PHSUBW Pq,Qq
      return phsubwPqQq(rec);
    case 1446: // PHSUBD Pq,Qq
      return phsubdPqQq(rec);
    case 1447: // PHSUBSW Pq,Qq
      return phsubswPqQq(rec);
    case 1448: // PSIGNB Pq,Qq
      return psignbPqQq(rec);
    case 1449: // PSIGNW Pq,Qq
      return psignwPqQq(rec);
    case 1450: // PSIGND Pq,Qq
      return psigndPqQq(rec);
    case 1451: // PABSB Pq,Qq
      return pabsbPqQq(rec);
    case 1452: // PABSW Pq,Qq
      return pabswPqQq(rec);
    case 1453: // PABSD Pq,Qq
      return pabsdPqQq(rec);
    case 1454: // PSHUFB Pq,Qq
      return pshufbPqQq(rec);
    case 1455: // PMADDUBSW Pq,Qq
      return pmaddubswPqQq(rec);
    case 1456: // PMULHRSW Pq,Qq
      return pmulhrswPqQq(rec);
    case 1457: // PSRLW Nq,Ib
      return psrlwNqIb(rec);
    case 1458: // PSRAW Nq,Ib
      return psrawNqIb(rec);
    case 1459: // PSLLW Nq,Ib
      return psllwNqIb(rec);
    case 1460: // PSRLD Nq,Ib
      return psrldNqIb(rec);
    case 1461: // PSRAD Nq,Ib
      return psradNqIb(rec);
    case 1462: // PSLLD Nq,Ib
      return pslldNqIb(rec);
    case 1463: // PSRLQ Nq,Ib
      return psrlqNqIb(rec);
    case 1464: // PSLLQ Nq,Ib
      return psllqNqIb(rec);
    case 1465: // MOVD Pq,Ey
      return movdPqEy(rec);
    case 1466: // MOVD Ey,Pq
      return movdEyPq(rec);
    case 1467: // MOVQ Pq,Qq
      return movqPqQq(rec);
    case 1468: // MOVQ Qq,Pq
      return movqQqPq(rec);
    case 1469: // MOVNTQ Mq,Pq
      return movntqMqPq(rec);
    case 1470: // MASKMOVQ Pq,Nq
      return maskmovqPqNq(rec);
    case 1471: // MOVDQ2Q Pq,Udq
      return movdq2qPqUdq(rec);
    case 1472: // MOVQ2DQ Vdq,Nq
      return movq2dqVdqNq(rec);
    case 1473: // EMMS
      return emms(rec);
    case 1474: // PUNPCKLBW Pq,Qd
      return punpcklbwPqQd(rec);
    case 1475: // PUNPCKLWD Pq,Qd
      return punpcklwdPqQd(rec);
    case 1476: // PUNPCKLDQ Pq,Qd
      return punpckldqPqQd(rec);
    case 1477: // PSHUFW Pq,Qq,Ib
      return pshufwPqQqIb(rec);
    case 1478: // PINSRW Pq,Ew,Ib
      return pinsrwPqEwIb(rec);
    case 1479: // PEXTRW Gd,Nq,Ib
      return pextrwGdNqIb(rec);
    case 1480: // PMOVMSKB Gd,Nq
      return pmovmskbGdNq(rec);
    case 1481: // PALIGNR Pq,Qq,Ib
      return palignrPqQqIb(rec);
    case 1482: // CVTPI2PS Vps,Qq
      return cvtpi2psVpsQq(rec);
    case 1483: // CVTPI2PD Vpd,Qq
      return cvtpi2pdVpdQq(rec);
    case 1484: // CVTTPS2PI Pq,Wq
      return cvtps2piPqWq(rec, true);
    case 1485: // CVTTPD2PI Pq,Wpd
      return cvtpd2piPqWpd(rec, true);
    case 1486: // CVTPS2PI Pq,Wq
      return cvtps2piPqWq(rec, false);
    case 1487: // CVTPD2PI Pq,Wpd
      return cvtpd2piPqWpd(rec, false);
    default:
      return undefinedOpcode(rec);
  }
}
