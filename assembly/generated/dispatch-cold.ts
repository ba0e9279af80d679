/** Written by "npm run generate" from src/tables/opcodes. */
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
import { divEb, divEv, idivEb, idivEv, imulEb, imulEv, imulGvEvIzM, imulGvEvIzR, imulGvEvM, imulGvEvR, mulEb, mulEv, mulxGyByEy } from "../execute/multiply";
import { callEvM, callEvR, callJz, jmpEvM, jmpEvR, loopJb, retNear, retNearIw } from "../execute/near-control";
import { cmpxchg8b, cpuid, fwait, hlt, monitor, mwait, pause, rdmsr, rdpidRy, rdpkru, rdpmc, rdrandRv, rdseedRv, rdtsc, rdtscp, wrmsr, wrpkru, xgetbv, xsetbv } from "../execute/processor";
import { arplEwGw, boundGvMa, larGvEw, lgdtMs, lidtMs, lldtEw, loadFar, lslGvEw, ltrEw, movEvSw, movSwEw, sgdtMs, sidtMs, sldtEv, strEv, verrEw, verwEw } from "../execute/segment-registers";
import { SHIFT_RCL, SHIFT_RCR, SHIFT_ROL, SHIFT_ROR, SHIFT_SAR, SHIFT_SHL, SHIFT_SHR, shiftEv1M, shiftEv1R, shiftEvCLM, shiftEvCLR, shiftEvIbM, shiftEvIbR, shldEvGvCLM, shldEvGvCLR, shldEvGvIbM, shldEvGvIbR, shrdEvGvCLM, shrdEvGvCLR, shrdEvGvIbM, shrdEvGvIbR } from "../execute/shift";
import { aesdecVdq, aesdeclastVdq, aesencVdq, aesenclastVdq, aesimcVdq, aeskeygenassistVdq } from "../execute/sse-aes";
import { cmppdVpd, cmppsVps, cmpsdVsd, cmpssVss, extremumVsd, extremumVss, maxpdVpd, maxpsVps, minpdVpd, minpsVps } from "../execute/sse-compare";
import { cvtdq2pdVpd, cvtdq2psVps, cvtpd2dqVq, cvtpd2psVps, cvtps2dqVdq, cvtps2pdVpd, cvtsd2siGy, cvtsi2ssVss, cvtss2siGy } from "../execute/sse-conversion";
import { pclmulqdqVdq, sha1msg1Vdq, sha1msg2Vdq, sha1nexteVdq, sha1rnds4Vdq, sha256msg1Vdq, sha256msg2Vdq, sha256rnds2Vdq } from "../execute/sse-crypto";
import { addsubpdVpd, addsubpsVps, dppdVpd, dppsVps, horizontalVpd, horizontalVps } from "../execute/sse-horizontal";
import { paddbVx, padddVx, paddqVx, paddsbVx, paddswVx, paddusbVx, padduswVx, paddwVx, pavgbVx, pavgwVx, pcmpeqbVx, pcmpeqdVx, pcmpeqqVx, pcmpeqwVx, pcmpgtbVx, pcmpgtdVx, pcmpgtqVx, pcmpgtwVx, pmaxsbVx, pmaxsdVx, pmaxswVx, pmaxubVx, pmaxudVx, pmaxuwVx, pminsbVx, pminsdVx, pminswVx, pminubVx, pminudVx, pminuwVx, psubbVx, psubdVx, psubqVx, psubsbVx, psubswVx, psubusbVx, psubuswVx, psubwVx } from "../execute/sse-integer";
import { CMP, MAX, MIN } from "../execute/sse-lanes";
import { blendpdVpd, blendpsVps, blendvpdVpd, blendvpsVps, pandnVx, pblendvbVdq, pblendwVdq, ptestVx } from "../execute/sse-logic";
import { lddquVx, loadAlignedVx, maskmovdquVdq, movddupVdq, movhlpsVq, movhpsVq, movlpsVq, movmskpdGd, movmskpsGd, movshdupVps, movsldupVps, pmovmskbGd, storeAlignedVx, storeHighVq } from "../execute/sse-move";
import { mpsadbwVdq, pabsbVx, pabsdVx, pabswVx, phadddVx, phaddswVx, phaddwVx, phminposuwVdq, phsubdVx, phsubswVx, phsubwVx, pmaddubswVx, pmaddwdVx, pmuldqVx, pmulhrswVx, pmulhuwVx, pmulhwVx, pmulldVx, pmullwVx, pmuludqVx, psadbwVx, psignbVx, psigndVx, psignwVx } from "../execute/sse-multiply";
import { addpdVpd, addpsVps, divpdVpd, divpsVps, mulpdVpd, mulpsVps, rcppsVps, rcpssVss, roundpdVpd, roundpsVps, roundsdVsd, roundssVss, rsqrtpsVps, rsqrtssVss, sqrtpdVpd, sqrtpsVps, subpdVpd, subpsVps } from "../execute/sse-packed";
import { sqrtsdVsd, sqrtssVss } from "../execute/sse-scalar";
import { palignrVx, pslldUxIb, pslldVx, pslldqUxIb, psllqUxIb, psllqVx, psllwUxIb, psllwVx, psradUxIb, psradVx, psrawUxIb, psrawVx, psrldUxIb, psrldVx, psrldqUxIb, psrlqUxIb, psrlqVx, psrlwUxIb, psrlwVx } from "../execute/sse-shift";
import { insertpsVps, packssdwVx, packsswbVx, packusdwVx, packuswbVx, pextrbRd, pextrdRy, pextrwGd, pextrwRd, pinsrbVdq, pinsrdVdq, pinsrwVdq, pmovsxbdVx, pmovsxbqVx, pmovsxbwVx, pmovsxdqVx, pmovsxwdVx, pmovsxwqVx, pmovzxbdVx, pmovzxbqVx, pmovzxbwVx, pmovzxdqVx, pmovzxwdVx, pmovzxwqVx, pshufbVx, pshufdVx, pshufhwVx, pshuflwVx, punpckhbwVx, punpckhdqVx, punpckhqdqVx, punpckhwdVx, punpcklbwVx, punpckldqVx, punpcklqdqVx, punpcklwdVx, shufpdVpd, shufpsVps } from "../execute/sse-shuffle";
import { pcmpstri, pcmpstrm } from "../execute/sse-strings";
import { enter, leaveFrame, popEv, popSeg, popZv, popa, popf, pushEv, pushIz, pushSeg, pushZv, pusha, pushf } from "../execute/stack";
import { fxrstorM, fxsaveM, ldmxcsrMd, stmxcsrMd, xrstorM, xrstorsM, xsaveM, xsavecM, xsaveoptM, xsavesM } from "../execute/state-save";
import { cmps, lods, movs, scas, stos } from "../execute/string";
import { clflushMb, clts, invd, invlpgM, invpcid, lmswEw, movCyRy, movDyRy, movRyCy, movRyDy, rdbaseRy, smswEv, swapgs, wbinvd, wrbaseRy } from "../execute/system";
import { undefinedOpcode } from "../execute/undefined";
import { ADD, DIV, MUL, SUB } from "../fpu/sse-soft";
import { CUR_REC } from "./state";

/** Executes one record that is not worth a place in the main switch. */
export function executeCold(rec: u32): u32 {
  store<u32>(CUR_REC, rec);
  switch (load<u16>(rec) as u32) {
    case 790: // ADD Ev,Gv 16 register
      return aluEvGvR<u16>(rec, ALU_ADD);
    case 791: // ADD Ev,Gv 16 memory
      return aluEvGvM<u16>(rec, effectiveAddress(rec), ALU_ADD);
    case 792: // ADD Ev,Gv 16 memoryBd
      return aluEvGvM<u16>(rec, effectiveAddressBd(rec), ALU_ADD);
    case 793: // ADD Gv,Ev 16 register
      return aluGvEvR<u16>(rec, ALU_ADD);
    case 794: // ADD Gv,Ev 16 memory
      return aluGvEvM<u16>(rec, effectiveAddress(rec), ALU_ADD);
    case 795: // ADD Gv,Ev 16 memoryBd
      return aluGvEvM<u16>(rec, effectiveAddressBd(rec), ALU_ADD);
    case 796: // ADD rAX,Iz 16 register
      return aluEvIvR<u16>(rec, ALU_ADD);
    case 797: // ADD Ev,Iz 16 memory
      return aluEvIvM<u16>(rec, effectiveAddress(rec), ALU_ADD);
    case 798: // ADD Ev,Iz 16 memoryBd
      return aluEvIvM<u16>(rec, effectiveAddressBd(rec), ALU_ADD);
    case 799: // OR Ev,Gv 16 register
      return aluEvGvR<u16>(rec, ALU_OR);
    case 800: // OR Ev,Gv 16 memory
      return aluEvGvM<u16>(rec, effectiveAddress(rec), ALU_OR);
    case 801: // OR Ev,Gv 16 memoryBd
      return aluEvGvM<u16>(rec, effectiveAddressBd(rec), ALU_OR);
    case 802: // OR Gv,Ev 16 register
      return aluGvEvR<u16>(rec, ALU_OR);
    case 803: // OR Gv,Ev 16 memory
      return aluGvEvM<u16>(rec, effectiveAddress(rec), ALU_OR);
    case 804: // OR Gv,Ev 16 memoryBd
      return aluGvEvM<u16>(rec, effectiveAddressBd(rec), ALU_OR);
    case 805: // OR rAX,Iz 16 register
      return aluEvIvR<u16>(rec, ALU_OR);
    case 806: // OR Ev,Iz 16 memory
      return aluEvIvM<u16>(rec, effectiveAddress(rec), ALU_OR);
    case 807: // OR Ev,Iz 16 memoryBd
      return aluEvIvM<u16>(rec, effectiveAddressBd(rec), ALU_OR);
    case 808: // ADC Ev,Gv 16 register
      return aluEvGvR<u16>(rec, ALU_ADC);
    case 809: // ADC Ev,Gv 16 memory
      return aluEvGvM<u16>(rec, effectiveAddress(rec), ALU_ADC);
    case 810: // ADC Ev,Gv 16 memoryBd
      return aluEvGvM<u16>(rec, effectiveAddressBd(rec), ALU_ADC);
    case 811: // ADC Gv,Ev 16 register
      return aluGvEvR<u16>(rec, ALU_ADC);
    case 812: // ADC Gv,Ev 16 memory
      return aluGvEvM<u16>(rec, effectiveAddress(rec), ALU_ADC);
    case 813: // ADC Gv,Ev 16 memoryBd
      return aluGvEvM<u16>(rec, effectiveAddressBd(rec), ALU_ADC);
    case 814: // ADC rAX,Iz 16 register
      return aluEvIvR<u16>(rec, ALU_ADC);
    case 815: // ADC Ev,Iz 16 memory
      return aluEvIvM<u16>(rec, effectiveAddress(rec), ALU_ADC);
    case 816: // ADC Ev,Iz 16 memoryBd
      return aluEvIvM<u16>(rec, effectiveAddressBd(rec), ALU_ADC);
    case 817: // SBB Ev,Gv 16 register
      return aluEvGvR<u16>(rec, ALU_SBB);
    case 818: // SBB Ev,Gv 16 memory
      return aluEvGvM<u16>(rec, effectiveAddress(rec), ALU_SBB);
    case 819: // SBB Ev,Gv 16 memoryBd
      return aluEvGvM<u16>(rec, effectiveAddressBd(rec), ALU_SBB);
    case 820: // SBB Gv,Ev 16 register
      return aluGvEvR<u16>(rec, ALU_SBB);
    case 821: // SBB Gv,Ev 16 memory
      return aluGvEvM<u16>(rec, effectiveAddress(rec), ALU_SBB);
    case 822: // SBB Gv,Ev 16 memoryBd
      return aluGvEvM<u16>(rec, effectiveAddressBd(rec), ALU_SBB);
    case 823: // SBB rAX,Iz 16 register
      return aluEvIvR<u16>(rec, ALU_SBB);
    case 824: // SBB Ev,Iz 16 memory
      return aluEvIvM<u16>(rec, effectiveAddress(rec), ALU_SBB);
    case 825: // SBB Ev,Iz 16 memoryBd
      return aluEvIvM<u16>(rec, effectiveAddressBd(rec), ALU_SBB);
    case 826: // AND Ev,Gv 16 register
      return aluEvGvR<u16>(rec, ALU_AND);
    case 827: // AND Ev,Gv 16 memory
      return aluEvGvM<u16>(rec, effectiveAddress(rec), ALU_AND);
    case 828: // AND Ev,Gv 16 memoryBd
      return aluEvGvM<u16>(rec, effectiveAddressBd(rec), ALU_AND);
    case 829: // AND Gv,Ev 16 register
      return aluGvEvR<u16>(rec, ALU_AND);
    case 830: // AND Gv,Ev 16 memory
      return aluGvEvM<u16>(rec, effectiveAddress(rec), ALU_AND);
    case 831: // AND Gv,Ev 16 memoryBd
      return aluGvEvM<u16>(rec, effectiveAddressBd(rec), ALU_AND);
    case 832: // AND rAX,Iz 16 register
      return aluEvIvR<u16>(rec, ALU_AND);
    case 833: // AND Ev,Iz 16 memory
      return aluEvIvM<u16>(rec, effectiveAddress(rec), ALU_AND);
    case 834: // AND Ev,Iz 16 memoryBd
      return aluEvIvM<u16>(rec, effectiveAddressBd(rec), ALU_AND);
    case 835: // SUB Ev,Gv 16 register
      return aluEvGvR<u16>(rec, ALU_SUB);
    case 836: // SUB Ev,Gv 16 memory
      return aluEvGvM<u16>(rec, effectiveAddress(rec), ALU_SUB);
    case 837: // SUB Ev,Gv 16 memoryBd
      return aluEvGvM<u16>(rec, effectiveAddressBd(rec), ALU_SUB);
    case 838: // SUB Gv,Ev 16 register
      return aluGvEvR<u16>(rec, ALU_SUB);
    case 839: // SUB Gv,Ev 16 memory
      return aluGvEvM<u16>(rec, effectiveAddress(rec), ALU_SUB);
    case 840: // SUB Gv,Ev 16 memoryBd
      return aluGvEvM<u16>(rec, effectiveAddressBd(rec), ALU_SUB);
    case 841: // SUB rAX,Iz 16 register
      return aluEvIvR<u16>(rec, ALU_SUB);
    case 842: // SUB Ev,Iz 16 memory
      return aluEvIvM<u16>(rec, effectiveAddress(rec), ALU_SUB);
    case 843: // SUB Ev,Iz 16 memoryBd
      return aluEvIvM<u16>(rec, effectiveAddressBd(rec), ALU_SUB);
    case 844: // XOR Ev,Gv 16 register
      return aluEvGvR<u16>(rec, ALU_XOR);
    case 845: // XOR Ev,Gv 16 memory
      return aluEvGvM<u16>(rec, effectiveAddress(rec), ALU_XOR);
    case 846: // XOR Ev,Gv 16 memoryBd
      return aluEvGvM<u16>(rec, effectiveAddressBd(rec), ALU_XOR);
    case 847: // XOR Gv,Ev 16 register
      return aluGvEvR<u16>(rec, ALU_XOR);
    case 848: // XOR Gv,Ev 16 memory
      return aluGvEvM<u16>(rec, effectiveAddress(rec), ALU_XOR);
    case 849: // XOR Gv,Ev 16 memoryBd
      return aluGvEvM<u16>(rec, effectiveAddressBd(rec), ALU_XOR);
    case 850: // XOR rAX,Iz 16 register
      return aluEvIvR<u16>(rec, ALU_XOR);
    case 851: // XOR Ev,Iz 16 memory
      return aluEvIvM<u16>(rec, effectiveAddress(rec), ALU_XOR);
    case 852: // XOR Ev,Iz 16 memoryBd
      return aluEvIvM<u16>(rec, effectiveAddressBd(rec), ALU_XOR);
    case 853: // CMP Ev,Gv 16 register
      return aluEvGvR<u16>(rec, ALU_CMP);
    case 854: // CMP Ev,Gv 16 memory
      return aluEvGvM<u16>(rec, effectiveAddress(rec), ALU_CMP);
    case 855: // CMP Ev,Gv 16 memoryBd
      return aluEvGvM<u16>(rec, effectiveAddressBd(rec), ALU_CMP);
    case 856: // CMP Gv,Ev 16 register
      return aluGvEvR<u16>(rec, ALU_CMP);
    case 857: // CMP Gv,Ev 16 memory
      return aluGvEvM<u16>(rec, effectiveAddress(rec), ALU_CMP);
    case 858: // CMP Gv,Ev 16 memoryBd
      return aluGvEvM<u16>(rec, effectiveAddressBd(rec), ALU_CMP);
    case 859: // CMP rAX,Iz 16 register
      return aluEvIvR<u16>(rec, ALU_CMP);
    case 860: // CMP Ev,Iz 16 memory
      return aluEvIvM<u16>(rec, effectiveAddress(rec), ALU_CMP);
    case 861: // CMP Ev,Iz 16 memoryBd
      return aluEvIvM<u16>(rec, effectiveAddressBd(rec), ALU_CMP);
    case 862: // ROL Eb,Ib 8 register
      return shiftEvIbR<u8>(rec, SHIFT_ROL);
    case 863: // ROL Eb,Ib 8 memory
      return shiftEvIbM<u8>(rec, effectiveAddress(rec), SHIFT_ROL);
    case 864: // ROL Ev,Ib 16 register
      return shiftEvIbR<u16>(rec, SHIFT_ROL);
    case 865: // ROL Ev,Ib 16 memory
      return shiftEvIbM<u16>(rec, effectiveAddress(rec), SHIFT_ROL);
    case 866: // ROL Eb,1 8 register
      return shiftEv1R<u8>(rec, SHIFT_ROL);
    case 867: // ROL Eb,1 8 memory
      return shiftEv1M<u8>(rec, effectiveAddress(rec), SHIFT_ROL);
    case 868: // ROL Ev,1 16 register
      return shiftEv1R<u16>(rec, SHIFT_ROL);
    case 869: // ROL Ev,1 16 memory
      return shiftEv1M<u16>(rec, effectiveAddress(rec), SHIFT_ROL);
    case 870: // ROL Eb,CL 8 register
      return shiftEvCLR<u8>(rec, SHIFT_ROL);
    case 871: // ROL Eb,CL 8 memory
      return shiftEvCLM<u8>(rec, effectiveAddress(rec), SHIFT_ROL);
    case 872: // ROL Ev,CL 16 register
      return shiftEvCLR<u16>(rec, SHIFT_ROL);
    case 873: // ROL Ev,CL 16 memory
      return shiftEvCLM<u16>(rec, effectiveAddress(rec), SHIFT_ROL);
    case 874: // ROR Eb,Ib 8 register
      return shiftEvIbR<u8>(rec, SHIFT_ROR);
    case 875: // ROR Eb,Ib 8 memory
      return shiftEvIbM<u8>(rec, effectiveAddress(rec), SHIFT_ROR);
    case 876: // ROR Ev,Ib 16 register
      return shiftEvIbR<u16>(rec, SHIFT_ROR);
    case 877: // ROR Ev,Ib 16 memory
      return shiftEvIbM<u16>(rec, effectiveAddress(rec), SHIFT_ROR);
    case 878: // ROR Eb,1 8 register
      return shiftEv1R<u8>(rec, SHIFT_ROR);
    case 879: // ROR Eb,1 8 memory
      return shiftEv1M<u8>(rec, effectiveAddress(rec), SHIFT_ROR);
    case 880: // ROR Ev,1 16 register
      return shiftEv1R<u16>(rec, SHIFT_ROR);
    case 881: // ROR Ev,1 16 memory
      return shiftEv1M<u16>(rec, effectiveAddress(rec), SHIFT_ROR);
    case 882: // ROR Eb,CL 8 register
      return shiftEvCLR<u8>(rec, SHIFT_ROR);
    case 883: // ROR Eb,CL 8 memory
      return shiftEvCLM<u8>(rec, effectiveAddress(rec), SHIFT_ROR);
    case 884: // ROR Ev,CL 16 register
      return shiftEvCLR<u16>(rec, SHIFT_ROR);
    case 885: // ROR Ev,CL 16 memory
      return shiftEvCLM<u16>(rec, effectiveAddress(rec), SHIFT_ROR);
    case 886: // RCL Eb,Ib 8 register
      return shiftEvIbR<u8>(rec, SHIFT_RCL);
    case 887: // RCL Eb,Ib 8 memory
      return shiftEvIbM<u8>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 888: // RCL Ev,Ib 16 register
      return shiftEvIbR<u16>(rec, SHIFT_RCL);
    case 889: // RCL Ev,Ib 16 memory
      return shiftEvIbM<u16>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 890: // RCL Ev,Ib 32 register
      return shiftEvIbR<u32>(rec, SHIFT_RCL);
    case 891: // RCL Ev,Ib 32 memory
      return shiftEvIbM<u32>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 892: // RCL Ev,Ib 64 register
      return shiftEvIbR<u64>(rec, SHIFT_RCL);
    case 893: // RCL Ev,Ib 64 memory
      return shiftEvIbM<u64>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 894: // RCL Eb,1 8 register
      return shiftEv1R<u8>(rec, SHIFT_RCL);
    case 895: // RCL Eb,1 8 memory
      return shiftEv1M<u8>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 896: // RCL Ev,1 16 register
      return shiftEv1R<u16>(rec, SHIFT_RCL);
    case 897: // RCL Ev,1 16 memory
      return shiftEv1M<u16>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 898: // RCL Ev,1 32 register
      return shiftEv1R<u32>(rec, SHIFT_RCL);
    case 899: // RCL Ev,1 32 memory
      return shiftEv1M<u32>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 900: // RCL Ev,1 64 register
      return shiftEv1R<u64>(rec, SHIFT_RCL);
    case 901: // RCL Ev,1 64 memory
      return shiftEv1M<u64>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 902: // RCL Eb,CL 8 register
      return shiftEvCLR<u8>(rec, SHIFT_RCL);
    case 903: // RCL Eb,CL 8 memory
      return shiftEvCLM<u8>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 904: // RCL Ev,CL 16 register
      return shiftEvCLR<u16>(rec, SHIFT_RCL);
    case 905: // RCL Ev,CL 16 memory
      return shiftEvCLM<u16>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 906: // RCL Ev,CL 32 register
      return shiftEvCLR<u32>(rec, SHIFT_RCL);
    case 907: // RCL Ev,CL 32 memory
      return shiftEvCLM<u32>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 908: // RCL Ev,CL 64 register
      return shiftEvCLR<u64>(rec, SHIFT_RCL);
    case 909: // RCL Ev,CL 64 memory
      return shiftEvCLM<u64>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 910: // RCR Eb,Ib 8 register
      return shiftEvIbR<u8>(rec, SHIFT_RCR);
    case 911: // RCR Eb,Ib 8 memory
      return shiftEvIbM<u8>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 912: // RCR Ev,Ib 16 register
      return shiftEvIbR<u16>(rec, SHIFT_RCR);
    case 913: // RCR Ev,Ib 16 memory
      return shiftEvIbM<u16>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 914: // RCR Ev,Ib 32 register
      return shiftEvIbR<u32>(rec, SHIFT_RCR);
    case 915: // RCR Ev,Ib 32 memory
      return shiftEvIbM<u32>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 916: // RCR Ev,Ib 64 register
      return shiftEvIbR<u64>(rec, SHIFT_RCR);
    case 917: // RCR Ev,Ib 64 memory
      return shiftEvIbM<u64>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 918: // RCR Eb,1 8 register
      return shiftEv1R<u8>(rec, SHIFT_RCR);
    case 919: // RCR Eb,1 8 memory
      return shiftEv1M<u8>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 920: // RCR Ev,1 16 register
      return shiftEv1R<u16>(rec, SHIFT_RCR);
    case 921: // RCR Ev,1 16 memory
      return shiftEv1M<u16>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 922: // RCR Ev,1 32 register
      return shiftEv1R<u32>(rec, SHIFT_RCR);
    case 923: // RCR Ev,1 32 memory
      return shiftEv1M<u32>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 924: // RCR Ev,1 64 register
      return shiftEv1R<u64>(rec, SHIFT_RCR);
    case 925: // RCR Ev,1 64 memory
      return shiftEv1M<u64>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 926: // RCR Eb,CL 8 register
      return shiftEvCLR<u8>(rec, SHIFT_RCR);
    case 927: // RCR Eb,CL 8 memory
      return shiftEvCLM<u8>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 928: // RCR Ev,CL 16 register
      return shiftEvCLR<u16>(rec, SHIFT_RCR);
    case 929: // RCR Ev,CL 16 memory
      return shiftEvCLM<u16>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 930: // RCR Ev,CL 32 register
      return shiftEvCLR<u32>(rec, SHIFT_RCR);
    case 931: // RCR Ev,CL 32 memory
      return shiftEvCLM<u32>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 932: // RCR Ev,CL 64 register
      return shiftEvCLR<u64>(rec, SHIFT_RCR);
    case 933: // RCR Ev,CL 64 memory
      return shiftEvCLM<u64>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 934: // SHL Eb,Ib 8 register
      return shiftEvIbR<u8>(rec, SHIFT_SHL);
    case 935: // SHL Eb,Ib 8 memory
      return shiftEvIbM<u8>(rec, effectiveAddress(rec), SHIFT_SHL);
    case 936: // SHL Ev,Ib 16 register
      return shiftEvIbR<u16>(rec, SHIFT_SHL);
    case 937: // SHL Ev,Ib 16 memory
      return shiftEvIbM<u16>(rec, effectiveAddress(rec), SHIFT_SHL);
    case 938: // SHL Eb,1 8 register
      return shiftEv1R<u8>(rec, SHIFT_SHL);
    case 939: // SHL Eb,1 8 memory
      return shiftEv1M<u8>(rec, effectiveAddress(rec), SHIFT_SHL);
    case 940: // SHL Ev,1 16 register
      return shiftEv1R<u16>(rec, SHIFT_SHL);
    case 941: // SHL Ev,1 16 memory
      return shiftEv1M<u16>(rec, effectiveAddress(rec), SHIFT_SHL);
    case 942: // SHL Eb,CL 8 register
      return shiftEvCLR<u8>(rec, SHIFT_SHL);
    case 943: // SHL Eb,CL 8 memory
      return shiftEvCLM<u8>(rec, effectiveAddress(rec), SHIFT_SHL);
    case 944: // SHL Ev,CL 16 register
      return shiftEvCLR<u16>(rec, SHIFT_SHL);
    case 945: // SHL Ev,CL 16 memory
      return shiftEvCLM<u16>(rec, effectiveAddress(rec), SHIFT_SHL);
    case 946: // SHR Eb,Ib 8 register
      return shiftEvIbR<u8>(rec, SHIFT_SHR);
    case 947: // SHR Eb,Ib 8 memory
      return shiftEvIbM<u8>(rec, effectiveAddress(rec), SHIFT_SHR);
    case 948: // SHR Ev,Ib 16 register
      return shiftEvIbR<u16>(rec, SHIFT_SHR);
    case 949: // SHR Ev,Ib 16 memory
      return shiftEvIbM<u16>(rec, effectiveAddress(rec), SHIFT_SHR);
    case 950: // SHR Eb,1 8 register
      return shiftEv1R<u8>(rec, SHIFT_SHR);
    case 951: // SHR Eb,1 8 memory
      return shiftEv1M<u8>(rec, effectiveAddress(rec), SHIFT_SHR);
    case 952: // SHR Ev,1 16 register
      return shiftEv1R<u16>(rec, SHIFT_SHR);
    case 953: // SHR Ev,1 16 memory
      return shiftEv1M<u16>(rec, effectiveAddress(rec), SHIFT_SHR);
    case 954: // SHR Eb,CL 8 register
      return shiftEvCLR<u8>(rec, SHIFT_SHR);
    case 955: // SHR Eb,CL 8 memory
      return shiftEvCLM<u8>(rec, effectiveAddress(rec), SHIFT_SHR);
    case 956: // SHR Ev,CL 16 register
      return shiftEvCLR<u16>(rec, SHIFT_SHR);
    case 957: // SHR Ev,CL 16 memory
      return shiftEvCLM<u16>(rec, effectiveAddress(rec), SHIFT_SHR);
    case 958: // SAR Eb,Ib 8 register
      return shiftEvIbR<u8>(rec, SHIFT_SAR);
    case 959: // SAR Eb,Ib 8 memory
      return shiftEvIbM<u8>(rec, effectiveAddress(rec), SHIFT_SAR);
    case 960: // SAR Ev,Ib 16 register
      return shiftEvIbR<u16>(rec, SHIFT_SAR);
    case 961: // SAR Ev,Ib 16 memory
      return shiftEvIbM<u16>(rec, effectiveAddress(rec), SHIFT_SAR);
    case 962: // SAR Eb,1 8 register
      return shiftEv1R<u8>(rec, SHIFT_SAR);
    case 963: // SAR Eb,1 8 memory
      return shiftEv1M<u8>(rec, effectiveAddress(rec), SHIFT_SAR);
    case 964: // SAR Ev,1 16 register
      return shiftEv1R<u16>(rec, SHIFT_SAR);
    case 965: // SAR Ev,1 16 memory
      return shiftEv1M<u16>(rec, effectiveAddress(rec), SHIFT_SAR);
    case 966: // SAR Eb,CL 8 register
      return shiftEvCLR<u8>(rec, SHIFT_SAR);
    case 967: // SAR Eb,CL 8 memory
      return shiftEvCLM<u8>(rec, effectiveAddress(rec), SHIFT_SAR);
    case 968: // SAR Ev,CL 16 register
      return shiftEvCLR<u16>(rec, SHIFT_SAR);
    case 969: // SAR Ev,CL 16 memory
      return shiftEvCLM<u16>(rec, effectiveAddress(rec), SHIFT_SAR);
    case 970: // CMOVO Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionO());
    case 971: // CMOVO Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionO());
    case 972: // CMOVNO Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionNO());
    case 973: // CMOVNO Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionNO());
    case 974: // CMOVB Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionB());
    case 975: // CMOVB Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionB());
    case 976: // CMOVNB Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionNB());
    case 977: // CMOVNB Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionNB());
    case 978: // CMOVZ Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionZ());
    case 979: // CMOVZ Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionZ());
    case 980: // CMOVNZ Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionNZ());
    case 981: // CMOVNZ Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionNZ());
    case 982: // CMOVBE Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionBE());
    case 983: // CMOVBE Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionBE());
    case 984: // CMOVNBE Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionNBE());
    case 985: // CMOVNBE Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionNBE());
    case 986: // CMOVS Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionS());
    case 987: // CMOVS Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionS());
    case 988: // CMOVNS Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionNS());
    case 989: // CMOVNS Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionNS());
    case 990: // CMOVP Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionP());
    case 991: // CMOVP Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionP());
    case 992: // CMOVNP Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionNP());
    case 993: // CMOVNP Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionNP());
    case 994: // CMOVL Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionL());
    case 995: // CMOVL Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionL());
    case 996: // CMOVNL Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionNL());
    case 997: // CMOVNL Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionNL());
    case 998: // CMOVLE Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionLE());
    case 999: // CMOVLE Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionLE());
    case 1000: // CMOVNLE Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionNLE());
    case 1001: // CMOVNLE Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionNLE());
    case 1002: // MOV Ev,Gv 16 register
      return movEvGvR<u16>(rec);
    case 1003: // MOV Ev,Gv 16 memory
      return movEvGvM<u16>(rec, effectiveAddress(rec));
    case 1004: // MOV Ev,Gv 16 memoryBd
      return movEvGvM<u16>(rec, effectiveAddressBd(rec));
    case 1005: // MOV Gv,Ev 16 register
      return movGvEvR<u16>(rec);
    case 1006: // MOV Gv,Ev 16 memory
      return movGvEvM<u16>(rec, effectiveAddress(rec));
    case 1007: // MOV Gv,Ev 16 memoryBd
      return movGvEvM<u16>(rec, effectiveAddressBd(rec));
    case 1008: // MOV Zv,Iv 16 register
      return movEvIvR<u16>(rec);
    case 1009: // MOV Ev,Iz 16 memory
      return movEvIvM<u16>(rec, effectiveAddress(rec));
    case 1010: // MOV Ev,Iz 16 memoryBd
      return movEvIvM<u16>(rec, effectiveAddressBd(rec));
    case 1011: // MOVZX Gv,Eb 16 register
      return movzxGvEbR<u16>(rec);
    case 1012: // MOVZX Gv,Eb 16 memory
      return movzxGvEbM<u16>(rec, effectiveAddress(rec));
    case 1013: // MOVZX Gv,Eb 16 memoryBd
      return movzxGvEbM<u16>(rec, effectiveAddressBd(rec));
    case 1014: // MOVZX Gv,Ew 16 register
      return movzxGvEwR<u16>(rec);
    case 1015: // MOVZX Gv,Ew 16 memory
      return movzxGvEwM<u16>(rec, effectiveAddress(rec));
    case 1016: // MOVZX Gv,Ew 16 memoryBd
      return movzxGvEwM<u16>(rec, effectiveAddressBd(rec));
    case 1017: // MOVSX Gv,Eb 16 register
      return movsxGvEbR<u16>(rec);
    case 1018: // MOVSX Gv,Eb 16 memory
      return movsxGvEbM<u16>(rec, effectiveAddress(rec));
    case 1019: // MOVSX Gv,Eb 16 memoryBd
      return movsxGvEbM<u16>(rec, effectiveAddressBd(rec));
    case 1020: // MOVSX Gv,Ew 16 register
      return movsxGvEwR<u16>(rec);
    case 1021: // MOVSX Gv,Ew 16 memory
      return movsxGvEwM<u16>(rec, effectiveAddress(rec));
    case 1022: // MOVSX Gv,Ew 16 memoryBd
      return movsxGvEwM<u16>(rec, effectiveAddressBd(rec));
    case 1023: // MOVSXD Gv,Ed 16 register
      return movsxdGvEdR<u16>(rec);
    case 1024: // MOVSXD Gv,Ed 16 memory
      return movsxdGvEdM<u16>(rec, effectiveAddress(rec));
    case 1025: // XCHG Ev,Gv 16 register
      return xchgEvGvR<u16>(rec);
    case 1026: // XCHG Ev,Gv 16 memory
      return xchgEvGvM<u16>(rec, effectiveAddress(rec));
    case 1027: // XCHG Zv,rAX 16
      return xchgZvRax<u16>(rec);
    case 1028: // XCHG Zv,rAX 32
      return xchgZvRax<u32>(rec);
    case 1029: // XCHG Zv,rAX 64
      return xchgZvRax<u64>(rec);
    case 1030: // PAUSE
      return pause(rec);
    case 1031: // BSWAP Zy 16
      return bswapZy<u16>(rec);
    case 1032: // MOVBE Gv,Mv
      return movbeGvMv(rec);
    case 1033: // MOVBE Mv,Gv
      return movbeMvGv(rec);
    case 1034: // LEA Gv,M 16 memory
      return leaGvM<u16>(rec, effectiveAddress(rec));
    case 1035: // LEA Gv,M 16 memoryBd
      return leaGvM<u16>(rec, effectiveAddressBd(rec));
    case 1036: // XLAT
      return xlat(rec);
    case 1037: // CBW  16
      return cbw<u16>(rec);
    case 1038: // CWD  16
      return cwd<u16>(rec);
    case 1039: // LAHF
      return lahf(rec);
    case 1040: // SAHF
      return sahf(rec);
    case 1041: // PUSH Zv 16
      return pushZv<u16>(rec);
    case 1042: // POP Zv 16
      return popZv<u16>(rec);
    case 1043: // PUSH Iz 16
      return pushIz<u16>(rec);
    case 1044: // PUSH Ev
      return pushEv(rec);
    case 1045: // POP Ev
      return popEv(rec);
    case 1046: // PUSH ES
      return pushSeg(rec, 0);
    case 1047: // PUSH CS
      return pushSeg(rec, 1);
    case 1048: // PUSH SS
      return pushSeg(rec, 2);
    case 1049: // PUSH DS
      return pushSeg(rec, 3);
    case 1050: // PUSH FS
      return pushSeg(rec, 4);
    case 1051: // PUSH GS
      return pushSeg(rec, 5);
    case 1052: // POP ES
      return popSeg(rec, 0);
    case 1053: // POP SS
      return popSeg(rec, 2);
    case 1054: // POP DS
      return popSeg(rec, 3);
    case 1055: // POP FS
      return popSeg(rec, 4);
    case 1056: // POP GS
      return popSeg(rec, 5);
    case 1057: // PUSHA
      return pusha(rec);
    case 1058: // POPA
      return popa(rec);
    case 1059: // PUSHF
      return pushf(rec);
    case 1060: // POPF
      return popf(rec);
    case 1061: // ENTER Iw,Ib
      return enter(rec);
    case 1062: // LEAVE
      return leaveFrame(rec);
    case 1063: // INC Zv 16 register
      return incEvR<u16>(rec);
    case 1064: // DEC Zv 16 register
      return decEvR<u16>(rec);
    case 1065: // INC Ev 16 memory
      return incEvM<u16>(rec, effectiveAddress(rec));
    case 1066: // DEC Ev 16 memory
      return decEvM<u16>(rec, effectiveAddress(rec));
    case 1067: // MUL Eb
      return mulEb(rec);
    case 1068: // IMUL Eb
      return imulEb(rec);
    case 1069: // DIV Eb
      return divEb(rec);
    case 1070: // IDIV Eb
      return idivEb(rec);
    case 1071: // TEST Ev,Iz 16 register
      return testEvIvR<u16>(rec);
    case 1072: // TEST Ev,Iz 16 memory
      return testEvIvM<u16>(rec, effectiveAddress(rec));
    case 1073: // TEST Ev,Iz 16 memoryBd
      return testEvIvM<u16>(rec, effectiveAddressBd(rec));
    case 1074: // NOT Ev 16 register
      return notEvR<u16>(rec);
    case 1075: // NOT Ev 16 memory
      return notEvM<u16>(rec, effectiveAddress(rec));
    case 1076: // NEG Ev 16 register
      return negEvR<u16>(rec);
    case 1077: // NEG Ev 16 memory
      return negEvM<u16>(rec, effectiveAddress(rec));
    case 1078: // MUL Ev
      return mulEv(rec);
    case 1079: // IMUL Ev
      return imulEv(rec);
    case 1080: // DIV Ev
      return divEv(rec);
    case 1081: // IDIV Ev
      return idivEv(rec);
    case 1082: // TEST Ev,Gv 16 register
      return testEvGvR<u16>(rec);
    case 1083: // TEST Ev,Gv 16 memory
      return testEvGvM<u16>(rec, effectiveAddress(rec));
    case 1084: // IMUL Gv,Ev 16 register
      return imulGvEvR<u16>(rec);
    case 1085: // IMUL Gv,Ev 16 memory
      return imulGvEvM<u16>(rec, effectiveAddress(rec));
    case 1086: // IMUL Gv,Ev 16 memoryBd
      return imulGvEvM<u16>(rec, effectiveAddressBd(rec));
    case 1087: // IMUL Gv,Ev,Iz 16 register
      return imulGvEvIzR<u16>(rec);
    case 1088: // IMUL Gv,Ev,Iz 16 memory
      return imulGvEvIzM<u16>(rec, effectiveAddress(rec));
    case 1089: // XADD Eb,Gb 8 register
      return xaddEvGvR<u8>(rec);
    case 1090: // XADD Eb,Gb 8 memory
      return xaddEvGvM<u8>(rec, effectiveAddress(rec));
    case 1091: // XADD Ev,Gv 16 register
      return xaddEvGvR<u16>(rec);
    case 1092: // XADD Ev,Gv 16 memory
      return xaddEvGvM<u16>(rec, effectiveAddress(rec));
    case 1093: // XADD Ev,Gv 32 register
      return xaddEvGvR<u32>(rec);
    case 1094: // XADD Ev,Gv 32 memory
      return xaddEvGvM<u32>(rec, effectiveAddress(rec));
    case 1095: // XADD Ev,Gv 64 register
      return xaddEvGvR<u64>(rec);
    case 1096: // XADD Ev,Gv 64 memory
      return xaddEvGvM<u64>(rec, effectiveAddress(rec));
    case 1097: // CMPXCHG Eb,Gb 8 register
      return cmpxchgEvGvR<u8>(rec);
    case 1098: // CMPXCHG Eb,Gb 8 memory
      return cmpxchgEvGvM<u8>(rec, effectiveAddress(rec));
    case 1099: // CMPXCHG Ev,Gv 16 register
      return cmpxchgEvGvR<u16>(rec);
    case 1100: // CMPXCHG Ev,Gv 16 memory
      return cmpxchgEvGvM<u16>(rec, effectiveAddress(rec));
    case 1101: // CMPXCHG Ev,Gv 32 register
      return cmpxchgEvGvR<u32>(rec);
    case 1102: // CMPXCHG Ev,Gv 32 memory
      return cmpxchgEvGvM<u32>(rec, effectiveAddress(rec));
    case 1103: // CMPXCHG Ev,Gv 64 register
      return cmpxchgEvGvR<u64>(rec);
    case 1104: // CMPXCHG Ev,Gv 64 memory
      return cmpxchgEvGvM<u64>(rec, effectiveAddress(rec));
    case 1105: // CMPXCHG8B M
      return cmpxchg8b(rec);
    case 1106: // AAA
      return aaa(rec);
    case 1107: // AAS
      return aas(rec);
    case 1108: // AAD Ib
      return aad(rec);
    case 1109: // AAM Ib
      return aam(rec);
    case 1110: // DAA
      return daa(rec);
    case 1111: // DAS
      return das(rec);
    case 1112: // ADCX Gy,Ey 32 register
      return adcxGyEyR<u32>(rec);
    case 1113: // ADCX Gy,Ey 32 memory
      return adcxGyEyM<u32>(rec, effectiveAddress(rec));
    case 1114: // ADCX Gy,Ey 64 register
      return adcxGyEyR<u64>(rec);
    case 1115: // ADCX Gy,Ey 64 memory
      return adcxGyEyM<u64>(rec, effectiveAddress(rec));
    case 1116: // ADOX Gy,Ey 32 register
      return adoxGyEyR<u32>(rec);
    case 1117: // ADOX Gy,Ey 32 memory
      return adoxGyEyM<u32>(rec, effectiveAddress(rec));
    case 1118: // ADOX Gy,Ey 64 register
      return adoxGyEyR<u64>(rec);
    case 1119: // ADOX Gy,Ey 64 memory
      return adoxGyEyM<u64>(rec, effectiveAddress(rec));
    case 1120: // CRC32 Gy,Eb
      return crc32GyEb(rec);
    case 1121: // CRC32 Gy,Ev
      return crc32GyEv(rec);
    case 1122: // SALC
      return salc(rec);
    case 1123: // SHLD Ev,Gv,Ib 16 register
      return shldEvGvIbR<u16>(rec);
    case 1124: // SHLD Ev,Gv,Ib 16 memory
      return shldEvGvIbM<u16>(rec, effectiveAddress(rec));
    case 1125: // SHLD Ev,Gv,Ib 32 register
      return shldEvGvIbR<u32>(rec);
    case 1126: // SHLD Ev,Gv,Ib 32 memory
      return shldEvGvIbM<u32>(rec, effectiveAddress(rec));
    case 1127: // SHLD Ev,Gv,Ib 64 register
      return shldEvGvIbR<u64>(rec);
    case 1128: // SHLD Ev,Gv,Ib 64 memory
      return shldEvGvIbM<u64>(rec, effectiveAddress(rec));
    case 1129: // SHLD Ev,Gv,CL 16 register
      return shldEvGvCLR<u16>(rec);
    case 1130: // SHLD Ev,Gv,CL 16 memory
      return shldEvGvCLM<u16>(rec, effectiveAddress(rec));
    case 1131: // SHLD Ev,Gv,CL 32 register
      return shldEvGvCLR<u32>(rec);
    case 1132: // SHLD Ev,Gv,CL 32 memory
      return shldEvGvCLM<u32>(rec, effectiveAddress(rec));
    case 1133: // SHLD Ev,Gv,CL 64 register
      return shldEvGvCLR<u64>(rec);
    case 1134: // SHLD Ev,Gv,CL 64 memory
      return shldEvGvCLM<u64>(rec, effectiveAddress(rec));
    case 1135: // SHRD Ev,Gv,Ib 16 register
      return shrdEvGvIbR<u16>(rec);
    case 1136: // SHRD Ev,Gv,Ib 16 memory
      return shrdEvGvIbM<u16>(rec, effectiveAddress(rec));
    case 1137: // SHRD Ev,Gv,Ib 32 register
      return shrdEvGvIbR<u32>(rec);
    case 1138: // SHRD Ev,Gv,Ib 32 memory
      return shrdEvGvIbM<u32>(rec, effectiveAddress(rec));
    case 1139: // SHRD Ev,Gv,Ib 64 register
      return shrdEvGvIbR<u64>(rec);
    case 1140: // SHRD Ev,Gv,Ib 64 memory
      return shrdEvGvIbM<u64>(rec, effectiveAddress(rec));
    case 1141: // SHRD Ev,Gv,CL 16 register
      return shrdEvGvCLR<u16>(rec);
    case 1142: // SHRD Ev,Gv,CL 16 memory
      return shrdEvGvCLM<u16>(rec, effectiveAddress(rec));
    case 1143: // SHRD Ev,Gv,CL 32 register
      return shrdEvGvCLR<u32>(rec);
    case 1144: // SHRD Ev,Gv,CL 32 memory
      return shrdEvGvCLM<u32>(rec, effectiveAddress(rec));
    case 1145: // SHRD Ev,Gv,CL 64 register
      return shrdEvGvCLR<u64>(rec);
    case 1146: // SHRD Ev,Gv,CL 64 memory
      return shrdEvGvCLM<u64>(rec, effectiveAddress(rec));
    case 1147: // BT Ev,Gv
      return btEvGv(rec, BIT_TEST);
    case 1148: // BTS Ev,Gv
      return btEvGv(rec, BIT_SET);
    case 1149: // BTR Ev,Gv
      return btEvGv(rec, BIT_RESET);
    case 1150: // BTC Ev,Gv
      return btEvGv(rec, BIT_FLIP);
    case 1151: // BT Ev,Ib 16 register
      return btEvIbR<u16>(rec, BIT_TEST);
    case 1152: // BT Ev,Ib 16 memory
      return btEvIbM<u16>(rec, effectiveAddress(rec), BIT_TEST);
    case 1153: // BT Ev,Ib 32 register
      return btEvIbR<u32>(rec, BIT_TEST);
    case 1154: // BT Ev,Ib 32 memory
      return btEvIbM<u32>(rec, effectiveAddress(rec), BIT_TEST);
    case 1155: // BT Ev,Ib 64 register
      return btEvIbR<u64>(rec, BIT_TEST);
    case 1156: // BT Ev,Ib 64 memory
      return btEvIbM<u64>(rec, effectiveAddress(rec), BIT_TEST);
    case 1157: // BTS Ev,Ib 16 register
      return btEvIbR<u16>(rec, BIT_SET);
    case 1158: // BTS Ev,Ib 16 memory
      return btEvIbM<u16>(rec, effectiveAddress(rec), BIT_SET);
    case 1159: // BTS Ev,Ib 32 register
      return btEvIbR<u32>(rec, BIT_SET);
    case 1160: // BTS Ev,Ib 32 memory
      return btEvIbM<u32>(rec, effectiveAddress(rec), BIT_SET);
    case 1161: // BTS Ev,Ib 64 register
      return btEvIbR<u64>(rec, BIT_SET);
    case 1162: // BTS Ev,Ib 64 memory
      return btEvIbM<u64>(rec, effectiveAddress(rec), BIT_SET);
    case 1163: // BTR Ev,Ib 16 register
      return btEvIbR<u16>(rec, BIT_RESET);
    case 1164: // BTR Ev,Ib 16 memory
      return btEvIbM<u16>(rec, effectiveAddress(rec), BIT_RESET);
    case 1165: // BTR Ev,Ib 32 register
      return btEvIbR<u32>(rec, BIT_RESET);
    case 1166: // BTR Ev,Ib 32 memory
      return btEvIbM<u32>(rec, effectiveAddress(rec), BIT_RESET);
    case 1167: // BTR Ev,Ib 64 register
      return btEvIbR<u64>(rec, BIT_RESET);
    case 1168: // BTR Ev,Ib 64 memory
      return btEvIbM<u64>(rec, effectiveAddress(rec), BIT_RESET);
    case 1169: // BTC Ev,Ib 16 register
      return btEvIbR<u16>(rec, BIT_FLIP);
    case 1170: // BTC Ev,Ib 16 memory
      return btEvIbM<u16>(rec, effectiveAddress(rec), BIT_FLIP);
    case 1171: // BTC Ev,Ib 32 register
      return btEvIbR<u32>(rec, BIT_FLIP);
    case 1172: // BTC Ev,Ib 32 memory
      return btEvIbM<u32>(rec, effectiveAddress(rec), BIT_FLIP);
    case 1173: // BTC Ev,Ib 64 register
      return btEvIbR<u64>(rec, BIT_FLIP);
    case 1174: // BTC Ev,Ib 64 memory
      return btEvIbM<u64>(rec, effectiveAddress(rec), BIT_FLIP);
    case 1175: // BSF Gv,Ev 16 register
      return bsfGvEvR<u16>(rec);
    case 1176: // BSF Gv,Ev 16 memory
      return bsfGvEvM<u16>(rec, effectiveAddress(rec));
    case 1177: // BSF Gv,Ev 32 register
      return bsfGvEvR<u32>(rec);
    case 1178: // BSF Gv,Ev 32 memory
      return bsfGvEvM<u32>(rec, effectiveAddress(rec));
    case 1179: // BSF Gv,Ev 64 register
      return bsfGvEvR<u64>(rec);
    case 1180: // BSF Gv,Ev 64 memory
      return bsfGvEvM<u64>(rec, effectiveAddress(rec));
    case 1181: // TZCNT Gv,Ev 16 register
      return tzcntGvEvR<u16>(rec);
    case 1182: // TZCNT Gv,Ev 16 memory
      return tzcntGvEvM<u16>(rec, effectiveAddress(rec));
    case 1183: // TZCNT Gv,Ev 32 register
      return tzcntGvEvR<u32>(rec);
    case 1184: // TZCNT Gv,Ev 32 memory
      return tzcntGvEvM<u32>(rec, effectiveAddress(rec));
    case 1185: // TZCNT Gv,Ev 64 register
      return tzcntGvEvR<u64>(rec);
    case 1186: // TZCNT Gv,Ev 64 memory
      return tzcntGvEvM<u64>(rec, effectiveAddress(rec));
    case 1187: // BSR Gv,Ev 16 register
      return bsrGvEvR<u16>(rec);
    case 1188: // BSR Gv,Ev 16 memory
      return bsrGvEvM<u16>(rec, effectiveAddress(rec));
    case 1189: // BSR Gv,Ev 32 register
      return bsrGvEvR<u32>(rec);
    case 1190: // BSR Gv,Ev 32 memory
      return bsrGvEvM<u32>(rec, effectiveAddress(rec));
    case 1191: // BSR Gv,Ev 64 register
      return bsrGvEvR<u64>(rec);
    case 1192: // BSR Gv,Ev 64 memory
      return bsrGvEvM<u64>(rec, effectiveAddress(rec));
    case 1193: // LZCNT Gv,Ev 16 register
      return lzcntGvEvR<u16>(rec);
    case 1194: // LZCNT Gv,Ev 16 memory
      return lzcntGvEvM<u16>(rec, effectiveAddress(rec));
    case 1195: // LZCNT Gv,Ev 32 register
      return lzcntGvEvR<u32>(rec);
    case 1196: // LZCNT Gv,Ev 32 memory
      return lzcntGvEvM<u32>(rec, effectiveAddress(rec));
    case 1197: // LZCNT Gv,Ev 64 register
      return lzcntGvEvR<u64>(rec);
    case 1198: // LZCNT Gv,Ev 64 memory
      return lzcntGvEvM<u64>(rec, effectiveAddress(rec));
    case 1199: // POPCNT Gv,Ev 16 register
      return popcntGvEvR<u16>(rec);
    case 1200: // POPCNT Gv,Ev 16 memory
      return popcntGvEvM<u16>(rec, effectiveAddress(rec));
    case 1201: // POPCNT Gv,Ev 32 register
      return popcntGvEvR<u32>(rec);
    case 1202: // POPCNT Gv,Ev 32 memory
      return popcntGvEvM<u32>(rec, effectiveAddress(rec));
    case 1203: // POPCNT Gv,Ev 64 register
      return popcntGvEvR<u64>(rec);
    case 1204: // POPCNT Gv,Ev 64 memory
      return popcntGvEvM<u64>(rec, effectiveAddress(rec));
    case 1205: // ANDN Gy,By,Ey
      return andnGyByEy(rec);
    case 1206: // BLSR By,Ey
      return blsrByEy(rec);
    case 1207: // BLSMSK By,Ey
      return blsmskByEy(rec);
    case 1208: // BLSI By,Ey
      return blsiByEy(rec);
    case 1209: // BEXTR Gy,Ey,By
      return bextrGyEyBy(rec);
    case 1210: // BZHI Gy,Ey,By
      return bzhiGyEyBy(rec);
    case 1211: // PDEP Gy,By,Ey
      return pdepGyByEy(rec);
    case 1212: // PEXT Gy,By,Ey
      return pextGyByEy(rec);
    case 1213: // MULX Gy,By,Ey
      return mulxGyByEy(rec);
    case 1214: // SARX Gy,Ey,By
      return sarxGyEyBy(rec);
    case 1215: // SHLX Gy,Ey,By
      return shlxGyEyBy(rec);
    case 1216: // SHRX Gy,Ey,By
      return shrxGyEyBy(rec);
    case 1217: // RORX Gy,Ey,Ib
      return rorxGyEyIb(rec);
    case 1218: // MOVS
      return movs(rec);
    case 1219: // CMPS
      return cmps(rec);
    case 1220: // STOS
      return stos(rec);
    case 1221: // LODS
      return lods(rec);
    case 1222: // SCAS
      return scas(rec);
    case 1223: // CMC
      return cmc(rec);
    case 1224: // CLC
      return clc(rec);
    case 1225: // STC
      return stc(rec);
    case 1226: // CLD
      return cld(rec);
    case 1227: // STD
      return std(rec);
    case 1228: // CALL Jz 16
      return callJz<u16>(rec);
    case 1229: // JMP Ev 16 register
      return jmpEvR<u16>(rec) != NEXT ? FAULTED : DONE;
    case 1230: // JMP Ev 16 memory
      return jmpEvM<u16>(rec, effectiveAddress(rec)) != NEXT ? FAULTED : DONE;
    case 1231: // CALL Ev 16 register
      return callEvR<u16>(rec) != NEXT ? FAULTED : DONE;
    case 1232: // CALL Ev 16 memory
      return callEvM<u16>(rec, effectiveAddress(rec)) != NEXT ? FAULTED : DONE;
    case 1233: // RET  16
      return retNear<u16>(rec) != NEXT ? FAULTED : DONE;
    case 1234: // RET Iw 16
      return retNearIw<u16>(rec) != NEXT ? FAULTED : DONE;
    case 1235: // LOOPNE Jb
      return loopJb(rec, 0);
    case 1236: // LOOPE Jb
      return loopJb(rec, 1);
    case 1237: // LOOP Jb
      return loopJb(rec, 2);
    case 1238: // JCXZ Jb
      return loopJb(rec, 3);
    case 1239: // NOP Ev
      return nop(rec);
    case 1240: // UD2
      return undefinedOpcode(rec);
    case 1241: // MOV Ev,Sw
      return movEvSw(rec);
    case 1242: // MOV Sw,Ew
      return movSwEw(rec);
    case 1243: // LDS Gv,Mp
      return loadFar(rec, 3);
    case 1244: // LES Gv,Mp
      return loadFar(rec, 0);
    case 1245: // LSS Gv,Mp
      return loadFar(rec, 2);
    case 1246: // LFS Gv,Mp
      return loadFar(rec, 4);
    case 1247: // LGS Gv,Mp
      return loadFar(rec, 5);
    case 1248: // ARPL Ew,Gw
      return arplEwGw(rec);
    case 1249: // BOUND Gv,Ma
      return boundGvMa(rec);
    case 1250: // LAR Gv,Ew
      return larGvEw(rec);
    case 1251: // LSL Gv,Ew
      return lslGvEw(rec);
    case 1252: // SLDT Ev
      return sldtEv(rec);
    case 1253: // STR Ev
      return strEv(rec);
    case 1254: // LLDT Ew
      return lldtEw(rec);
    case 1255: // LTR Ew
      return ltrEw(rec);
    case 1256: // VERR Ew
      return verrEw(rec);
    case 1257: // VERW Ew
      return verwEw(rec);
    case 1258: // SGDT Ms
      return sgdtMs(rec);
    case 1259: // SIDT Ms
      return sidtMs(rec);
    case 1260: // LGDT Ms
      return lgdtMs(rec);
    case 1261: // LIDT Ms
      return lidtMs(rec);
    case 1262: // SMSW Ev
      return smswEv(rec);
    case 1263: // LMSW Ew
      return lmswEw(rec);
    case 1264: // INVLPG M
      return invlpgM(rec);
    case 1265: // SWAPGS
      return swapgs(rec);
    case 1266: // RDTSCP
      return rdtscp(rec);
    case 1267: // MONITOR
      return monitor(rec);
    case 1268: // MWAIT
      return mwait(rec);
    case 1269: // CLAC
      return clac(rec);
    case 1270: // STAC
      return stac(rec);
    case 1271: // XGETBV
      return xgetbv(rec);
    case 1272: // XSETBV
      return xsetbv(rec);
    case 1273: // RDPKRU
      return rdpkru(rec);
    case 1274: // WRPKRU
      return wrpkru(rec);
    case 1275: // CALL Ap
      return callAp(rec);
    case 1276: // JMP Ap
      return jmpAp(rec);
    case 1277: // CALL Mp
      return callMp(rec);
    case 1278: // JMP Mp
      return jmpMp(rec);
    case 1279: // RETF
      return retFar(rec);
    case 1280: // IRET
      return iret(rec);
    case 1281: // INT3
      return int3(rec);
    case 1282: // INT Ib
      return intIb(rec);
    case 1283: // INTO
      return into(rec);
    case 1284: // INT1
      return int1(rec);
    case 1285: // SYSCALL
      return syscall(rec);
    case 1286: // SYSRET
      return sysret(rec);
    case 1287: // SYSENTER
      return sysenter(rec);
    case 1288: // SYSEXIT
      return sysexit(rec);
    case 1289: // MOV Ry,Cy
      return movRyCy(rec);
    case 1290: // MOV Cy,Ry
      return movCyRy(rec);
    case 1291: // MOV Ry,Dy
      return movRyDy(rec);
    case 1292: // MOV Dy,Ry
      return movDyRy(rec);
    case 1293: // CLTS
      return clts(rec);
    case 1294: // INVD
      return invd(rec);
    case 1295: // WBINVD
      return wbinvd(rec);
    case 1296: // INVPCID Gy,Mdq
      return invpcid(rec);
    case 1297: // HLT
      return hlt(rec);
    case 1298: // WAIT
      return fwait(rec);
    case 1299: // CLI
      return cli(rec);
    case 1300: // STI
      return sti(rec);
    case 1301: // CPUID
      return cpuid(rec);
    case 1302: // RDTSC
      return rdtsc(rec);
    case 1303: // RDPMC
      return rdpmc(rec);
    case 1304: // RDMSR
      return rdmsr(rec);
    case 1305: // WRMSR
      return wrmsr(rec);
    case 1306: // RDRAND Rv
      return rdrandRv(rec);
    case 1307: // RDSEED Rv
      return rdseedRv(rec);
    case 1308: // RDPID Ry
      return rdpidRy(rec);
    case 1309: // RDFSBASE Ry
      return rdbaseRy(rec, 4);
    case 1310: // RDGSBASE Ry
      return rdbaseRy(rec, 5);
    case 1311: // WRFSBASE Ry
      return wrbaseRy(rec, 4);
    case 1312: // WRGSBASE Ry
      return wrbaseRy(rec, 5);
    case 1313: // IN AL,Ib
      return inIb(rec);
    case 1314: // OUT Ib,AL
      return outIb(rec);
    case 1315: // IN AL,DX
      return inDx(rec);
    case 1316: // OUT DX,AL
      return outDx(rec);
    case 1317: // INS
      return ins(rec);
    case 1318: // OUTS
      return outs(rec);
    case 1319: // CLFLUSH Mb
      return clflushMb(rec);
    case 1320: // FXSAVE M
      return fxsaveM(rec);
    case 1321: // FXRSTOR M
      return fxrstorM(rec);
    case 1322: // LDMXCSR Md
      return ldmxcsrMd(rec);
    case 1323: // STMXCSR Md
      return stmxcsrMd(rec);
    case 1324: // XSAVE M
      return xsaveM(rec);
    case 1325: // XRSTOR M
      return xrstorM(rec);
    case 1326: // XSAVEOPT M
      return xsaveoptM(rec);
    case 1327: // XRSTORS M
      return xrstorsM(rec);
    case 1328: // XSAVEC M
      return xsavecM(rec);
    case 1329: // XSAVES M
      return xsavesM(rec);
    case 1330: // MOVLPS Vq,Mq
      return movlpsVq(rec);
    case 1331: // MOVHLPS Vq,Uq
      return movhlpsVq(rec);
    case 1332: // MOVHPS Vq,Mq
      return movhpsVq(rec);
    case 1333: // MOVHPS Mq,Vq
      return storeHighVq(rec);
    case 1334: // MOVNTPS Mps,Vps
      return storeAlignedVx(rec);
    case 1335: // MOVMSKPS Gd,Ups
      return movmskpsGd(rec);
    case 1336: // CVTSI2SS Vss,Ey
      return cvtsi2ssVss(rec);
    case 1337: // CVTTSS2SI Gy,Wss
      return cvtss2siGy(rec, true);
    case 1338: // CVTSS2SI Gy,Wss
      return cvtss2siGy(rec, false);
    case 1339: // CMPPS Vps,Wps,Ib
      return cmppsVps(rec);
    case 1340: // CMPSS Vss,Wss,Ib
      return cmpssVss(rec);
    case 1341: // SQRTPS Vps,Wps
      return sqrtpsVps(rec);
    case 1342: // SQRTSS Vss,Wss
      return sqrtssVss(rec);
    case 1343: // RSQRTPS Vps,Wps
      return rsqrtpsVps(rec);
    case 1344: // RSQRTSS Vss,Wss
      return rsqrtssVss(rec);
    case 1345: // RCPPS Vps,Wps
      return rcppsVps(rec);
    case 1346: // RCPSS Vss,Wss
      return rcpssVss(rec);
    case 1347: // ADDPS Vps,Wps
      return addpsVps(rec);
    case 1348: // MULPS Vps,Wps
      return mulpsVps(rec);
    case 1349: // SUBPS Vps,Wps
      return subpsVps(rec);
    case 1350: // DIVPS Vps,Wps
      return divpsVps(rec);
    case 1351: // MINPS Vps,Wps
      return minpsVps(rec);
    case 1352: // MINSS Vss,Wss
      return extremumVss(rec, MIN);
    case 1353: // MAXPS Vps,Wps
      return maxpsVps(rec);
    case 1354: // MAXSS Vss,Wss
      return extremumVss(rec, MAX);
    case 1355: // ANDNPS Vps,Wps
      return pandnVx(rec);
    case 1356: // UNPCKLPS Vps,Wps
      return punpckldqVx(rec);
    case 1357: // UNPCKHPS Vps,Wps
      return punpckhdqVx(rec);
    case 1358: // SHUFPS Vps,Wps,Ib
      return shufpsVps(rec);
    case 1359: // MOVMSKPD Gd,Upd
      return movmskpdGd(rec);
    case 1360: // PMOVMSKB Gd,Udq
      return pmovmskbGd(rec);
    case 1361: // MASKMOVDQU Vdq,Udq
      return maskmovdquVdq(rec);
    case 1362: // CVTSD2SI Gy,Wsd
      return cvtsd2siGy(rec);
    case 1363: // CVTPS2PD Vpd,Wq
      return cvtps2pdVpd(rec);
    case 1364: // CVTPD2PS Vps,Wpd
      return cvtpd2psVps(rec);
    case 1365: // CVTDQ2PS Vps,Wdq
      return cvtdq2psVps(rec);
    case 1366: // CVTPS2DQ Vdq,Wps
      return cvtps2dqVdq(rec, false);
    case 1367: // CVTTPS2DQ Vdq,Wps
      return cvtps2dqVdq(rec, true);
    case 1368: // CVTTPD2DQ Vq,Wpd
      return cvtpd2dqVq(rec, true);
    case 1369: // CVTDQ2PD Vpd,Wq
      return cvtdq2pdVpd(rec);
    case 1370: // CVTPD2DQ Vq,Wpd
      return cvtpd2dqVq(rec, false);
    case 1371: // CMPPD Vpd,Wpd,Ib
      return cmppdVpd(rec);
    case 1372: // CMPSD Vsd,Wsd,Ib
      return cmpsdVsd(rec);
    case 1373: // SQRTPD Vpd,Wpd
      return sqrtpdVpd(rec);
    case 1374: // SQRTSD Vsd,Wsd
      return sqrtsdVsd(rec);
    case 1375: // ADDPD Vpd,Wpd
      return addpdVpd(rec);
    case 1376: // MULPD Vpd,Wpd
      return mulpdVpd(rec);
    case 1377: // SUBPD Vpd,Wpd
      return subpdVpd(rec);
    case 1378: // DIVPD Vpd,Wpd
      return divpdVpd(rec);
    case 1379: // MINPD Vpd,Wpd
      return minpdVpd(rec);
    case 1380: // MINSD Vsd,Wsd
      return extremumVsd(rec, MIN);
    case 1381: // MAXPD Vpd,Wpd
      return maxpdVpd(rec);
    case 1382: // MAXSD Vsd,Wsd
      return extremumVsd(rec, MAX);
    case 1383: // UNPCKLPD Vpd,Wpd
      return punpcklqdqVx(rec);
    case 1384: // UNPCKHPD Vpd,Wpd
      return punpckhqdqVx(rec);
    case 1385: // SHUFPD Vpd,Wpd,Ib
      return shufpdVpd(rec);
    case 1386: // PSHUFD Vdq,Wdq,Ib
      return pshufdVx(rec);
    case 1387: // PSHUFHW Vdq,Wdq,Ib
      return pshufhwVx(rec);
    case 1388: // PSHUFLW Vdq,Wdq,Ib
      return pshuflwVx(rec);
    case 1389: // PINSRW Vdq,Rd,Ib
      return pinsrwVdq(rec);
    case 1390: // PEXTRW Gd,Udq,Ib
      return pextrwGd(rec);
    case 1391: // PUNPCKLBW Vdq,Wdq
      return punpcklbwVx(rec);
    case 1392: // PUNPCKLWD Vdq,Wdq
      return punpcklwdVx(rec);
    case 1393: // PACKSSWB Vdq,Wdq
      return packsswbVx(rec);
    case 1394: // PCMPGTB Vdq,Wdq
      return pcmpgtbVx(rec);
    case 1395: // PCMPGTW Vdq,Wdq
      return pcmpgtwVx(rec);
    case 1396: // PCMPGTD Vdq,Wdq
      return pcmpgtdVx(rec);
    case 1397: // PACKUSWB Vdq,Wdq
      return packuswbVx(rec);
    case 1398: // PUNPCKHBW Vdq,Wdq
      return punpckhbwVx(rec);
    case 1399: // PUNPCKHWD Vdq,Wdq
      return punpckhwdVx(rec);
    case 1400: // PACKSSDW Vdq,Wdq
      return packssdwVx(rec);
    case 1401: // PCMPEQB Vdq,Wdq
      return pcmpeqbVx(rec);
    case 1402: // PCMPEQW Vdq,Wdq
      return pcmpeqwVx(rec);
    case 1403: // PCMPEQD Vdq,Wdq
      return pcmpeqdVx(rec);
    case 1404: // PSRLW Vdq,Wdq
      return psrlwVx(rec);
    case 1405: // PSRLD Vdq,Wdq
      return psrldVx(rec);
    case 1406: // PSRLQ Vdq,Wdq
      return psrlqVx(rec);
    case 1407: // PADDQ Vdq,Wdq
      return paddqVx(rec);
    case 1408: // PMULLW Vdq,Wdq
      return pmullwVx(rec);
    case 1409: // PSUBUSB Vdq,Wdq
      return psubusbVx(rec);
    case 1410: // PSUBUSW Vdq,Wdq
      return psubuswVx(rec);
    case 1411: // PMINUB Vdq,Wdq
      return pminubVx(rec);
    case 1412: // PADDUSB Vdq,Wdq
      return paddusbVx(rec);
    case 1413: // PADDUSW Vdq,Wdq
      return padduswVx(rec);
    case 1414: // PMAXUB Vdq,Wdq
      return pmaxubVx(rec);
    case 1415: // PAVGB Vdq,Wdq
      return pavgbVx(rec);
    case 1416: // PSRAW Vdq,Wdq
      return psrawVx(rec);
    case 1417: // PSRAD Vdq,Wdq
      return psradVx(rec);
    case 1418: // PAVGW Vdq,Wdq
      return pavgwVx(rec);
    case 1419: // PMULHUW Vdq,Wdq
      return pmulhuwVx(rec);
    case 1420: // PMULHW Vdq,Wdq
      return pmulhwVx(rec);
    case 1421: // PSUBSB Vdq,Wdq
      return psubsbVx(rec);
    case 1422: // PSUBSW Vdq,Wdq
      return psubswVx(rec);
    case 1423: // PMINSW Vdq,Wdq
      return pminswVx(rec);
    case 1424: // PADDSB Vdq,Wdq
      return paddsbVx(rec);
    case 1425: // PADDSW Vdq,Wdq
      return paddswVx(rec);
    case 1426: // PMAXSW Vdq,Wdq
      return pmaxswVx(rec);
    case 1427: // PSLLW Vdq,Wdq
      return psllwVx(rec);
    case 1428: // PSLLD Vdq,Wdq
      return pslldVx(rec);
    case 1429: // PSLLQ Vdq,Wdq
      return psllqVx(rec);
    case 1430: // PMULUDQ Vdq,Wdq
      return pmuludqVx(rec);
    case 1431: // PMADDWD Vdq,Wdq
      return pmaddwdVx(rec);
    case 1432: // PSADBW Vdq,Wdq
      return psadbwVx(rec);
    case 1433: // PSUBB Vdq,Wdq
      return psubbVx(rec);
    case 1434: // PSUBW Vdq,Wdq
      return psubwVx(rec);
    case 1435: // PSUBD Vdq,Wdq
      return psubdVx(rec);
    case 1436: // PSUBQ Vdq,Wdq
      return psubqVx(rec);
    case 1437: // PADDB Vdq,Wdq
      return paddbVx(rec);
    case 1438: // PADDW Vdq,Wdq
      return paddwVx(rec);
    case 1439: // PADDD Vdq,Wdq
      return padddVx(rec);
    case 1440: // PSRLW Udq,Ib
      return psrlwUxIb(rec);
    case 1441: // PSRAW Udq,Ib
      return psrawUxIb(rec);
    case 1442: // PSLLW Udq,Ib
      return psllwUxIb(rec);
    case 1443: // PSRLD Udq,Ib
      return psrldUxIb(rec);
    case 1444: // PSRAD Udq,Ib
      return psradUxIb(rec);
    case 1445: // PSLLD Udq,Ib
      return pslldUxIb(rec);
    case 1446: // PSRLQ Udq,Ib
      return psrlqUxIb(rec);
    case 1447: // PSRLDQ Udq,Ib
      return psrldqUxIb(rec);
    case 1448: // PSLLQ Udq,Ib
      return psllqUxIb(rec);
    case 1449: // PSLLDQ Udq,Ib
      return pslldqUxIb(rec);
    case 1450: // MOVSLDUP Vps,Wps
      return movsldupVps(rec);
    case 1451: // MOVSHDUP Vps,Wps
      return movshdupVps(rec);
    case 1452: // MOVDDUP Vdq,Wq
      return movddupVdq(rec);
    case 1453: // LDDQU Vdq,Mdq
      return lddquVx(rec);
    case 1454: // HADDPD Vpd,Wpd
      return horizontalVpd(rec, ADD);
    case 1455: // HADDPS Vps,Wps
      return horizontalVps(rec, ADD);
    case 1456: // HSUBPD Vpd,Wpd
      return horizontalVpd(rec, SUB);
    case 1457: // HSUBPS Vps,Wps
      return horizontalVps(rec, SUB);
    case 1458: // ADDSUBPD Vpd,Wpd
      return addsubpdVpd(rec);
    case 1459: // ADDSUBPS Vps,Wps
      return addsubpsVps(rec);
    case 1460: // PSHUFB Vdq,Wdq
      return pshufbVx(rec);
    case 1461: // PHADDW Vdq,Wdq
      return phaddwVx(rec);
    case 1462: // PHADDD Vdq,Wdq
      return phadddVx(rec);
    case 1463: // PHADDSW Vdq,Wdq
      return phaddswVx(rec);
    case 1464: // PMADDUBSW Vdq,Wdq
      return pmaddubswVx(rec);
    case 1465: // PHSUBW Vdq,Wdq
      return phsubwVx(rec);
    case 1466: // PHSUBD Vdq,Wdq
      return phsubdVx(rec);
    case 1467: // PHSUBSW Vdq,Wdq
      return phsubswVx(rec);
    case 1468: // PSIGNB Vdq,Wdq
      return psignbVx(rec);
    case 1469: // PSIGNW Vdq,Wdq
      return psignwVx(rec);
    case 1470: // PSIGND Vdq,Wdq
      return psigndVx(rec);
    case 1471: // PMULHRSW Vdq,Wdq
      return pmulhrswVx(rec);
    case 1472: // PABSB Vdq,Wdq
      return pabsbVx(rec);
    case 1473: // PABSW Vdq,Wdq
      return pabswVx(rec);
    case 1474: // PABSD Vdq,Wdq
      return pabsdVx(rec);
    case 1475: // PALIGNR Vdq,Wdq,Ib
      return palignrVx(rec);
    case 1476: // PBLENDVB Vdq,Wdq
      return pblendvbVdq(rec);
    case 1477: // BLENDVPS Vps,Wps
      return blendvpsVps(rec);
    case 1478: // BLENDVPD Vpd,Wpd
      return blendvpdVpd(rec);
    case 1479: // BLENDPS Vps,Wps,Ib
      return blendpsVps(rec);
    case 1480: // BLENDPD Vpd,Wpd,Ib
      return blendpdVpd(rec);
    case 1481: // PBLENDW Vdq,Wdq,Ib
      return pblendwVdq(rec);
    case 1482: // PTEST Vdq,Wdq
      return ptestVx(rec);
    case 1483: // MOVNTDQA Vdq,Mdq
      return loadAlignedVx(rec);
    case 1484: // PMOVSXBW Vdq,Wq
      return pmovsxbwVx(rec);
    case 1485: // PMOVSXBD Vdq,Wd
      return pmovsxbdVx(rec);
    case 1486: // PMOVSXBQ Vdq,Ww
      return pmovsxbqVx(rec);
    case 1487: // PMOVSXWD Vdq,Wq
      return pmovsxwdVx(rec);
    case 1488: // PMOVSXWQ Vdq,Wd
      return pmovsxwqVx(rec);
    case 1489: // PMOVSXDQ Vdq,Wq
      return pmovsxdqVx(rec);
    case 1490: // PMOVZXBW Vdq,Wq
      return pmovzxbwVx(rec);
    case 1491: // PMOVZXBD Vdq,Wd
      return pmovzxbdVx(rec);
    case 1492: // PMOVZXBQ Vdq,Ww
      return pmovzxbqVx(rec);
    case 1493: // PMOVZXWD Vdq,Wq
      return pmovzxwdVx(rec);
    case 1494: // PMOVZXWQ Vdq,Wd
      return pmovzxwqVx(rec);
    case 1495: // PMOVZXDQ Vdq,Wq
      return pmovzxdqVx(rec);
    case 1496: // PMULDQ Vdq,Wdq
      return pmuldqVx(rec);
    case 1497: // PCMPEQQ Vdq,Wdq
      return pcmpeqqVx(rec);
    case 1498: // PACKUSDW Vdq,Wdq
      return packusdwVx(rec);
    case 1499: // PMINSB Vdq,Wdq
      return pminsbVx(rec);
    case 1500: // PMINSD Vdq,Wdq
      return pminsdVx(rec);
    case 1501: // PMINUW Vdq,Wdq
      return pminuwVx(rec);
    case 1502: // PMINUD Vdq,Wdq
      return pminudVx(rec);
    case 1503: // PMAXSB Vdq,Wdq
      return pmaxsbVx(rec);
    case 1504: // PMAXSD Vdq,Wdq
      return pmaxsdVx(rec);
    case 1505: // PMAXUW Vdq,Wdq
      return pmaxuwVx(rec);
    case 1506: // PMAXUD Vdq,Wdq
      return pmaxudVx(rec);
    case 1507: // PMULLD Vdq,Wdq
      return pmulldVx(rec);
    case 1508: // PHMINPOSUW Vdq,Wdq
      return phminposuwVdq(rec);
    case 1509: // MPSADBW Vdq,Wdq,Ib
      return mpsadbwVdq(rec);
    case 1510: // PEXTRB Rd,Vdq,Ib
      return pextrbRd(rec);
    case 1511: // PEXTRW Rd,Vdq,Ib
      return pextrwRd(rec);
    case 1512: // PEXTRD Ey,Vdq,Ib
      return pextrdRy(rec);
    case 1513: // PINSRB Vdq,Rd,Ib
      return pinsrbVdq(rec);
    case 1514: // INSERTPS Vps,Wss,Ib
      return insertpsVps(rec);
    case 1515: // PINSRD Vdq,Ey,Ib
      return pinsrdVdq(rec);
    case 1516: // ROUNDPS Vps,Wps,Ib
      return roundpsVps(rec);
    case 1517: // ROUNDPD Vpd,Wpd,Ib
      return roundpdVpd(rec);
    case 1518: // ROUNDSS Vss,Wss,Ib
      return roundssVss(rec);
    case 1519: // ROUNDSD Vsd,Wsd,Ib
      return roundsdVsd(rec);
    case 1520: // DPPS Vps,Wps,Ib
      return dppsVps(rec);
    case 1521: // DPPD Vpd,Wpd,Ib
      return dppdVpd(rec);
    case 1522: // PCMPGTQ Vdq,Wdq
      return pcmpgtqVx(rec);
    case 1523: // PCMPESTRM Vdq,Wdq,Ib
      return pcmpstrm(rec, true);
    case 1524: // PCMPESTRI Vdq,Wdq,Ib
      return pcmpstri(rec, true);
    case 1525: // PCMPISTRM Vdq,Wdq,Ib
      return pcmpstrm(rec, false);
    case 1526: // PCMPISTRI Vdq,Wdq,Ib
      return pcmpstri(rec, false);
    case 1527: // AESIMC Vdq,Wdq
      return aesimcVdq(rec);
    case 1528: // AESENC Vdq,Wdq
      return aesencVdq(rec);
    case 1529: // AESENCLAST Vdq,Wdq
      return aesenclastVdq(rec);
    case 1530: // AESDEC Vdq,Wdq
      return aesdecVdq(rec);
    case 1531: // AESDECLAST Vdq,Wdq
      return aesdeclastVdq(rec);
    case 1532: // AESKEYGENASSIST Vdq,Wdq,Ib
      return aeskeygenassistVdq(rec);
    case 1533: // PCLMULQDQ Vdq,Wdq,Ib
      return pclmulqdqVdq(rec);
    case 1534: // SHA1NEXTE Vdq,Wdq
      return sha1nexteVdq(rec);
    case 1535: // SHA1MSG1 Vdq,Wdq
      return sha1msg1Vdq(rec);
    case 1536: // SHA1MSG2 Vdq,Wdq
      return sha1msg2Vdq(rec);
    case 1537: // SHA256RNDS2 Vdq,Wdq
      return sha256rnds2Vdq(rec);
    case 1538: // SHA256MSG1 Vdq,Wdq
      return sha256msg1Vdq(rec);
    case 1539: // SHA256MSG2 Vdq,Wdq
      return sha256msg2Vdq(rec);
    case 1540: // SHA1RNDS4 Vdq,Wdq,Ib
      return sha1rnds4Vdq(rec);
    default:
      return undefinedOpcode(rec);
  }
}
