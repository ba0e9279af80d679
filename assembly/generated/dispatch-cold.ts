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
    case 758: // ADD Ev,Gv 16 register
      return aluEvGvR<u16>(rec, ALU_ADD);
    case 759: // ADD Ev,Gv 16 memory
      return aluEvGvM<u16>(rec, effectiveAddress(rec), ALU_ADD);
    case 760: // ADD Ev,Gv 16 memoryBd
      return aluEvGvM<u16>(rec, effectiveAddressBd(rec), ALU_ADD);
    case 761: // ADD Gv,Ev 16 register
      return aluGvEvR<u16>(rec, ALU_ADD);
    case 762: // ADD Gv,Ev 16 memory
      return aluGvEvM<u16>(rec, effectiveAddress(rec), ALU_ADD);
    case 763: // ADD Gv,Ev 16 memoryBd
      return aluGvEvM<u16>(rec, effectiveAddressBd(rec), ALU_ADD);
    case 764: // ADD rAX,Iz 16 register
      return aluEvIvR<u16>(rec, ALU_ADD);
    case 765: // ADD Ev,Iz 16 memory
      return aluEvIvM<u16>(rec, effectiveAddress(rec), ALU_ADD);
    case 766: // ADD Ev,Iz 16 memoryBd
      return aluEvIvM<u16>(rec, effectiveAddressBd(rec), ALU_ADD);
    case 767: // OR Ev,Gv 16 register
      return aluEvGvR<u16>(rec, ALU_OR);
    case 768: // OR Ev,Gv 16 memory
      return aluEvGvM<u16>(rec, effectiveAddress(rec), ALU_OR);
    case 769: // OR Ev,Gv 16 memoryBd
      return aluEvGvM<u16>(rec, effectiveAddressBd(rec), ALU_OR);
    case 770: // OR Gv,Ev 16 register
      return aluGvEvR<u16>(rec, ALU_OR);
    case 771: // OR Gv,Ev 16 memory
      return aluGvEvM<u16>(rec, effectiveAddress(rec), ALU_OR);
    case 772: // OR Gv,Ev 16 memoryBd
      return aluGvEvM<u16>(rec, effectiveAddressBd(rec), ALU_OR);
    case 773: // OR rAX,Iz 16 register
      return aluEvIvR<u16>(rec, ALU_OR);
    case 774: // OR Ev,Iz 16 memory
      return aluEvIvM<u16>(rec, effectiveAddress(rec), ALU_OR);
    case 775: // OR Ev,Iz 16 memoryBd
      return aluEvIvM<u16>(rec, effectiveAddressBd(rec), ALU_OR);
    case 776: // ADC Ev,Gv 16 register
      return aluEvGvR<u16>(rec, ALU_ADC);
    case 777: // ADC Ev,Gv 16 memory
      return aluEvGvM<u16>(rec, effectiveAddress(rec), ALU_ADC);
    case 778: // ADC Ev,Gv 16 memoryBd
      return aluEvGvM<u16>(rec, effectiveAddressBd(rec), ALU_ADC);
    case 779: // ADC Gv,Ev 16 register
      return aluGvEvR<u16>(rec, ALU_ADC);
    case 780: // ADC Gv,Ev 16 memory
      return aluGvEvM<u16>(rec, effectiveAddress(rec), ALU_ADC);
    case 781: // ADC Gv,Ev 16 memoryBd
      return aluGvEvM<u16>(rec, effectiveAddressBd(rec), ALU_ADC);
    case 782: // ADC rAX,Iz 16 register
      return aluEvIvR<u16>(rec, ALU_ADC);
    case 783: // ADC Ev,Iz 16 memory
      return aluEvIvM<u16>(rec, effectiveAddress(rec), ALU_ADC);
    case 784: // ADC Ev,Iz 16 memoryBd
      return aluEvIvM<u16>(rec, effectiveAddressBd(rec), ALU_ADC);
    case 785: // SBB Ev,Gv 16 register
      return aluEvGvR<u16>(rec, ALU_SBB);
    case 786: // SBB Ev,Gv 16 memory
      return aluEvGvM<u16>(rec, effectiveAddress(rec), ALU_SBB);
    case 787: // SBB Ev,Gv 16 memoryBd
      return aluEvGvM<u16>(rec, effectiveAddressBd(rec), ALU_SBB);
    case 788: // SBB Gv,Ev 16 register
      return aluGvEvR<u16>(rec, ALU_SBB);
    case 789: // SBB Gv,Ev 16 memory
      return aluGvEvM<u16>(rec, effectiveAddress(rec), ALU_SBB);
    case 790: // SBB Gv,Ev 16 memoryBd
      return aluGvEvM<u16>(rec, effectiveAddressBd(rec), ALU_SBB);
    case 791: // SBB rAX,Iz 16 register
      return aluEvIvR<u16>(rec, ALU_SBB);
    case 792: // SBB Ev,Iz 16 memory
      return aluEvIvM<u16>(rec, effectiveAddress(rec), ALU_SBB);
    case 793: // SBB Ev,Iz 16 memoryBd
      return aluEvIvM<u16>(rec, effectiveAddressBd(rec), ALU_SBB);
    case 794: // AND Ev,Gv 16 register
      return aluEvGvR<u16>(rec, ALU_AND);
    case 795: // AND Ev,Gv 16 memory
      return aluEvGvM<u16>(rec, effectiveAddress(rec), ALU_AND);
    case 796: // AND Ev,Gv 16 memoryBd
      return aluEvGvM<u16>(rec, effectiveAddressBd(rec), ALU_AND);
    case 797: // AND Gv,Ev 16 register
      return aluGvEvR<u16>(rec, ALU_AND);
    case 798: // AND Gv,Ev 16 memory
      return aluGvEvM<u16>(rec, effectiveAddress(rec), ALU_AND);
    case 799: // AND Gv,Ev 16 memoryBd
      return aluGvEvM<u16>(rec, effectiveAddressBd(rec), ALU_AND);
    case 800: // AND rAX,Iz 16 register
      return aluEvIvR<u16>(rec, ALU_AND);
    case 801: // AND Ev,Iz 16 memory
      return aluEvIvM<u16>(rec, effectiveAddress(rec), ALU_AND);
    case 802: // AND Ev,Iz 16 memoryBd
      return aluEvIvM<u16>(rec, effectiveAddressBd(rec), ALU_AND);
    case 803: // SUB Ev,Gv 16 register
      return aluEvGvR<u16>(rec, ALU_SUB);
    case 804: // SUB Ev,Gv 16 memory
      return aluEvGvM<u16>(rec, effectiveAddress(rec), ALU_SUB);
    case 805: // SUB Ev,Gv 16 memoryBd
      return aluEvGvM<u16>(rec, effectiveAddressBd(rec), ALU_SUB);
    case 806: // SUB Gv,Ev 16 register
      return aluGvEvR<u16>(rec, ALU_SUB);
    case 807: // SUB Gv,Ev 16 memory
      return aluGvEvM<u16>(rec, effectiveAddress(rec), ALU_SUB);
    case 808: // SUB Gv,Ev 16 memoryBd
      return aluGvEvM<u16>(rec, effectiveAddressBd(rec), ALU_SUB);
    case 809: // SUB rAX,Iz 16 register
      return aluEvIvR<u16>(rec, ALU_SUB);
    case 810: // SUB Ev,Iz 16 memory
      return aluEvIvM<u16>(rec, effectiveAddress(rec), ALU_SUB);
    case 811: // SUB Ev,Iz 16 memoryBd
      return aluEvIvM<u16>(rec, effectiveAddressBd(rec), ALU_SUB);
    case 812: // XOR Ev,Gv 16 register
      return aluEvGvR<u16>(rec, ALU_XOR);
    case 813: // XOR Ev,Gv 16 memory
      return aluEvGvM<u16>(rec, effectiveAddress(rec), ALU_XOR);
    case 814: // XOR Ev,Gv 16 memoryBd
      return aluEvGvM<u16>(rec, effectiveAddressBd(rec), ALU_XOR);
    case 815: // XOR Gv,Ev 16 register
      return aluGvEvR<u16>(rec, ALU_XOR);
    case 816: // XOR Gv,Ev 16 memory
      return aluGvEvM<u16>(rec, effectiveAddress(rec), ALU_XOR);
    case 817: // XOR Gv,Ev 16 memoryBd
      return aluGvEvM<u16>(rec, effectiveAddressBd(rec), ALU_XOR);
    case 818: // XOR rAX,Iz 16 register
      return aluEvIvR<u16>(rec, ALU_XOR);
    case 819: // XOR Ev,Iz 16 memory
      return aluEvIvM<u16>(rec, effectiveAddress(rec), ALU_XOR);
    case 820: // XOR Ev,Iz 16 memoryBd
      return aluEvIvM<u16>(rec, effectiveAddressBd(rec), ALU_XOR);
    case 821: // CMP Ev,Gv 16 register
      return aluEvGvR<u16>(rec, ALU_CMP);
    case 822: // CMP Ev,Gv 16 memory
      return aluEvGvM<u16>(rec, effectiveAddress(rec), ALU_CMP);
    case 823: // CMP Ev,Gv 16 memoryBd
      return aluEvGvM<u16>(rec, effectiveAddressBd(rec), ALU_CMP);
    case 824: // CMP Gv,Ev 16 register
      return aluGvEvR<u16>(rec, ALU_CMP);
    case 825: // CMP Gv,Ev 16 memory
      return aluGvEvM<u16>(rec, effectiveAddress(rec), ALU_CMP);
    case 826: // CMP Gv,Ev 16 memoryBd
      return aluGvEvM<u16>(rec, effectiveAddressBd(rec), ALU_CMP);
    case 827: // CMP rAX,Iz 16 register
      return aluEvIvR<u16>(rec, ALU_CMP);
    case 828: // CMP Ev,Iz 16 memory
      return aluEvIvM<u16>(rec, effectiveAddress(rec), ALU_CMP);
    case 829: // CMP Ev,Iz 16 memoryBd
      return aluEvIvM<u16>(rec, effectiveAddressBd(rec), ALU_CMP);
    case 830: // ROL Eb,Ib 8 register
      return shiftEvIbR<u8>(rec, SHIFT_ROL);
    case 831: // ROL Eb,Ib 8 memory
      return shiftEvIbM<u8>(rec, effectiveAddress(rec), SHIFT_ROL);
    case 832: // ROL Ev,Ib 16 register
      return shiftEvIbR<u16>(rec, SHIFT_ROL);
    case 833: // ROL Ev,Ib 16 memory
      return shiftEvIbM<u16>(rec, effectiveAddress(rec), SHIFT_ROL);
    case 834: // ROL Eb,1 8 register
      return shiftEv1R<u8>(rec, SHIFT_ROL);
    case 835: // ROL Eb,1 8 memory
      return shiftEv1M<u8>(rec, effectiveAddress(rec), SHIFT_ROL);
    case 836: // ROL Ev,1 16 register
      return shiftEv1R<u16>(rec, SHIFT_ROL);
    case 837: // ROL Ev,1 16 memory
      return shiftEv1M<u16>(rec, effectiveAddress(rec), SHIFT_ROL);
    case 838: // ROL Eb,CL 8 register
      return shiftEvCLR<u8>(rec, SHIFT_ROL);
    case 839: // ROL Eb,CL 8 memory
      return shiftEvCLM<u8>(rec, effectiveAddress(rec), SHIFT_ROL);
    case 840: // ROL Ev,CL 16 register
      return shiftEvCLR<u16>(rec, SHIFT_ROL);
    case 841: // ROL Ev,CL 16 memory
      return shiftEvCLM<u16>(rec, effectiveAddress(rec), SHIFT_ROL);
    case 842: // ROR Eb,Ib 8 register
      return shiftEvIbR<u8>(rec, SHIFT_ROR);
    case 843: // ROR Eb,Ib 8 memory
      return shiftEvIbM<u8>(rec, effectiveAddress(rec), SHIFT_ROR);
    case 844: // ROR Ev,Ib 16 register
      return shiftEvIbR<u16>(rec, SHIFT_ROR);
    case 845: // ROR Ev,Ib 16 memory
      return shiftEvIbM<u16>(rec, effectiveAddress(rec), SHIFT_ROR);
    case 846: // ROR Eb,1 8 register
      return shiftEv1R<u8>(rec, SHIFT_ROR);
    case 847: // ROR Eb,1 8 memory
      return shiftEv1M<u8>(rec, effectiveAddress(rec), SHIFT_ROR);
    case 848: // ROR Ev,1 16 register
      return shiftEv1R<u16>(rec, SHIFT_ROR);
    case 849: // ROR Ev,1 16 memory
      return shiftEv1M<u16>(rec, effectiveAddress(rec), SHIFT_ROR);
    case 850: // ROR Eb,CL 8 register
      return shiftEvCLR<u8>(rec, SHIFT_ROR);
    case 851: // ROR Eb,CL 8 memory
      return shiftEvCLM<u8>(rec, effectiveAddress(rec), SHIFT_ROR);
    case 852: // ROR Ev,CL 16 register
      return shiftEvCLR<u16>(rec, SHIFT_ROR);
    case 853: // ROR Ev,CL 16 memory
      return shiftEvCLM<u16>(rec, effectiveAddress(rec), SHIFT_ROR);
    case 854: // RCL Eb,Ib 8 register
      return shiftEvIbR<u8>(rec, SHIFT_RCL);
    case 855: // RCL Eb,Ib 8 memory
      return shiftEvIbM<u8>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 856: // RCL Ev,Ib 16 register
      return shiftEvIbR<u16>(rec, SHIFT_RCL);
    case 857: // RCL Ev,Ib 16 memory
      return shiftEvIbM<u16>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 858: // RCL Ev,Ib 32 register
      return shiftEvIbR<u32>(rec, SHIFT_RCL);
    case 859: // RCL Ev,Ib 32 memory
      return shiftEvIbM<u32>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 860: // RCL Ev,Ib 64 register
      return shiftEvIbR<u64>(rec, SHIFT_RCL);
    case 861: // RCL Ev,Ib 64 memory
      return shiftEvIbM<u64>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 862: // RCL Eb,1 8 register
      return shiftEv1R<u8>(rec, SHIFT_RCL);
    case 863: // RCL Eb,1 8 memory
      return shiftEv1M<u8>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 864: // RCL Ev,1 16 register
      return shiftEv1R<u16>(rec, SHIFT_RCL);
    case 865: // RCL Ev,1 16 memory
      return shiftEv1M<u16>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 866: // RCL Ev,1 32 register
      return shiftEv1R<u32>(rec, SHIFT_RCL);
    case 867: // RCL Ev,1 32 memory
      return shiftEv1M<u32>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 868: // RCL Ev,1 64 register
      return shiftEv1R<u64>(rec, SHIFT_RCL);
    case 869: // RCL Ev,1 64 memory
      return shiftEv1M<u64>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 870: // RCL Eb,CL 8 register
      return shiftEvCLR<u8>(rec, SHIFT_RCL);
    case 871: // RCL Eb,CL 8 memory
      return shiftEvCLM<u8>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 872: // RCL Ev,CL 16 register
      return shiftEvCLR<u16>(rec, SHIFT_RCL);
    case 873: // RCL Ev,CL 16 memory
      return shiftEvCLM<u16>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 874: // RCL Ev,CL 32 register
      return shiftEvCLR<u32>(rec, SHIFT_RCL);
    case 875: // RCL Ev,CL 32 memory
      return shiftEvCLM<u32>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 876: // RCL Ev,CL 64 register
      return shiftEvCLR<u64>(rec, SHIFT_RCL);
    case 877: // RCL Ev,CL 64 memory
      return shiftEvCLM<u64>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 878: // RCR Eb,Ib 8 register
      return shiftEvIbR<u8>(rec, SHIFT_RCR);
    case 879: // RCR Eb,Ib 8 memory
      return shiftEvIbM<u8>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 880: // RCR Ev,Ib 16 register
      return shiftEvIbR<u16>(rec, SHIFT_RCR);
    case 881: // RCR Ev,Ib 16 memory
      return shiftEvIbM<u16>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 882: // RCR Ev,Ib 32 register
      return shiftEvIbR<u32>(rec, SHIFT_RCR);
    case 883: // RCR Ev,Ib 32 memory
      return shiftEvIbM<u32>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 884: // RCR Ev,Ib 64 register
      return shiftEvIbR<u64>(rec, SHIFT_RCR);
    case 885: // RCR Ev,Ib 64 memory
      return shiftEvIbM<u64>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 886: // RCR Eb,1 8 register
      return shiftEv1R<u8>(rec, SHIFT_RCR);
    case 887: // RCR Eb,1 8 memory
      return shiftEv1M<u8>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 888: // RCR Ev,1 16 register
      return shiftEv1R<u16>(rec, SHIFT_RCR);
    case 889: // RCR Ev,1 16 memory
      return shiftEv1M<u16>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 890: // RCR Ev,1 32 register
      return shiftEv1R<u32>(rec, SHIFT_RCR);
    case 891: // RCR Ev,1 32 memory
      return shiftEv1M<u32>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 892: // RCR Ev,1 64 register
      return shiftEv1R<u64>(rec, SHIFT_RCR);
    case 893: // RCR Ev,1 64 memory
      return shiftEv1M<u64>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 894: // RCR Eb,CL 8 register
      return shiftEvCLR<u8>(rec, SHIFT_RCR);
    case 895: // RCR Eb,CL 8 memory
      return shiftEvCLM<u8>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 896: // RCR Ev,CL 16 register
      return shiftEvCLR<u16>(rec, SHIFT_RCR);
    case 897: // RCR Ev,CL 16 memory
      return shiftEvCLM<u16>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 898: // RCR Ev,CL 32 register
      return shiftEvCLR<u32>(rec, SHIFT_RCR);
    case 899: // RCR Ev,CL 32 memory
      return shiftEvCLM<u32>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 900: // RCR Ev,CL 64 register
      return shiftEvCLR<u64>(rec, SHIFT_RCR);
    case 901: // RCR Ev,CL 64 memory
      return shiftEvCLM<u64>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 902: // SHL Eb,Ib 8 register
      return shiftEvIbR<u8>(rec, SHIFT_SHL);
    case 903: // SHL Eb,Ib 8 memory
      return shiftEvIbM<u8>(rec, effectiveAddress(rec), SHIFT_SHL);
    case 904: // SHL Ev,Ib 16 register
      return shiftEvIbR<u16>(rec, SHIFT_SHL);
    case 905: // SHL Ev,Ib 16 memory
      return shiftEvIbM<u16>(rec, effectiveAddress(rec), SHIFT_SHL);
    case 906: // SHL Eb,1 8 register
      return shiftEv1R<u8>(rec, SHIFT_SHL);
    case 907: // SHL Eb,1 8 memory
      return shiftEv1M<u8>(rec, effectiveAddress(rec), SHIFT_SHL);
    case 908: // SHL Ev,1 16 register
      return shiftEv1R<u16>(rec, SHIFT_SHL);
    case 909: // SHL Ev,1 16 memory
      return shiftEv1M<u16>(rec, effectiveAddress(rec), SHIFT_SHL);
    case 910: // SHL Eb,CL 8 register
      return shiftEvCLR<u8>(rec, SHIFT_SHL);
    case 911: // SHL Eb,CL 8 memory
      return shiftEvCLM<u8>(rec, effectiveAddress(rec), SHIFT_SHL);
    case 912: // SHL Ev,CL 16 register
      return shiftEvCLR<u16>(rec, SHIFT_SHL);
    case 913: // SHL Ev,CL 16 memory
      return shiftEvCLM<u16>(rec, effectiveAddress(rec), SHIFT_SHL);
    case 914: // SHR Eb,Ib 8 register
      return shiftEvIbR<u8>(rec, SHIFT_SHR);
    case 915: // SHR Eb,Ib 8 memory
      return shiftEvIbM<u8>(rec, effectiveAddress(rec), SHIFT_SHR);
    case 916: // SHR Ev,Ib 16 register
      return shiftEvIbR<u16>(rec, SHIFT_SHR);
    case 917: // SHR Ev,Ib 16 memory
      return shiftEvIbM<u16>(rec, effectiveAddress(rec), SHIFT_SHR);
    case 918: // SHR Eb,1 8 register
      return shiftEv1R<u8>(rec, SHIFT_SHR);
    case 919: // SHR Eb,1 8 memory
      return shiftEv1M<u8>(rec, effectiveAddress(rec), SHIFT_SHR);
    case 920: // SHR Ev,1 16 register
      return shiftEv1R<u16>(rec, SHIFT_SHR);
    case 921: // SHR Ev,1 16 memory
      return shiftEv1M<u16>(rec, effectiveAddress(rec), SHIFT_SHR);
    case 922: // SHR Eb,CL 8 register
      return shiftEvCLR<u8>(rec, SHIFT_SHR);
    case 923: // SHR Eb,CL 8 memory
      return shiftEvCLM<u8>(rec, effectiveAddress(rec), SHIFT_SHR);
    case 924: // SHR Ev,CL 16 register
      return shiftEvCLR<u16>(rec, SHIFT_SHR);
    case 925: // SHR Ev,CL 16 memory
      return shiftEvCLM<u16>(rec, effectiveAddress(rec), SHIFT_SHR);
    case 926: // SAR Eb,Ib 8 register
      return shiftEvIbR<u8>(rec, SHIFT_SAR);
    case 927: // SAR Eb,Ib 8 memory
      return shiftEvIbM<u8>(rec, effectiveAddress(rec), SHIFT_SAR);
    case 928: // SAR Ev,Ib 16 register
      return shiftEvIbR<u16>(rec, SHIFT_SAR);
    case 929: // SAR Ev,Ib 16 memory
      return shiftEvIbM<u16>(rec, effectiveAddress(rec), SHIFT_SAR);
    case 930: // SAR Eb,1 8 register
      return shiftEv1R<u8>(rec, SHIFT_SAR);
    case 931: // SAR Eb,1 8 memory
      return shiftEv1M<u8>(rec, effectiveAddress(rec), SHIFT_SAR);
    case 932: // SAR Ev,1 16 register
      return shiftEv1R<u16>(rec, SHIFT_SAR);
    case 933: // SAR Ev,1 16 memory
      return shiftEv1M<u16>(rec, effectiveAddress(rec), SHIFT_SAR);
    case 934: // SAR Eb,CL 8 register
      return shiftEvCLR<u8>(rec, SHIFT_SAR);
    case 935: // SAR Eb,CL 8 memory
      return shiftEvCLM<u8>(rec, effectiveAddress(rec), SHIFT_SAR);
    case 936: // SAR Ev,CL 16 register
      return shiftEvCLR<u16>(rec, SHIFT_SAR);
    case 937: // SAR Ev,CL 16 memory
      return shiftEvCLM<u16>(rec, effectiveAddress(rec), SHIFT_SAR);
    case 938: // CMOVO Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionO());
    case 939: // CMOVO Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionO());
    case 940: // CMOVNO Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionNO());
    case 941: // CMOVNO Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionNO());
    case 942: // CMOVB Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionB());
    case 943: // CMOVB Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionB());
    case 944: // CMOVNB Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionNB());
    case 945: // CMOVNB Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionNB());
    case 946: // CMOVZ Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionZ());
    case 947: // CMOVZ Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionZ());
    case 948: // CMOVNZ Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionNZ());
    case 949: // CMOVNZ Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionNZ());
    case 950: // CMOVBE Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionBE());
    case 951: // CMOVBE Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionBE());
    case 952: // CMOVNBE Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionNBE());
    case 953: // CMOVNBE Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionNBE());
    case 954: // CMOVS Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionS());
    case 955: // CMOVS Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionS());
    case 956: // CMOVNS Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionNS());
    case 957: // CMOVNS Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionNS());
    case 958: // CMOVP Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionP());
    case 959: // CMOVP Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionP());
    case 960: // CMOVNP Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionNP());
    case 961: // CMOVNP Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionNP());
    case 962: // CMOVL Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionL());
    case 963: // CMOVL Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionL());
    case 964: // CMOVNL Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionNL());
    case 965: // CMOVNL Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionNL());
    case 966: // CMOVLE Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionLE());
    case 967: // CMOVLE Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionLE());
    case 968: // CMOVNLE Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionNLE());
    case 969: // CMOVNLE Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionNLE());
    case 970: // MOV Ev,Gv 16 register
      return movEvGvR<u16>(rec);
    case 971: // MOV Ev,Gv 16 memory
      return movEvGvM<u16>(rec, effectiveAddress(rec));
    case 972: // MOV Ev,Gv 16 memoryBd
      return movEvGvM<u16>(rec, effectiveAddressBd(rec));
    case 973: // MOV Gv,Ev 16 register
      return movGvEvR<u16>(rec);
    case 974: // MOV Gv,Ev 16 memory
      return movGvEvM<u16>(rec, effectiveAddress(rec));
    case 975: // MOV Gv,Ev 16 memoryBd
      return movGvEvM<u16>(rec, effectiveAddressBd(rec));
    case 976: // MOV Zv,Iv 16 register
      return movEvIvR<u16>(rec);
    case 977: // MOV Ev,Iz 16 memory
      return movEvIvM<u16>(rec, effectiveAddress(rec));
    case 978: // MOV Ev,Iz 16 memoryBd
      return movEvIvM<u16>(rec, effectiveAddressBd(rec));
    case 979: // MOVZX Gv,Eb 16 register
      return movzxGvEbR<u16>(rec);
    case 980: // MOVZX Gv,Eb 16 memory
      return movzxGvEbM<u16>(rec, effectiveAddress(rec));
    case 981: // MOVZX Gv,Eb 16 memoryBd
      return movzxGvEbM<u16>(rec, effectiveAddressBd(rec));
    case 982: // MOVZX Gv,Ew 16 register
      return movzxGvEwR<u16>(rec);
    case 983: // MOVZX Gv,Ew 16 memory
      return movzxGvEwM<u16>(rec, effectiveAddress(rec));
    case 984: // MOVZX Gv,Ew 16 memoryBd
      return movzxGvEwM<u16>(rec, effectiveAddressBd(rec));
    case 985: // MOVSX Gv,Eb 16 register
      return movsxGvEbR<u16>(rec);
    case 986: // MOVSX Gv,Eb 16 memory
      return movsxGvEbM<u16>(rec, effectiveAddress(rec));
    case 987: // MOVSX Gv,Eb 16 memoryBd
      return movsxGvEbM<u16>(rec, effectiveAddressBd(rec));
    case 988: // MOVSX Gv,Ew 16 register
      return movsxGvEwR<u16>(rec);
    case 989: // MOVSX Gv,Ew 16 memory
      return movsxGvEwM<u16>(rec, effectiveAddress(rec));
    case 990: // MOVSX Gv,Ew 16 memoryBd
      return movsxGvEwM<u16>(rec, effectiveAddressBd(rec));
    case 991: // MOVSXD Gv,Ed 16 register
      return movsxdGvEdR<u16>(rec);
    case 992: // MOVSXD Gv,Ed 16 memory
      return movsxdGvEdM<u16>(rec, effectiveAddress(rec));
    case 993: // XCHG Ev,Gv 16 register
      return xchgEvGvR<u16>(rec);
    case 994: // XCHG Ev,Gv 16 memory
      return xchgEvGvM<u16>(rec, effectiveAddress(rec));
    case 995: // XCHG Zv,rAX 16
      return xchgZvRax<u16>(rec);
    case 996: // XCHG Zv,rAX 32
      return xchgZvRax<u32>(rec);
    case 997: // XCHG Zv,rAX 64
      return xchgZvRax<u64>(rec);
    case 998: // PAUSE
      return pause(rec);
    case 999: // BSWAP Zy 16
      return bswapZy<u16>(rec);
    case 1000: // MOVBE Gv,Mv
      return movbeGvMv(rec);
    case 1001: // MOVBE Mv,Gv
      return movbeMvGv(rec);
    case 1002: // LEA Gv,M 16 memory
      return leaGvM<u16>(rec, effectiveAddress(rec));
    case 1003: // LEA Gv,M 16 memoryBd
      return leaGvM<u16>(rec, effectiveAddressBd(rec));
    case 1004: // XLAT
      return xlat(rec);
    case 1005: // CBW  16
      return cbw<u16>(rec);
    case 1006: // CWD  16
      return cwd<u16>(rec);
    case 1007: // LAHF
      return lahf(rec);
    case 1008: // SAHF
      return sahf(rec);
    case 1009: // PUSH Zv 16
      return pushZv<u16>(rec);
    case 1010: // POP Zv 16
      return popZv<u16>(rec);
    case 1011: // PUSH Iz 16
      return pushIz<u16>(rec);
    case 1012: // PUSH Ev
      return pushEv(rec);
    case 1013: // POP Ev
      return popEv(rec);
    case 1014: // PUSH ES
      return pushSeg(rec, 0);
    case 1015: // PUSH CS
      return pushSeg(rec, 1);
    case 1016: // PUSH SS
      return pushSeg(rec, 2);
    case 1017: // PUSH DS
      return pushSeg(rec, 3);
    case 1018: // PUSH FS
      return pushSeg(rec, 4);
    case 1019: // PUSH GS
      return pushSeg(rec, 5);
    case 1020: // POP ES
      return popSeg(rec, 0);
    case 1021: // POP SS
      return popSeg(rec, 2);
    case 1022: // POP DS
      return popSeg(rec, 3);
    case 1023: // POP FS
      return popSeg(rec, 4);
    case 1024: // POP GS
      return popSeg(rec, 5);
    case 1025: // PUSHA
      return pusha(rec);
    case 1026: // POPA
      return popa(rec);
    case 1027: // PUSHF
      return pushf(rec);
    case 1028: // POPF
      return popf(rec);
    case 1029: // ENTER Iw,Ib
      return enter(rec);
    case 1030: // LEAVE
      return leaveFrame(rec);
    case 1031: // INC Zv 16 register
      return incEvR<u16>(rec);
    case 1032: // DEC Zv 16 register
      return decEvR<u16>(rec);
    case 1033: // INC Ev 16 memory
      return incEvM<u16>(rec, effectiveAddress(rec));
    case 1034: // DEC Ev 16 memory
      return decEvM<u16>(rec, effectiveAddress(rec));
    case 1035: // MUL Eb
      return mulEb(rec);
    case 1036: // IMUL Eb
      return imulEb(rec);
    case 1037: // DIV Eb
      return divEb(rec);
    case 1038: // IDIV Eb
      return idivEb(rec);
    case 1039: // TEST Ev,Iz 16 register
      return testEvIvR<u16>(rec);
    case 1040: // TEST Ev,Iz 16 memory
      return testEvIvM<u16>(rec, effectiveAddress(rec));
    case 1041: // TEST Ev,Iz 16 memoryBd
      return testEvIvM<u16>(rec, effectiveAddressBd(rec));
    case 1042: // NOT Ev 16 register
      return notEvR<u16>(rec);
    case 1043: // NOT Ev 16 memory
      return notEvM<u16>(rec, effectiveAddress(rec));
    case 1044: // NEG Ev 16 register
      return negEvR<u16>(rec);
    case 1045: // NEG Ev 16 memory
      return negEvM<u16>(rec, effectiveAddress(rec));
    case 1046: // MUL Ev
      return mulEv(rec);
    case 1047: // IMUL Ev
      return imulEv(rec);
    case 1048: // DIV Ev
      return divEv(rec);
    case 1049: // IDIV Ev
      return idivEv(rec);
    case 1050: // TEST Ev,Gv 16 register
      return testEvGvR<u16>(rec);
    case 1051: // TEST Ev,Gv 16 memory
      return testEvGvM<u16>(rec, effectiveAddress(rec));
    case 1052: // IMUL Gv,Ev 16 register
      return imulGvEvR<u16>(rec);
    case 1053: // IMUL Gv,Ev 16 memory
      return imulGvEvM<u16>(rec, effectiveAddress(rec));
    case 1054: // IMUL Gv,Ev 16 memoryBd
      return imulGvEvM<u16>(rec, effectiveAddressBd(rec));
    case 1055: // IMUL Gv,Ev,Iz 16 register
      return imulGvEvIzR<u16>(rec);
    case 1056: // IMUL Gv,Ev,Iz 16 memory
      return imulGvEvIzM<u16>(rec, effectiveAddress(rec));
    case 1057: // XADD Eb,Gb 8 register
      return xaddEvGvR<u8>(rec);
    case 1058: // XADD Eb,Gb 8 memory
      return xaddEvGvM<u8>(rec, effectiveAddress(rec));
    case 1059: // XADD Ev,Gv 16 register
      return xaddEvGvR<u16>(rec);
    case 1060: // XADD Ev,Gv 16 memory
      return xaddEvGvM<u16>(rec, effectiveAddress(rec));
    case 1061: // XADD Ev,Gv 32 register
      return xaddEvGvR<u32>(rec);
    case 1062: // XADD Ev,Gv 32 memory
      return xaddEvGvM<u32>(rec, effectiveAddress(rec));
    case 1063: // XADD Ev,Gv 64 register
      return xaddEvGvR<u64>(rec);
    case 1064: // XADD Ev,Gv 64 memory
      return xaddEvGvM<u64>(rec, effectiveAddress(rec));
    case 1065: // CMPXCHG Eb,Gb 8 register
      return cmpxchgEvGvR<u8>(rec);
    case 1066: // CMPXCHG Eb,Gb 8 memory
      return cmpxchgEvGvM<u8>(rec, effectiveAddress(rec));
    case 1067: // CMPXCHG Ev,Gv 16 register
      return cmpxchgEvGvR<u16>(rec);
    case 1068: // CMPXCHG Ev,Gv 16 memory
      return cmpxchgEvGvM<u16>(rec, effectiveAddress(rec));
    case 1069: // CMPXCHG Ev,Gv 32 register
      return cmpxchgEvGvR<u32>(rec);
    case 1070: // CMPXCHG Ev,Gv 32 memory
      return cmpxchgEvGvM<u32>(rec, effectiveAddress(rec));
    case 1071: // CMPXCHG Ev,Gv 64 register
      return cmpxchgEvGvR<u64>(rec);
    case 1072: // CMPXCHG Ev,Gv 64 memory
      return cmpxchgEvGvM<u64>(rec, effectiveAddress(rec));
    case 1073: // CMPXCHG8B M
      return cmpxchg8b(rec);
    case 1074: // AAA
      return aaa(rec);
    case 1075: // AAS
      return aas(rec);
    case 1076: // AAD Ib
      return aad(rec);
    case 1077: // AAM Ib
      return aam(rec);
    case 1078: // DAA
      return daa(rec);
    case 1079: // DAS
      return das(rec);
    case 1080: // ADCX Gy,Ey 32 register
      return adcxGyEyR<u32>(rec);
    case 1081: // ADCX Gy,Ey 32 memory
      return adcxGyEyM<u32>(rec, effectiveAddress(rec));
    case 1082: // ADCX Gy,Ey 64 register
      return adcxGyEyR<u64>(rec);
    case 1083: // ADCX Gy,Ey 64 memory
      return adcxGyEyM<u64>(rec, effectiveAddress(rec));
    case 1084: // ADOX Gy,Ey 32 register
      return adoxGyEyR<u32>(rec);
    case 1085: // ADOX Gy,Ey 32 memory
      return adoxGyEyM<u32>(rec, effectiveAddress(rec));
    case 1086: // ADOX Gy,Ey 64 register
      return adoxGyEyR<u64>(rec);
    case 1087: // ADOX Gy,Ey 64 memory
      return adoxGyEyM<u64>(rec, effectiveAddress(rec));
    case 1088: // CRC32 Gy,Eb
      return crc32GyEb(rec);
    case 1089: // CRC32 Gy,Ev
      return crc32GyEv(rec);
    case 1090: // SALC
      return salc(rec);
    case 1091: // SHLD Ev,Gv,Ib 16 register
      return shldEvGvIbR<u16>(rec);
    case 1092: // SHLD Ev,Gv,Ib 16 memory
      return shldEvGvIbM<u16>(rec, effectiveAddress(rec));
    case 1093: // SHLD Ev,Gv,Ib 32 register
      return shldEvGvIbR<u32>(rec);
    case 1094: // SHLD Ev,Gv,Ib 32 memory
      return shldEvGvIbM<u32>(rec, effectiveAddress(rec));
    case 1095: // SHLD Ev,Gv,Ib 64 register
      return shldEvGvIbR<u64>(rec);
    case 1096: // SHLD Ev,Gv,Ib 64 memory
      return shldEvGvIbM<u64>(rec, effectiveAddress(rec));
    case 1097: // SHLD Ev,Gv,CL 16 register
      return shldEvGvCLR<u16>(rec);
    case 1098: // SHLD Ev,Gv,CL 16 memory
      return shldEvGvCLM<u16>(rec, effectiveAddress(rec));
    case 1099: // SHLD Ev,Gv,CL 32 register
      return shldEvGvCLR<u32>(rec);
    case 1100: // SHLD Ev,Gv,CL 32 memory
      return shldEvGvCLM<u32>(rec, effectiveAddress(rec));
    case 1101: // SHLD Ev,Gv,CL 64 register
      return shldEvGvCLR<u64>(rec);
    case 1102: // SHLD Ev,Gv,CL 64 memory
      return shldEvGvCLM<u64>(rec, effectiveAddress(rec));
    case 1103: // SHRD Ev,Gv,Ib 16 register
      return shrdEvGvIbR<u16>(rec);
    case 1104: // SHRD Ev,Gv,Ib 16 memory
      return shrdEvGvIbM<u16>(rec, effectiveAddress(rec));
    case 1105: // SHRD Ev,Gv,Ib 32 register
      return shrdEvGvIbR<u32>(rec);
    case 1106: // SHRD Ev,Gv,Ib 32 memory
      return shrdEvGvIbM<u32>(rec, effectiveAddress(rec));
    case 1107: // SHRD Ev,Gv,Ib 64 register
      return shrdEvGvIbR<u64>(rec);
    case 1108: // SHRD Ev,Gv,Ib 64 memory
      return shrdEvGvIbM<u64>(rec, effectiveAddress(rec));
    case 1109: // SHRD Ev,Gv,CL 16 register
      return shrdEvGvCLR<u16>(rec);
    case 1110: // SHRD Ev,Gv,CL 16 memory
      return shrdEvGvCLM<u16>(rec, effectiveAddress(rec));
    case 1111: // SHRD Ev,Gv,CL 32 register
      return shrdEvGvCLR<u32>(rec);
    case 1112: // SHRD Ev,Gv,CL 32 memory
      return shrdEvGvCLM<u32>(rec, effectiveAddress(rec));
    case 1113: // SHRD Ev,Gv,CL 64 register
      return shrdEvGvCLR<u64>(rec);
    case 1114: // SHRD Ev,Gv,CL 64 memory
      return shrdEvGvCLM<u64>(rec, effectiveAddress(rec));
    case 1115: // BT Ev,Gv
      return btEvGv(rec, BIT_TEST);
    case 1116: // BTS Ev,Gv
      return btEvGv(rec, BIT_SET);
    case 1117: // BTR Ev,Gv
      return btEvGv(rec, BIT_RESET);
    case 1118: // BTC Ev,Gv
      return btEvGv(rec, BIT_FLIP);
    case 1119: // BT Ev,Ib 16 register
      return btEvIbR<u16>(rec, BIT_TEST);
    case 1120: // BT Ev,Ib 16 memory
      return btEvIbM<u16>(rec, effectiveAddress(rec), BIT_TEST);
    case 1121: // BT Ev,Ib 32 register
      return btEvIbR<u32>(rec, BIT_TEST);
    case 1122: // BT Ev,Ib 32 memory
      return btEvIbM<u32>(rec, effectiveAddress(rec), BIT_TEST);
    case 1123: // BT Ev,Ib 64 register
      return btEvIbR<u64>(rec, BIT_TEST);
    case 1124: // BT Ev,Ib 64 memory
      return btEvIbM<u64>(rec, effectiveAddress(rec), BIT_TEST);
    case 1125: // BTS Ev,Ib 16 register
      return btEvIbR<u16>(rec, BIT_SET);
    case 1126: // BTS Ev,Ib 16 memory
      return btEvIbM<u16>(rec, effectiveAddress(rec), BIT_SET);
    case 1127: // BTS Ev,Ib 32 register
      return btEvIbR<u32>(rec, BIT_SET);
    case 1128: // BTS Ev,Ib 32 memory
      return btEvIbM<u32>(rec, effectiveAddress(rec), BIT_SET);
    case 1129: // BTS Ev,Ib 64 register
      return btEvIbR<u64>(rec, BIT_SET);
    case 1130: // BTS Ev,Ib 64 memory
      return btEvIbM<u64>(rec, effectiveAddress(rec), BIT_SET);
    case 1131: // BTR Ev,Ib 16 register
      return btEvIbR<u16>(rec, BIT_RESET);
    case 1132: // BTR Ev,Ib 16 memory
      return btEvIbM<u16>(rec, effectiveAddress(rec), BIT_RESET);
    case 1133: // BTR Ev,Ib 32 register
      return btEvIbR<u32>(rec, BIT_RESET);
    case 1134: // BTR Ev,Ib 32 memory
      return btEvIbM<u32>(rec, effectiveAddress(rec), BIT_RESET);
    case 1135: // BTR Ev,Ib 64 register
      return btEvIbR<u64>(rec, BIT_RESET);
    case 1136: // BTR Ev,Ib 64 memory
      return btEvIbM<u64>(rec, effectiveAddress(rec), BIT_RESET);
    case 1137: // BTC Ev,Ib 16 register
      return btEvIbR<u16>(rec, BIT_FLIP);
    case 1138: // BTC Ev,Ib 16 memory
      return btEvIbM<u16>(rec, effectiveAddress(rec), BIT_FLIP);
    case 1139: // BTC Ev,Ib 32 register
      return btEvIbR<u32>(rec, BIT_FLIP);
    case 1140: // BTC Ev,Ib 32 memory
      return btEvIbM<u32>(rec, effectiveAddress(rec), BIT_FLIP);
    case 1141: // BTC Ev,Ib 64 register
      return btEvIbR<u64>(rec, BIT_FLIP);
    case 1142: // BTC Ev,Ib 64 memory
      return btEvIbM<u64>(rec, effectiveAddress(rec), BIT_FLIP);
    case 1143: // BSF Gv,Ev 16 register
      return bsfGvEvR<u16>(rec);
    case 1144: // BSF Gv,Ev 16 memory
      return bsfGvEvM<u16>(rec, effectiveAddress(rec));
    case 1145: // BSF Gv,Ev 32 register
      return bsfGvEvR<u32>(rec);
    case 1146: // BSF Gv,Ev 32 memory
      return bsfGvEvM<u32>(rec, effectiveAddress(rec));
    case 1147: // BSF Gv,Ev 64 register
      return bsfGvEvR<u64>(rec);
    case 1148: // BSF Gv,Ev 64 memory
      return bsfGvEvM<u64>(rec, effectiveAddress(rec));
    case 1149: // TZCNT Gv,Ev 16 register
      return tzcntGvEvR<u16>(rec);
    case 1150: // TZCNT Gv,Ev 16 memory
      return tzcntGvEvM<u16>(rec, effectiveAddress(rec));
    case 1151: // TZCNT Gv,Ev 32 register
      return tzcntGvEvR<u32>(rec);
    case 1152: // TZCNT Gv,Ev 32 memory
      return tzcntGvEvM<u32>(rec, effectiveAddress(rec));
    case 1153: // TZCNT Gv,Ev 64 register
      return tzcntGvEvR<u64>(rec);
    case 1154: // TZCNT Gv,Ev 64 memory
      return tzcntGvEvM<u64>(rec, effectiveAddress(rec));
    case 1155: // BSR Gv,Ev 16 register
      return bsrGvEvR<u16>(rec);
    case 1156: // BSR Gv,Ev 16 memory
      return bsrGvEvM<u16>(rec, effectiveAddress(rec));
    case 1157: // BSR Gv,Ev 32 register
      return bsrGvEvR<u32>(rec);
    case 1158: // BSR Gv,Ev 32 memory
      return bsrGvEvM<u32>(rec, effectiveAddress(rec));
    case 1159: // BSR Gv,Ev 64 register
      return bsrGvEvR<u64>(rec);
    case 1160: // BSR Gv,Ev 64 memory
      return bsrGvEvM<u64>(rec, effectiveAddress(rec));
    case 1161: // LZCNT Gv,Ev 16 register
      return lzcntGvEvR<u16>(rec);
    case 1162: // LZCNT Gv,Ev 16 memory
      return lzcntGvEvM<u16>(rec, effectiveAddress(rec));
    case 1163: // LZCNT Gv,Ev 32 register
      return lzcntGvEvR<u32>(rec);
    case 1164: // LZCNT Gv,Ev 32 memory
      return lzcntGvEvM<u32>(rec, effectiveAddress(rec));
    case 1165: // LZCNT Gv,Ev 64 register
      return lzcntGvEvR<u64>(rec);
    case 1166: // LZCNT Gv,Ev 64 memory
      return lzcntGvEvM<u64>(rec, effectiveAddress(rec));
    case 1167: // POPCNT Gv,Ev 16 register
      return popcntGvEvR<u16>(rec);
    case 1168: // POPCNT Gv,Ev 16 memory
      return popcntGvEvM<u16>(rec, effectiveAddress(rec));
    case 1169: // POPCNT Gv,Ev 32 register
      return popcntGvEvR<u32>(rec);
    case 1170: // POPCNT Gv,Ev 32 memory
      return popcntGvEvM<u32>(rec, effectiveAddress(rec));
    case 1171: // POPCNT Gv,Ev 64 register
      return popcntGvEvR<u64>(rec);
    case 1172: // POPCNT Gv,Ev 64 memory
      return popcntGvEvM<u64>(rec, effectiveAddress(rec));
    case 1173: // ANDN Gy,By,Ey
      return andnGyByEy(rec);
    case 1174: // BLSR By,Ey
      return blsrByEy(rec);
    case 1175: // BLSMSK By,Ey
      return blsmskByEy(rec);
    case 1176: // BLSI By,Ey
      return blsiByEy(rec);
    case 1177: // BEXTR Gy,Ey,By
      return bextrGyEyBy(rec);
    case 1178: // BZHI Gy,Ey,By
      return bzhiGyEyBy(rec);
    case 1179: // PDEP Gy,By,Ey
      return pdepGyByEy(rec);
    case 1180: // PEXT Gy,By,Ey
      return pextGyByEy(rec);
    case 1181: // MULX Gy,By,Ey
      return mulxGyByEy(rec);
    case 1182: // SARX Gy,Ey,By
      return sarxGyEyBy(rec);
    case 1183: // SHLX Gy,Ey,By
      return shlxGyEyBy(rec);
    case 1184: // SHRX Gy,Ey,By
      return shrxGyEyBy(rec);
    case 1185: // RORX Gy,Ey,Ib
      return rorxGyEyIb(rec);
    case 1186: // MOVS
      return movs(rec);
    case 1187: // CMPS
      return cmps(rec);
    case 1188: // STOS
      return stos(rec);
    case 1189: // LODS
      return lods(rec);
    case 1190: // SCAS
      return scas(rec);
    case 1191: // CMC
      return cmc(rec);
    case 1192: // CLC
      return clc(rec);
    case 1193: // STC
      return stc(rec);
    case 1194: // CLD
      return cld(rec);
    case 1195: // STD
      return std(rec);
    case 1196: // CALL Jz 16
      if (callJz<u16>(rec) != NEXT) return FAULTED;
      return resolveNear(rec) ? DONE : FAULTED;
    case 1197: // JMP Ev 16 register
      return jmpEvR<u16>(rec) != NEXT ? FAULTED : DONE;
    case 1198: // JMP Ev 16 memory
      return jmpEvM<u16>(rec, effectiveAddress(rec)) != NEXT ? FAULTED : DONE;
    case 1199: // CALL Ev 16 register
      return callEvR<u16>(rec) != NEXT ? FAULTED : DONE;
    case 1200: // CALL Ev 16 memory
      return callEvM<u16>(rec, effectiveAddress(rec)) != NEXT ? FAULTED : DONE;
    case 1201: // RET  16
      return retNear<u16>(rec) != NEXT ? FAULTED : DONE;
    case 1202: // RET Iw 16
      return retNearIw<u16>(rec) != NEXT ? FAULTED : DONE;
    case 1203: // LOOPNE Jb
      return loopJb(rec, 0);
    case 1204: // LOOPE Jb
      return loopJb(rec, 1);
    case 1205: // LOOP Jb
      return loopJb(rec, 2);
    case 1206: // JCXZ Jb
      return loopJb(rec, 3);
    case 1207: // NOP Ev
      return nop(rec);
    case 1208: // UD2
      return undefinedOpcode(rec);
    case 1209: // MOV Ev,Sw
      return movEvSw(rec);
    case 1210: // MOV Sw,Ew
      return movSwEw(rec);
    case 1211: // LDS Gv,Mp
      return loadFar(rec, 3);
    case 1212: // LES Gv,Mp
      return loadFar(rec, 0);
    case 1213: // LSS Gv,Mp
      return loadFar(rec, 2);
    case 1214: // LFS Gv,Mp
      return loadFar(rec, 4);
    case 1215: // LGS Gv,Mp
      return loadFar(rec, 5);
    case 1216: // ARPL Ew,Gw
      return arplEwGw(rec);
    case 1217: // BOUND Gv,Ma
      return boundGvMa(rec);
    case 1218: // LAR Gv,Ew
      return larGvEw(rec);
    case 1219: // LSL Gv,Ew
      return lslGvEw(rec);
    case 1220: // SLDT Ev
      return sldtEv(rec);
    case 1221: // STR Ev
      return strEv(rec);
    case 1222: // LLDT Ew
      return lldtEw(rec);
    case 1223: // LTR Ew
      return ltrEw(rec);
    case 1224: // VERR Ew
      return verrEw(rec);
    case 1225: // VERW Ew
      return verwEw(rec);
    case 1226: // SGDT Ms
      return sgdtMs(rec);
    case 1227: // SIDT Ms
      return sidtMs(rec);
    case 1228: // LGDT Ms
      return lgdtMs(rec);
    case 1229: // LIDT Ms
      return lidtMs(rec);
    case 1230: // SMSW Ev
      return smswEv(rec);
    case 1231: // LMSW Ew
      return lmswEw(rec);
    case 1232: // INVLPG M
      return invlpgM(rec);
    case 1233: // SWAPGS
      return swapgs(rec);
    case 1234: // RDTSCP
      return rdtscp(rec);
    case 1235: // MONITOR
      return monitor(rec);
    case 1236: // MWAIT
      return mwait(rec);
    case 1237: // VMCALL
      return vmcall(rec);
    case 1238: // CLAC
      return clac(rec);
    case 1239: // STAC
      return stac(rec);
    case 1240: // XGETBV
      return xgetbv(rec);
    case 1241: // XSETBV
      return xsetbv(rec);
    case 1242: // RDPKRU
      return rdpkru(rec);
    case 1243: // WRPKRU
      return wrpkru(rec);
    case 1244: // CALL Ap
      return callAp(rec);
    case 1245: // JMP Ap
      return jmpAp(rec);
    case 1246: // CALL Mp
      return callMp(rec);
    case 1247: // JMP Mp
      return jmpMp(rec);
    case 1248: // RETF
      return retFar(rec);
    case 1249: // IRET
      return iret(rec);
    case 1250: // INT3
      return int3(rec);
    case 1251: // INT Ib
      return intIb(rec);
    case 1252: // INTO
      return into(rec);
    case 1253: // INT1
      return int1(rec);
    case 1254: // SYSCALL
      return syscall(rec);
    case 1255: // SYSRET
      return sysret(rec);
    case 1256: // SYSENTER
      return sysenter(rec);
    case 1257: // SYSEXIT
      return sysexit(rec);
    case 1258: // MOV Ey,Cy
      return movRyCy(rec);
    case 1259: // MOV Cy,Ey
      return movCyRy(rec);
    case 1260: // MOV Ey,Dy
      return movRyDy(rec);
    case 1261: // MOV Dy,Ey
      return movDyRy(rec);
    case 1262: // CLTS
      return clts(rec);
    case 1263: // INVD
      return invd(rec);
    case 1264: // WBINVD
      return wbinvd(rec);
    case 1265: // INVPCID Gy,Mdq
      return invpcid(rec);
    case 1266: // HLT
      return hlt(rec);
    case 1267: // WAIT
      return fwait(rec);
    case 1268: // CLI
      return cli(rec);
    case 1269: // STI
      return sti(rec);
    case 1270: // CPUID
      return cpuid(rec);
    case 1271: // RDTSC
      return rdtsc(rec);
    case 1272: // RDPMC
      return rdpmc(rec);
    case 1273: // RDMSR
      return rdmsr(rec);
    case 1274: // WRMSR
      return wrmsr(rec);
    case 1275: // RDRAND Rv
      return rdrandRv(rec);
    case 1276: // RDSEED Rv
      return rdseedRv(rec);
    case 1277: // RDPID Ry
      return rdpidRy(rec);
    case 1278: // RDFSBASE Ry
      return rdbaseRy(rec, 4);
    case 1279: // RDGSBASE Ry
      return rdbaseRy(rec, 5);
    case 1280: // WRFSBASE Ry
      return wrbaseRy(rec, 4);
    case 1281: // WRGSBASE Ry
      return wrbaseRy(rec, 5);
    case 1282: // IN AL,Ib
      return inIb(rec);
    case 1283: // OUT Ib,AL
      return outIb(rec);
    case 1284: // IN AL,DX
      return inDx(rec);
    case 1285: // OUT DX,AL
      return outDx(rec);
    case 1286: // INS
      return ins(rec);
    case 1287: // OUTS
      return outs(rec);
    case 1288: // CLFLUSH Mb
      return clflushMb(rec);
    case 1289: // FXSAVE M
      return fxsaveM(rec);
    case 1290: // FXRSTOR M
      return fxrstorM(rec);
    case 1291: // LDMXCSR Md
      return ldmxcsrMd(rec);
    case 1292: // STMXCSR Md
      return stmxcsrMd(rec);
    case 1293: // XSAVE M
      return xsaveM(rec);
    case 1294: // XRSTOR M
      return xrstorM(rec);
    case 1295: // XSAVEOPT M
      return xsaveoptM(rec);
    case 1296: // XRSTORS M
      return xrstorsM(rec);
    case 1297: // XSAVEC M
      return xsavecM(rec);
    case 1298: // XSAVES M
      return xsavesM(rec);
    case 1299: // FADD ST,STi
      return x87StSti(rec, X87_ADD);
    case 1300: // FADD Md
      return x87StF32(rec, X87_ADD);
    case 1301: // FIADD Md
      return x87StI32(rec, X87_ADD);
    case 1302: // FADD Mq
      return x87StF64(rec, X87_ADD);
    case 1303: // FIADD Mw
      return x87StI16(rec, X87_ADD);
    case 1304: // FADD STi,ST
      return x87StiSt(rec, X87_ADD,0);
    case 1305: // FADDP STi,ST
      return x87StiSt(rec, X87_ADD,1);
    case 1306: // FMUL ST,STi
      return x87StSti(rec, X87_MUL);
    case 1307: // FMUL Md
      return x87StF32(rec, X87_MUL);
    case 1308: // FIMUL Md
      return x87StI32(rec, X87_MUL);
    case 1309: // FMUL Mq
      return x87StF64(rec, X87_MUL);
    case 1310: // FIMUL Mw
      return x87StI16(rec, X87_MUL);
    case 1311: // FMUL STi,ST
      return x87StiSt(rec, X87_MUL,0);
    case 1312: // FMULP STi,ST
      return x87StiSt(rec, X87_MUL,1);
    case 1313: // FSUB ST,STi
      return x87StSti(rec, X87_SUB);
    case 1314: // FSUB Md
      return x87StF32(rec, X87_SUB);
    case 1315: // FISUB Md
      return x87StI32(rec, X87_SUB);
    case 1316: // FSUB Mq
      return x87StF64(rec, X87_SUB);
    case 1317: // FISUB Mw
      return x87StI16(rec, X87_SUB);
    case 1318: // FSUB STi,ST
      return x87StiSt(rec, X87_SUB,0);
    case 1319: // FSUBP STi,ST
      return x87StiSt(rec, X87_SUB,1);
    case 1320: // FSUBR ST,STi
      return x87StSti(rec, X87_SUBR);
    case 1321: // FSUBR Md
      return x87StF32(rec, X87_SUBR);
    case 1322: // FISUBR Md
      return x87StI32(rec, X87_SUBR);
    case 1323: // FSUBR Mq
      return x87StF64(rec, X87_SUBR);
    case 1324: // FISUBR Mw
      return x87StI16(rec, X87_SUBR);
    case 1325: // FSUBR STi,ST
      return x87StiSt(rec, X87_SUBR,0);
    case 1326: // FSUBRP STi,ST
      return x87StiSt(rec, X87_SUBR,1);
    case 1327: // FDIV ST,STi
      return x87StSti(rec, X87_DIV);
    case 1328: // FDIV Md
      return x87StF32(rec, X87_DIV);
    case 1329: // FIDIV Md
      return x87StI32(rec, X87_DIV);
    case 1330: // FDIV Mq
      return x87StF64(rec, X87_DIV);
    case 1331: // FIDIV Mw
      return x87StI16(rec, X87_DIV);
    case 1332: // FDIV STi,ST
      return x87StiSt(rec, X87_DIV,0);
    case 1333: // FDIVP STi,ST
      return x87StiSt(rec, X87_DIV,1);
    case 1334: // FDIVR ST,STi
      return x87StSti(rec, X87_DIVR);
    case 1335: // FDIVR Md
      return x87StF32(rec, X87_DIVR);
    case 1336: // FIDIVR Md
      return x87StI32(rec, X87_DIVR);
    case 1337: // FDIVR Mq
      return x87StF64(rec, X87_DIVR);
    case 1338: // FIDIVR Mw
      return x87StI16(rec, X87_DIVR);
    case 1339: // FDIVR STi,ST
      return x87StiSt(rec, X87_DIVR,0);
    case 1340: // FDIVRP STi,ST
      return x87StiSt(rec, X87_DIVR,1);
    case 1341: // FLD1
      return fldConstant(rec, 0);
    case 1342: // FLDL2T
      return fldConstant(rec, 1);
    case 1343: // FLDL2E
      return fldConstant(rec, 2);
    case 1344: // FLDPI
      return fldConstant(rec, 3);
    case 1345: // FLDLG2
      return fldConstant(rec, 4);
    case 1346: // FLDLN2
      return fldConstant(rec, 5);
    case 1347: // FLDZ
      return fldConstant(rec, 6);
    case 1348: // FCMOVB ST,STi
      return fcmovStSti(rec, conditionB());
    case 1349: // FCMOVE ST,STi
      return fcmovStSti(rec, conditionZ());
    case 1350: // FCMOVBE ST,STi
      return fcmovStSti(rec, conditionBE());
    case 1351: // FCMOVU ST,STi
      return fcmovStSti(rec, conditionP());
    case 1352: // FCMOVNB ST,STi
      return fcmovStSti(rec, conditionNB());
    case 1353: // FCMOVNE ST,STi
      return fcmovStSti(rec, conditionNZ());
    case 1354: // FCMOVNBE ST,STi
      return fcmovStSti(rec, conditionNBE());
    case 1355: // FCMOVNU ST,STi
      return fcmovStSti(rec, conditionNP());
    case 1356: // FCOM ST,STi
      return fcomSti(rec, 0);
    case 1357: // FCOMP ST,STi
      return fcomSti(rec, 1);
    case 1358: // FCOM Md
      return fcomF32(rec, 0);
    case 1359: // FCOMP Md
      return fcomF32(rec, 1);
    case 1360: // FICOM Md
      return ficomI32(rec, 0);
    case 1361: // FICOMP Md
      return ficomI32(rec, 1);
    case 1362: // FCOM Mq
      return fcomF64(rec, 0);
    case 1363: // FCOMP Mq
      return fcomF64(rec, 1);
    case 1364: // FICOM Mw
      return ficomI16(rec, 0);
    case 1365: // FICOMP Mw
      return ficomI16(rec, 1);
    case 1366: // FCOMPP ST,STi
      return fcomSti(rec, 2);
    case 1367: // FUCOM ST,STi
      return fucomSti(rec, 0);
    case 1368: // FUCOMP ST,STi
      return fucomSti(rec, 1);
    case 1369: // FUCOMPP ST,STi
      return fucomSti(rec, 2);
    case 1370: // FUCOMI ST,STi
      return fucomi(rec, 0);
    case 1371: // FCOMI ST,STi
      return fcomi(rec, 0);
    case 1372: // FUCOMIP ST,STi
      return fucomi(rec, 1);
    case 1373: // FCOMIP ST,STi
      return fcomi(rec, 1);
    case 1374: // FTST
      return ftst(rec);
    case 1375: // FXAM
      return fxam(rec);
    case 1376: // FLD STi
      return fldSti(rec);
    case 1377: // FLD Md
      return fldF32(rec);
    case 1378: // FLD Mt
      return fldF80(rec);
    case 1379: // FLD Mq
      return fldF64(rec);
    case 1380: // FILD Md
      return fildI32(rec);
    case 1381: // FILD Mw
      return fildI16(rec);
    case 1382: // FILD Mq
      return fildI64(rec);
    case 1383: // FBLD Mt
      return fbld(rec);
    case 1384: // FST Md
      return fstF32(rec, 0);
    case 1385: // FSTP Md
      return fstF32(rec, 1);
    case 1386: // FSTP Mt
      return fstpF80(rec);
    case 1387: // FST Mq
      return fstF64(rec, 0);
    case 1388: // FSTP Mq
      return fstF64(rec, 1);
    case 1389: // FIST Md
      return fistI32(rec, 0,false);
    case 1390: // FISTP Md
      return fistI32(rec, 1,false);
    case 1391: // FIST Mw
      return fistI16(rec, 0,false);
    case 1392: // FISTP Mw
      return fistI16(rec, 1,false);
    case 1393: // FISTP Mq
      return fistpI64(rec, false);
    case 1394: // FISTTP Md
      return fistI32(rec, 1,true);
    case 1395: // FISTTP Mq
      return fistpI64(rec, true);
    case 1396: // FISTTP Mw
      return fistI16(rec, 1,true);
    case 1397: // FBSTP Mt
      return fbstp(rec);
    case 1398: // FST STi
      return fstSti(rec, 0);
    case 1399: // FSTP STi
      return fstSti(rec, 1);
    case 1400: // FSTP1 STi
      return fstpQuiet(rec);
    case 1401: // FXCH STi
      return fxchSti(rec);
    case 1402: // FCHS
      return fchs(rec);
    case 1403: // FABS
      return fabs(rec);
    case 1404: // F2XM1
      return f2xm1(rec);
    case 1405: // FYL2X
      return fyl2x(rec);
    case 1406: // FPTAN
      return fptan(rec);
    case 1407: // FPATAN
      return fpatan(rec);
    case 1408: // FXTRACT
      return fxtract(rec);
    case 1409: // FPREM1
      return fprem1(rec);
    case 1410: // FPREM
      return fprem(rec);
    case 1411: // FYL2XP1
      return fyl2xp1(rec);
    case 1412: // FSQRT
      return fsqrt(rec);
    case 1413: // FSINCOS
      return fsincos(rec);
    case 1414: // FRNDINT
      return frndint(rec);
    case 1415: // FSCALE
      return fscale(rec);
    case 1416: // FSIN
      return fsin(rec);
    case 1417: // FCOS
      return fcos(rec);
    case 1418: // FNOP
      return fnop(rec);
    case 1419: // FDECSTP
      return fdecstp(rec);
    case 1420: // FINCSTP
      return fincstp(rec);
    case 1421: // FFREE STi
      return ffreeSti(rec, 0);
    case 1422: // FFREEP STi
      return ffreeSti(rec, 1);
    case 1423: // FNENI
      return fnignored(rec);
    case 1424: // FNCLEX
      return fnclex(rec);
    case 1425: // FNINIT
      return fninit(rec);
    case 1426: // FLDCW Mw
      return fldcw(rec);
    case 1427: // FNSTCW Mw
      return fnstcw(rec);
    case 1428: // FNSTSW Mw
      return fnstsw(rec);
    case 1429: // FNSTSW AX
      return fnstswAx(rec);
    case 1430: // FLDENV M
      return fldenv(rec);
    case 1431: // FNSTENV M
      return fnstenv(rec);
    case 1432: // FRSTOR M
      return frstor(rec);
    case 1433: // FNSAVE M
      return fnsave(rec);
    case 1434: // PADDB Pq,Qq
      return paddbPqQq(rec);
    case 1435: // PADDW Pq,Qq
      return paddwPqQq(rec);
    case 1436: // PADDD Pq,Qq
      return padddPqQq(rec);
    case 1437: // PADDQ Pq,Qq
      return paddqPqQq(rec);
    case 1438: // PADDSB Pq,Qq
      return paddsbPqQq(rec);
    case 1439: // PADDSW Pq,Qq
      return paddswPqQq(rec);
    case 1440: // PADDUSB Pq,Qq
      return paddusbPqQq(rec);
    case 1441: // PADDUSW Pq,Qq
      return padduswPqQq(rec);
    case 1442: // PSUBB Pq,Qq
      return psubbPqQq(rec);
    case 1443: // PSUBW Pq,Qq
      return psubwPqQq(rec);
    case 1444: // PSUBD Pq,Qq
      return psubdPqQq(rec);
    case 1445: // PSUBQ Pq,Qq
      return psubqPqQq(rec);
    case 1446: // PSUBSB Pq,Qq
      return psubsbPqQq(rec);
    case 1447: // PSUBSW Pq,Qq
      return psubswPqQq(rec);
    case 1448: // PSUBUSB Pq,Qq
      return psubusbPqQq(rec);
    case 1449: // PSUBUSW Pq,Qq
      return psubuswPqQq(rec);
    case 1450: // PMULLW Pq,Qq
      return pmullwPqQq(rec);
    case 1451: // PMULHW Pq,Qq
      return pmulhwPqQq(rec);
    case 1452: // PMULHUW Pq,Qq
      return pmulhuwPqQq(rec);
    case 1453: // PMULUDQ Pq,Qq
      return pmuludqPqQq(rec);
    case 1454: // PMADDWD Pq,Qq
      return pmaddwdPqQq(rec);
    case 1455: // PSADBW Pq,Qq
      return psadbwPqQq(rec);
    case 1456: // PAVGB Pq,Qq
      return pavgbPqQq(rec);
    case 1457: // PAVGW Pq,Qq
      return pavgwPqQq(rec);
    case 1458: // PMAXUB Pq,Qq
      return pmaxubPqQq(rec);
    case 1459: // PMAXSW Pq,Qq
      return pmaxswPqQq(rec);
    case 1460: // PMINUB Pq,Qq
      return pminubPqQq(rec);
    case 1461: // PMINSW Pq,Qq
      return pminswPqQq(rec);
    case 1462: // PCMPEQB Pq,Qq
      return pcmpeqbPqQq(rec);
    case 1463: // PCMPEQW Pq,Qq
      return pcmpeqwPqQq(rec);
    case 1464: // PCMPEQD Pq,Qq
      return pcmpeqdPqQq(rec);
    case 1465: // PCMPGTB Pq,Qq
      return pcmpgtbPqQq(rec);
    case 1466: // PCMPGTW Pq,Qq
      return pcmpgtwPqQq(rec);
    case 1467: // PCMPGTD Pq,Qq
      return pcmpgtdPqQq(rec);
    case 1468: // PAND Pq,Qq
      return pandPqQq(rec);
    case 1469: // PANDN Pq,Qq
      return pandnPqQq(rec);
    case 1470: // POR Pq,Qq
      return porPqQq(rec);
    case 1471: // PXOR Pq,Qq
      return pxorPqQq(rec);
    case 1472: // PSRLW Pq,Qq
      return psrlwPqQq(rec);
    case 1473: // PSRLD Pq,Qq
      return psrldPqQq(rec);
    case 1474: // PSRLQ Pq,Qq
      return psrlqPqQq(rec);
    case 1475: // PSRAW Pq,Qq
      return psrawPqQq(rec);
    case 1476: // PSRAD Pq,Qq
      return psradPqQq(rec);
    case 1477: // PSLLW Pq,Qq
      return psllwPqQq(rec);
    case 1478: // PSLLD Pq,Qq
      return pslldPqQq(rec);
    case 1479: // PSLLQ Pq,Qq
      return psllqPqQq(rec);
    case 1480: // PACKSSWB Pq,Qq
      return packsswbPqQq(rec);
    case 1481: // PACKUSWB Pq,Qq
      return packuswbPqQq(rec);
    case 1482: // PACKSSDW Pq,Qq
      return packssdwPqQq(rec);
    case 1483: // PUNPCKHBW Pq,Qq
      return punpckhbwPqQq(rec);
    case 1484: // PUNPCKHWD Pq,Qq
      return punpckhwdPqQq(rec);
    case 1485: // PUNPCKHDQ Pq,Qq
      return punpckhdqPqQq(rec);
    case 1486: // PHADDW Pq,Qq
      return phaddwPqQq(rec);
    case 1487: // PHADDD Pq,Qq
      return phadddPqQq(rec);
    case 1488: // PHADDSW Pq,Qq
      return phaddswPqQq(rec);
    case 1489: // PHSUBW Pq,Qq
      return phsubwPqQq(rec);
    case 1490: // PHSUBD Pq,Qq
      return phsubdPqQq(rec);
    case 1491: // PHSUBSW Pq,Qq
      return phsubswPqQq(rec);
    case 1492: // PSIGNB Pq,Qq
      return psignbPqQq(rec);
    case 1493: // PSIGNW Pq,Qq
      return psignwPqQq(rec);
    case 1494: // PSIGND Pq,Qq
      return psigndPqQq(rec);
    case 1495: // PABSB Pq,Qq
      return pabsbPqQq(rec);
    case 1496: // PABSW Pq,Qq
      return pabswPqQq(rec);
    case 1497: // PABSD Pq,Qq
      return pabsdPqQq(rec);
    case 1498: // PSHUFB Pq,Qq
      return pshufbPqQq(rec);
    case 1499: // PMADDUBSW Pq,Qq
      return pmaddubswPqQq(rec);
    case 1500: // PMULHRSW Pq,Qq
      return pmulhrswPqQq(rec);
    case 1501: // PSRLW Nq,Ib
      return psrlwNqIb(rec);
    case 1502: // PSRAW Nq,Ib
      return psrawNqIb(rec);
    case 1503: // PSLLW Nq,Ib
      return psllwNqIb(rec);
    case 1504: // PSRLD Nq,Ib
      return psrldNqIb(rec);
    case 1505: // PSRAD Nq,Ib
      return psradNqIb(rec);
    case 1506: // PSLLD Nq,Ib
      return pslldNqIb(rec);
    case 1507: // PSRLQ Nq,Ib
      return psrlqNqIb(rec);
    case 1508: // PSLLQ Nq,Ib
      return psllqNqIb(rec);
    case 1509: // MOVD Pq,Ey
      return movdPqEy(rec);
    case 1510: // MOVD Ey,Pq
      return movdEyPq(rec);
    case 1511: // MOVQ Pq,Qq
      return movqPqQq(rec);
    case 1512: // MOVQ Qq,Pq
      return movqQqPq(rec);
    case 1513: // MOVNTQ Mq,Pq
      return movntqMqPq(rec);
    case 1514: // MASKMOVQ Pq,Nq
      return maskmovqPqNq(rec);
    case 1515: // MOVDQ2Q Pq,Udq
      return movdq2qPqUdq(rec);
    case 1516: // MOVQ2DQ Vdq,Nq
      return movq2dqVdqNq(rec);
    case 1517: // EMMS
      return emms(rec);
    case 1518: // PUNPCKLBW Pq,Qd
      return punpcklbwPqQd(rec);
    case 1519: // PUNPCKLWD Pq,Qd
      return punpcklwdPqQd(rec);
    case 1520: // PUNPCKLDQ Pq,Qd
      return punpckldqPqQd(rec);
    case 1521: // PSHUFW Pq,Qq,Ib
      return pshufwPqQqIb(rec);
    case 1522: // PINSRW Pq,Ew,Ib
      return pinsrwPqEwIb(rec);
    case 1523: // PEXTRW Gd,Nq,Ib
      return pextrwGdNqIb(rec);
    case 1524: // PMOVMSKB Gd,Nq
      return pmovmskbGdNq(rec);
    case 1525: // PALIGNR Pq,Qq,Ib
      return palignrPqQqIb(rec);
    case 1526: // CVTPI2PS Vps,Qq
      return cvtpi2psVpsQq(rec);
    case 1527: // CVTPI2PD Vpd,Qq
      return cvtpi2pdVpdQq(rec);
    case 1528: // CVTTPS2PI Pq,Wq
      return cvtps2piPqWq(rec, true);
    case 1529: // CVTTPD2PI Pq,Wpd
      return cvtpd2piPqWpd(rec, true);
    case 1530: // CVTPS2PI Pq,Wq
      return cvtps2piPqWq(rec, false);
    case 1531: // CVTPD2PI Pq,Wpd
      return cvtpd2piPqWpd(rec, false);
    default:
      return undefinedOpcode(rec);
  }
}
