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
import { cmpxchg8b, cpuid, hlt, monitor, mwait, pause, rdmsr, rdpidRy, rdpkru, rdpmc, rdrandRv, rdseedRv, rdtsc, rdtscp, wrmsr, wrpkru, xgetbv, xsetbv } from "../execute/processor";
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
import { X87_ADD, X87_DIV, X87_DIVR, X87_MUL, X87_SUB, X87_SUBR, fabs, fchs, fprem, fprem1, frndint, fscale, fsqrt, fxtract, x87StF32, x87StF64, x87StI16, x87StI32, x87StSti, x87StiSt } from "../execute/x87-arithmetic";
import { fcomF32, fcomF64, fcomSti, fcomi, ficomI16, ficomI32, ftst, fucomSti, fucomi, fxam } from "../execute/x87-compare";
import { fdecstp, ffreeSti, fincstp, fldcw, fnclex, fnignored, fninit, fnop, fnstcw, fnstsw, fnstswAx, fwait } from "../execute/x87-control";
import { fldenv, fnsave, fnstenv, frstor } from "../execute/x87-environment";
import { f2xm1, fcos, fpatan, fptan, fsin, fsincos, fyl2x, fyl2xp1 } from "../execute/x87-transcendental";
import { fbld, fbstp, fcmovStSti, fildI16, fildI32, fildI64, fistI16, fistI32, fistpI64, fldConstant, fldF32, fldF64, fldF80, fldSti, fstF32, fstF64, fstSti, fstpF80, fstpQuiet, fxchSti } from "../execute/x87-transfer";
import { ADD, DIV, MUL, SUB } from "../fpu/sse-soft";
import { vmfunc } from "../vmx/functions";
import { vmcall, vmclearMq, vmlaunch, vmptrldMq, vmptrstMq, vmresume, vmxoff, vmxonMq } from "../vmx/instructions";
import { inveptGyMdq, invvpidGyMdq } from "../vmx/invalidation";
import { vmreadEyGy, vmwriteGyEy } from "../vmx/vmread";
import { CUR_REC } from "./state";

/** Executes one record that is not worth a place in the main switch. */
export function executeCold(rec: u32): u32 {
  store<u32>(CUR_REC, rec);
  switch (load<u16>(rec) as u32) {
    case 834: // ADD Ev,Gv 16 register
      return aluEvGvR<u16>(rec, ALU_ADD);
    case 835: // ADD Ev,Gv 16 memory
      return aluEvGvM<u16>(rec, effectiveAddress(rec), ALU_ADD);
    case 836: // ADD Ev,Gv 16 memoryBd
      return aluEvGvM<u16>(rec, effectiveAddressBd(rec), ALU_ADD);
    case 837: // ADD Gv,Ev 16 register
      return aluGvEvR<u16>(rec, ALU_ADD);
    case 838: // ADD Gv,Ev 16 memory
      return aluGvEvM<u16>(rec, effectiveAddress(rec), ALU_ADD);
    case 839: // ADD Gv,Ev 16 memoryBd
      return aluGvEvM<u16>(rec, effectiveAddressBd(rec), ALU_ADD);
    case 840: // ADD rAX,Iz 16 register
      return aluEvIvR<u16>(rec, ALU_ADD);
    case 841: // ADD Ev,Iz 16 memory
      return aluEvIvM<u16>(rec, effectiveAddress(rec), ALU_ADD);
    case 842: // ADD Ev,Iz 16 memoryBd
      return aluEvIvM<u16>(rec, effectiveAddressBd(rec), ALU_ADD);
    case 843: // OR Ev,Gv 16 register
      return aluEvGvR<u16>(rec, ALU_OR);
    case 844: // OR Ev,Gv 16 memory
      return aluEvGvM<u16>(rec, effectiveAddress(rec), ALU_OR);
    case 845: // OR Ev,Gv 16 memoryBd
      return aluEvGvM<u16>(rec, effectiveAddressBd(rec), ALU_OR);
    case 846: // OR Gv,Ev 16 register
      return aluGvEvR<u16>(rec, ALU_OR);
    case 847: // OR Gv,Ev 16 memory
      return aluGvEvM<u16>(rec, effectiveAddress(rec), ALU_OR);
    case 848: // OR Gv,Ev 16 memoryBd
      return aluGvEvM<u16>(rec, effectiveAddressBd(rec), ALU_OR);
    case 849: // OR rAX,Iz 16 register
      return aluEvIvR<u16>(rec, ALU_OR);
    case 850: // OR Ev,Iz 16 memory
      return aluEvIvM<u16>(rec, effectiveAddress(rec), ALU_OR);
    case 851: // OR Ev,Iz 16 memoryBd
      return aluEvIvM<u16>(rec, effectiveAddressBd(rec), ALU_OR);
    case 852: // ADC Ev,Gv 16 register
      return aluEvGvR<u16>(rec, ALU_ADC);
    case 853: // ADC Ev,Gv 16 memory
      return aluEvGvM<u16>(rec, effectiveAddress(rec), ALU_ADC);
    case 854: // ADC Ev,Gv 16 memoryBd
      return aluEvGvM<u16>(rec, effectiveAddressBd(rec), ALU_ADC);
    case 855: // ADC Gv,Ev 16 register
      return aluGvEvR<u16>(rec, ALU_ADC);
    case 856: // ADC Gv,Ev 16 memory
      return aluGvEvM<u16>(rec, effectiveAddress(rec), ALU_ADC);
    case 857: // ADC Gv,Ev 16 memoryBd
      return aluGvEvM<u16>(rec, effectiveAddressBd(rec), ALU_ADC);
    case 858: // ADC rAX,Iz 16 register
      return aluEvIvR<u16>(rec, ALU_ADC);
    case 859: // ADC Ev,Iz 16 memory
      return aluEvIvM<u16>(rec, effectiveAddress(rec), ALU_ADC);
    case 860: // ADC Ev,Iz 16 memoryBd
      return aluEvIvM<u16>(rec, effectiveAddressBd(rec), ALU_ADC);
    case 861: // SBB Ev,Gv 16 register
      return aluEvGvR<u16>(rec, ALU_SBB);
    case 862: // SBB Ev,Gv 16 memory
      return aluEvGvM<u16>(rec, effectiveAddress(rec), ALU_SBB);
    case 863: // SBB Ev,Gv 16 memoryBd
      return aluEvGvM<u16>(rec, effectiveAddressBd(rec), ALU_SBB);
    case 864: // SBB Gv,Ev 16 register
      return aluGvEvR<u16>(rec, ALU_SBB);
    case 865: // SBB Gv,Ev 16 memory
      return aluGvEvM<u16>(rec, effectiveAddress(rec), ALU_SBB);
    case 866: // SBB Gv,Ev 16 memoryBd
      return aluGvEvM<u16>(rec, effectiveAddressBd(rec), ALU_SBB);
    case 867: // SBB rAX,Iz 16 register
      return aluEvIvR<u16>(rec, ALU_SBB);
    case 868: // SBB Ev,Iz 16 memory
      return aluEvIvM<u16>(rec, effectiveAddress(rec), ALU_SBB);
    case 869: // SBB Ev,Iz 16 memoryBd
      return aluEvIvM<u16>(rec, effectiveAddressBd(rec), ALU_SBB);
    case 870: // AND Ev,Gv 16 register
      return aluEvGvR<u16>(rec, ALU_AND);
    case 871: // AND Ev,Gv 16 memory
      return aluEvGvM<u16>(rec, effectiveAddress(rec), ALU_AND);
    case 872: // AND Ev,Gv 16 memoryBd
      return aluEvGvM<u16>(rec, effectiveAddressBd(rec), ALU_AND);
    case 873: // AND Gv,Ev 16 register
      return aluGvEvR<u16>(rec, ALU_AND);
    case 874: // AND Gv,Ev 16 memory
      return aluGvEvM<u16>(rec, effectiveAddress(rec), ALU_AND);
    case 875: // AND Gv,Ev 16 memoryBd
      return aluGvEvM<u16>(rec, effectiveAddressBd(rec), ALU_AND);
    case 876: // AND rAX,Iz 16 register
      return aluEvIvR<u16>(rec, ALU_AND);
    case 877: // AND Ev,Iz 16 memory
      return aluEvIvM<u16>(rec, effectiveAddress(rec), ALU_AND);
    case 878: // AND Ev,Iz 16 memoryBd
      return aluEvIvM<u16>(rec, effectiveAddressBd(rec), ALU_AND);
    case 879: // SUB Ev,Gv 16 register
      return aluEvGvR<u16>(rec, ALU_SUB);
    case 880: // SUB Ev,Gv 16 memory
      return aluEvGvM<u16>(rec, effectiveAddress(rec), ALU_SUB);
    case 881: // SUB Ev,Gv 16 memoryBd
      return aluEvGvM<u16>(rec, effectiveAddressBd(rec), ALU_SUB);
    case 882: // SUB Gv,Ev 16 register
      return aluGvEvR<u16>(rec, ALU_SUB);
    case 883: // SUB Gv,Ev 16 memory
      return aluGvEvM<u16>(rec, effectiveAddress(rec), ALU_SUB);
    case 884: // SUB Gv,Ev 16 memoryBd
      return aluGvEvM<u16>(rec, effectiveAddressBd(rec), ALU_SUB);
    case 885: // SUB rAX,Iz 16 register
      return aluEvIvR<u16>(rec, ALU_SUB);
    case 886: // SUB Ev,Iz 16 memory
      return aluEvIvM<u16>(rec, effectiveAddress(rec), ALU_SUB);
    case 887: // SUB Ev,Iz 16 memoryBd
      return aluEvIvM<u16>(rec, effectiveAddressBd(rec), ALU_SUB);
    case 888: // XOR Ev,Gv 16 register
      return aluEvGvR<u16>(rec, ALU_XOR);
    case 889: // XOR Ev,Gv 16 memory
      return aluEvGvM<u16>(rec, effectiveAddress(rec), ALU_XOR);
    case 890: // XOR Ev,Gv 16 memoryBd
      return aluEvGvM<u16>(rec, effectiveAddressBd(rec), ALU_XOR);
    case 891: // XOR Gv,Ev 16 register
      return aluGvEvR<u16>(rec, ALU_XOR);
    case 892: // XOR Gv,Ev 16 memory
      return aluGvEvM<u16>(rec, effectiveAddress(rec), ALU_XOR);
    case 893: // XOR Gv,Ev 16 memoryBd
      return aluGvEvM<u16>(rec, effectiveAddressBd(rec), ALU_XOR);
    case 894: // XOR rAX,Iz 16 register
      return aluEvIvR<u16>(rec, ALU_XOR);
    case 895: // XOR Ev,Iz 16 memory
      return aluEvIvM<u16>(rec, effectiveAddress(rec), ALU_XOR);
    case 896: // XOR Ev,Iz 16 memoryBd
      return aluEvIvM<u16>(rec, effectiveAddressBd(rec), ALU_XOR);
    case 897: // CMP Ev,Gv 16 register
      return aluEvGvR<u16>(rec, ALU_CMP);
    case 898: // CMP Ev,Gv 16 memory
      return aluEvGvM<u16>(rec, effectiveAddress(rec), ALU_CMP);
    case 899: // CMP Ev,Gv 16 memoryBd
      return aluEvGvM<u16>(rec, effectiveAddressBd(rec), ALU_CMP);
    case 900: // CMP Gv,Ev 16 register
      return aluGvEvR<u16>(rec, ALU_CMP);
    case 901: // CMP Gv,Ev 16 memory
      return aluGvEvM<u16>(rec, effectiveAddress(rec), ALU_CMP);
    case 902: // CMP Gv,Ev 16 memoryBd
      return aluGvEvM<u16>(rec, effectiveAddressBd(rec), ALU_CMP);
    case 903: // CMP rAX,Iz 16 register
      return aluEvIvR<u16>(rec, ALU_CMP);
    case 904: // CMP Ev,Iz 16 memory
      return aluEvIvM<u16>(rec, effectiveAddress(rec), ALU_CMP);
    case 905: // CMP Ev,Iz 16 memoryBd
      return aluEvIvM<u16>(rec, effectiveAddressBd(rec), ALU_CMP);
    case 906: // ROL Eb,Ib 8 register
      return shiftEvIbR<u8>(rec, SHIFT_ROL);
    case 907: // ROL Eb,Ib 8 memory
      return shiftEvIbM<u8>(rec, effectiveAddress(rec), SHIFT_ROL);
    case 908: // ROL Ev,Ib 16 register
      return shiftEvIbR<u16>(rec, SHIFT_ROL);
    case 909: // ROL Ev,Ib 16 memory
      return shiftEvIbM<u16>(rec, effectiveAddress(rec), SHIFT_ROL);
    case 910: // ROL Eb,1 8 register
      return shiftEv1R<u8>(rec, SHIFT_ROL);
    case 911: // ROL Eb,1 8 memory
      return shiftEv1M<u8>(rec, effectiveAddress(rec), SHIFT_ROL);
    case 912: // ROL Ev,1 16 register
      return shiftEv1R<u16>(rec, SHIFT_ROL);
    case 913: // ROL Ev,1 16 memory
      return shiftEv1M<u16>(rec, effectiveAddress(rec), SHIFT_ROL);
    case 914: // ROL Eb,CL 8 register
      return shiftEvCLR<u8>(rec, SHIFT_ROL);
    case 915: // ROL Eb,CL 8 memory
      return shiftEvCLM<u8>(rec, effectiveAddress(rec), SHIFT_ROL);
    case 916: // ROL Ev,CL 16 register
      return shiftEvCLR<u16>(rec, SHIFT_ROL);
    case 917: // ROL Ev,CL 16 memory
      return shiftEvCLM<u16>(rec, effectiveAddress(rec), SHIFT_ROL);
    case 918: // ROR Eb,Ib 8 register
      return shiftEvIbR<u8>(rec, SHIFT_ROR);
    case 919: // ROR Eb,Ib 8 memory
      return shiftEvIbM<u8>(rec, effectiveAddress(rec), SHIFT_ROR);
    case 920: // ROR Ev,Ib 16 register
      return shiftEvIbR<u16>(rec, SHIFT_ROR);
    case 921: // ROR Ev,Ib 16 memory
      return shiftEvIbM<u16>(rec, effectiveAddress(rec), SHIFT_ROR);
    case 922: // ROR Eb,1 8 register
      return shiftEv1R<u8>(rec, SHIFT_ROR);
    case 923: // ROR Eb,1 8 memory
      return shiftEv1M<u8>(rec, effectiveAddress(rec), SHIFT_ROR);
    case 924: // ROR Ev,1 16 register
      return shiftEv1R<u16>(rec, SHIFT_ROR);
    case 925: // ROR Ev,1 16 memory
      return shiftEv1M<u16>(rec, effectiveAddress(rec), SHIFT_ROR);
    case 926: // ROR Eb,CL 8 register
      return shiftEvCLR<u8>(rec, SHIFT_ROR);
    case 927: // ROR Eb,CL 8 memory
      return shiftEvCLM<u8>(rec, effectiveAddress(rec), SHIFT_ROR);
    case 928: // ROR Ev,CL 16 register
      return shiftEvCLR<u16>(rec, SHIFT_ROR);
    case 929: // ROR Ev,CL 16 memory
      return shiftEvCLM<u16>(rec, effectiveAddress(rec), SHIFT_ROR);
    case 930: // RCL Eb,Ib 8 register
      return shiftEvIbR<u8>(rec, SHIFT_RCL);
    case 931: // RCL Eb,Ib 8 memory
      return shiftEvIbM<u8>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 932: // RCL Ev,Ib 16 register
      return shiftEvIbR<u16>(rec, SHIFT_RCL);
    case 933: // RCL Ev,Ib 16 memory
      return shiftEvIbM<u16>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 934: // RCL Ev,Ib 32 register
      return shiftEvIbR<u32>(rec, SHIFT_RCL);
    case 935: // RCL Ev,Ib 32 memory
      return shiftEvIbM<u32>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 936: // RCL Ev,Ib 64 register
      return shiftEvIbR<u64>(rec, SHIFT_RCL);
    case 937: // RCL Ev,Ib 64 memory
      return shiftEvIbM<u64>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 938: // RCL Eb,1 8 register
      return shiftEv1R<u8>(rec, SHIFT_RCL);
    case 939: // RCL Eb,1 8 memory
      return shiftEv1M<u8>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 940: // RCL Ev,1 16 register
      return shiftEv1R<u16>(rec, SHIFT_RCL);
    case 941: // RCL Ev,1 16 memory
      return shiftEv1M<u16>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 942: // RCL Ev,1 32 register
      return shiftEv1R<u32>(rec, SHIFT_RCL);
    case 943: // RCL Ev,1 32 memory
      return shiftEv1M<u32>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 944: // RCL Ev,1 64 register
      return shiftEv1R<u64>(rec, SHIFT_RCL);
    case 945: // RCL Ev,1 64 memory
      return shiftEv1M<u64>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 946: // RCL Eb,CL 8 register
      return shiftEvCLR<u8>(rec, SHIFT_RCL);
    case 947: // RCL Eb,CL 8 memory
      return shiftEvCLM<u8>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 948: // RCL Ev,CL 16 register
      return shiftEvCLR<u16>(rec, SHIFT_RCL);
    case 949: // RCL Ev,CL 16 memory
      return shiftEvCLM<u16>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 950: // RCL Ev,CL 32 register
      return shiftEvCLR<u32>(rec, SHIFT_RCL);
    case 951: // RCL Ev,CL 32 memory
      return shiftEvCLM<u32>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 952: // RCL Ev,CL 64 register
      return shiftEvCLR<u64>(rec, SHIFT_RCL);
    case 953: // RCL Ev,CL 64 memory
      return shiftEvCLM<u64>(rec, effectiveAddress(rec), SHIFT_RCL);
    case 954: // RCR Eb,Ib 8 register
      return shiftEvIbR<u8>(rec, SHIFT_RCR);
    case 955: // RCR Eb,Ib 8 memory
      return shiftEvIbM<u8>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 956: // RCR Ev,Ib 16 register
      return shiftEvIbR<u16>(rec, SHIFT_RCR);
    case 957: // RCR Ev,Ib 16 memory
      return shiftEvIbM<u16>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 958: // RCR Ev,Ib 32 register
      return shiftEvIbR<u32>(rec, SHIFT_RCR);
    case 959: // RCR Ev,Ib 32 memory
      return shiftEvIbM<u32>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 960: // RCR Ev,Ib 64 register
      return shiftEvIbR<u64>(rec, SHIFT_RCR);
    case 961: // RCR Ev,Ib 64 memory
      return shiftEvIbM<u64>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 962: // RCR Eb,1 8 register
      return shiftEv1R<u8>(rec, SHIFT_RCR);
    case 963: // RCR Eb,1 8 memory
      return shiftEv1M<u8>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 964: // RCR Ev,1 16 register
      return shiftEv1R<u16>(rec, SHIFT_RCR);
    case 965: // RCR Ev,1 16 memory
      return shiftEv1M<u16>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 966: // RCR Ev,1 32 register
      return shiftEv1R<u32>(rec, SHIFT_RCR);
    case 967: // RCR Ev,1 32 memory
      return shiftEv1M<u32>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 968: // RCR Ev,1 64 register
      return shiftEv1R<u64>(rec, SHIFT_RCR);
    case 969: // RCR Ev,1 64 memory
      return shiftEv1M<u64>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 970: // RCR Eb,CL 8 register
      return shiftEvCLR<u8>(rec, SHIFT_RCR);
    case 971: // RCR Eb,CL 8 memory
      return shiftEvCLM<u8>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 972: // RCR Ev,CL 16 register
      return shiftEvCLR<u16>(rec, SHIFT_RCR);
    case 973: // RCR Ev,CL 16 memory
      return shiftEvCLM<u16>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 974: // RCR Ev,CL 32 register
      return shiftEvCLR<u32>(rec, SHIFT_RCR);
    case 975: // RCR Ev,CL 32 memory
      return shiftEvCLM<u32>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 976: // RCR Ev,CL 64 register
      return shiftEvCLR<u64>(rec, SHIFT_RCR);
    case 977: // RCR Ev,CL 64 memory
      return shiftEvCLM<u64>(rec, effectiveAddress(rec), SHIFT_RCR);
    case 978: // SHL Eb,Ib 8 register
      return shiftEvIbR<u8>(rec, SHIFT_SHL);
    case 979: // SHL Eb,Ib 8 memory
      return shiftEvIbM<u8>(rec, effectiveAddress(rec), SHIFT_SHL);
    case 980: // SHL Ev,Ib 16 register
      return shiftEvIbR<u16>(rec, SHIFT_SHL);
    case 981: // SHL Ev,Ib 16 memory
      return shiftEvIbM<u16>(rec, effectiveAddress(rec), SHIFT_SHL);
    case 982: // SHL Eb,1 8 register
      return shiftEv1R<u8>(rec, SHIFT_SHL);
    case 983: // SHL Eb,1 8 memory
      return shiftEv1M<u8>(rec, effectiveAddress(rec), SHIFT_SHL);
    case 984: // SHL Ev,1 16 register
      return shiftEv1R<u16>(rec, SHIFT_SHL);
    case 985: // SHL Ev,1 16 memory
      return shiftEv1M<u16>(rec, effectiveAddress(rec), SHIFT_SHL);
    case 986: // SHL Eb,CL 8 register
      return shiftEvCLR<u8>(rec, SHIFT_SHL);
    case 987: // SHL Eb,CL 8 memory
      return shiftEvCLM<u8>(rec, effectiveAddress(rec), SHIFT_SHL);
    case 988: // SHL Ev,CL 16 register
      return shiftEvCLR<u16>(rec, SHIFT_SHL);
    case 989: // SHL Ev,CL 16 memory
      return shiftEvCLM<u16>(rec, effectiveAddress(rec), SHIFT_SHL);
    case 990: // SHR Eb,Ib 8 register
      return shiftEvIbR<u8>(rec, SHIFT_SHR);
    case 991: // SHR Eb,Ib 8 memory
      return shiftEvIbM<u8>(rec, effectiveAddress(rec), SHIFT_SHR);
    case 992: // SHR Ev,Ib 16 register
      return shiftEvIbR<u16>(rec, SHIFT_SHR);
    case 993: // SHR Ev,Ib 16 memory
      return shiftEvIbM<u16>(rec, effectiveAddress(rec), SHIFT_SHR);
    case 994: // SHR Eb,1 8 register
      return shiftEv1R<u8>(rec, SHIFT_SHR);
    case 995: // SHR Eb,1 8 memory
      return shiftEv1M<u8>(rec, effectiveAddress(rec), SHIFT_SHR);
    case 996: // SHR Ev,1 16 register
      return shiftEv1R<u16>(rec, SHIFT_SHR);
    case 997: // SHR Ev,1 16 memory
      return shiftEv1M<u16>(rec, effectiveAddress(rec), SHIFT_SHR);
    case 998: // SHR Eb,CL 8 register
      return shiftEvCLR<u8>(rec, SHIFT_SHR);
    case 999: // SHR Eb,CL 8 memory
      return shiftEvCLM<u8>(rec, effectiveAddress(rec), SHIFT_SHR);
    case 1000: // SHR Ev,CL 16 register
      return shiftEvCLR<u16>(rec, SHIFT_SHR);
    case 1001: // SHR Ev,CL 16 memory
      return shiftEvCLM<u16>(rec, effectiveAddress(rec), SHIFT_SHR);
    case 1002: // SAR Eb,Ib 8 register
      return shiftEvIbR<u8>(rec, SHIFT_SAR);
    case 1003: // SAR Eb,Ib 8 memory
      return shiftEvIbM<u8>(rec, effectiveAddress(rec), SHIFT_SAR);
    case 1004: // SAR Ev,Ib 16 register
      return shiftEvIbR<u16>(rec, SHIFT_SAR);
    case 1005: // SAR Ev,Ib 16 memory
      return shiftEvIbM<u16>(rec, effectiveAddress(rec), SHIFT_SAR);
    case 1006: // SAR Eb,1 8 register
      return shiftEv1R<u8>(rec, SHIFT_SAR);
    case 1007: // SAR Eb,1 8 memory
      return shiftEv1M<u8>(rec, effectiveAddress(rec), SHIFT_SAR);
    case 1008: // SAR Ev,1 16 register
      return shiftEv1R<u16>(rec, SHIFT_SAR);
    case 1009: // SAR Ev,1 16 memory
      return shiftEv1M<u16>(rec, effectiveAddress(rec), SHIFT_SAR);
    case 1010: // SAR Eb,CL 8 register
      return shiftEvCLR<u8>(rec, SHIFT_SAR);
    case 1011: // SAR Eb,CL 8 memory
      return shiftEvCLM<u8>(rec, effectiveAddress(rec), SHIFT_SAR);
    case 1012: // SAR Ev,CL 16 register
      return shiftEvCLR<u16>(rec, SHIFT_SAR);
    case 1013: // SAR Ev,CL 16 memory
      return shiftEvCLM<u16>(rec, effectiveAddress(rec), SHIFT_SAR);
    case 1014: // CMOVO Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionO());
    case 1015: // CMOVO Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionO());
    case 1016: // CMOVNO Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionNO());
    case 1017: // CMOVNO Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionNO());
    case 1018: // CMOVB Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionB());
    case 1019: // CMOVB Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionB());
    case 1020: // CMOVNB Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionNB());
    case 1021: // CMOVNB Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionNB());
    case 1022: // CMOVZ Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionZ());
    case 1023: // CMOVZ Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionZ());
    case 1024: // CMOVNZ Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionNZ());
    case 1025: // CMOVNZ Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionNZ());
    case 1026: // CMOVBE Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionBE());
    case 1027: // CMOVBE Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionBE());
    case 1028: // CMOVNBE Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionNBE());
    case 1029: // CMOVNBE Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionNBE());
    case 1030: // CMOVS Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionS());
    case 1031: // CMOVS Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionS());
    case 1032: // CMOVNS Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionNS());
    case 1033: // CMOVNS Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionNS());
    case 1034: // CMOVP Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionP());
    case 1035: // CMOVP Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionP());
    case 1036: // CMOVNP Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionNP());
    case 1037: // CMOVNP Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionNP());
    case 1038: // CMOVL Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionL());
    case 1039: // CMOVL Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionL());
    case 1040: // CMOVNL Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionNL());
    case 1041: // CMOVNL Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionNL());
    case 1042: // CMOVLE Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionLE());
    case 1043: // CMOVLE Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionLE());
    case 1044: // CMOVNLE Gv,Ev 16 register
      return cmovGvEvR<u16>(rec, conditionNLE());
    case 1045: // CMOVNLE Gv,Ev 16 memory
      return cmovGvEvM<u16>(rec, effectiveAddress(rec), conditionNLE());
    case 1046: // MOV Ev,Gv 16 register
      return movEvGvR<u16>(rec);
    case 1047: // MOV Ev,Gv 16 memory
      return movEvGvM<u16>(rec, effectiveAddress(rec));
    case 1048: // MOV Ev,Gv 16 memoryBd
      return movEvGvM<u16>(rec, effectiveAddressBd(rec));
    case 1049: // MOV Gv,Ev 16 register
      return movGvEvR<u16>(rec);
    case 1050: // MOV Gv,Ev 16 memory
      return movGvEvM<u16>(rec, effectiveAddress(rec));
    case 1051: // MOV Gv,Ev 16 memoryBd
      return movGvEvM<u16>(rec, effectiveAddressBd(rec));
    case 1052: // MOV Zv,Iv 16 register
      return movEvIvR<u16>(rec);
    case 1053: // MOV Ev,Iz 16 memory
      return movEvIvM<u16>(rec, effectiveAddress(rec));
    case 1054: // MOV Ev,Iz 16 memoryBd
      return movEvIvM<u16>(rec, effectiveAddressBd(rec));
    case 1055: // MOVZX Gv,Eb 16 register
      return movzxGvEbR<u16>(rec);
    case 1056: // MOVZX Gv,Eb 16 memory
      return movzxGvEbM<u16>(rec, effectiveAddress(rec));
    case 1057: // MOVZX Gv,Eb 16 memoryBd
      return movzxGvEbM<u16>(rec, effectiveAddressBd(rec));
    case 1058: // MOVZX Gv,Ew 16 register
      return movzxGvEwR<u16>(rec);
    case 1059: // MOVZX Gv,Ew 16 memory
      return movzxGvEwM<u16>(rec, effectiveAddress(rec));
    case 1060: // MOVZX Gv,Ew 16 memoryBd
      return movzxGvEwM<u16>(rec, effectiveAddressBd(rec));
    case 1061: // MOVSX Gv,Eb 16 register
      return movsxGvEbR<u16>(rec);
    case 1062: // MOVSX Gv,Eb 16 memory
      return movsxGvEbM<u16>(rec, effectiveAddress(rec));
    case 1063: // MOVSX Gv,Eb 16 memoryBd
      return movsxGvEbM<u16>(rec, effectiveAddressBd(rec));
    case 1064: // MOVSX Gv,Ew 16 register
      return movsxGvEwR<u16>(rec);
    case 1065: // MOVSX Gv,Ew 16 memory
      return movsxGvEwM<u16>(rec, effectiveAddress(rec));
    case 1066: // MOVSX Gv,Ew 16 memoryBd
      return movsxGvEwM<u16>(rec, effectiveAddressBd(rec));
    case 1067: // MOVSXD Gv,Ed 16 register
      return movsxdGvEdR<u16>(rec);
    case 1068: // MOVSXD Gv,Ed 16 memory
      return movsxdGvEdM<u16>(rec, effectiveAddress(rec));
    case 1069: // XCHG Ev,Gv 16 register
      return xchgEvGvR<u16>(rec);
    case 1070: // XCHG Ev,Gv 16 memory
      return xchgEvGvM<u16>(rec, effectiveAddress(rec));
    case 1071: // XCHG Zv,rAX 16
      return xchgZvRax<u16>(rec);
    case 1072: // XCHG Zv,rAX 32
      return xchgZvRax<u32>(rec);
    case 1073: // XCHG Zv,rAX 64
      return xchgZvRax<u64>(rec);
    case 1074: // PAUSE
      return pause(rec);
    case 1075: // BSWAP Zy 16
      return bswapZy<u16>(rec);
    case 1076: // MOVBE Gv,Mv
      return movbeGvMv(rec);
    case 1077: // MOVBE Mv,Gv
      return movbeMvGv(rec);
    case 1078: // LEA Gv,M 16 memory
      return leaGvM<u16>(rec, effectiveAddress(rec));
    case 1079: // LEA Gv,M 16 memoryBd
      return leaGvM<u16>(rec, effectiveAddressBd(rec));
    case 1080: // XLAT
      return xlat(rec);
    case 1081: // CBW  16
      return cbw<u16>(rec);
    case 1082: // CWD  16
      return cwd<u16>(rec);
    case 1083: // LAHF
      return lahf(rec);
    case 1084: // SAHF
      return sahf(rec);
    case 1085: // PUSH Zv 16
      return pushZv<u16>(rec);
    case 1086: // POP Zv 16
      return popZv<u16>(rec);
    case 1087: // PUSH Iz 16
      return pushIz<u16>(rec);
    case 1088: // PUSH Ev
      return pushEv(rec);
    case 1089: // POP Ev
      return popEv(rec);
    case 1090: // PUSH ES
      return pushSeg(rec, 0);
    case 1091: // PUSH CS
      return pushSeg(rec, 1);
    case 1092: // PUSH SS
      return pushSeg(rec, 2);
    case 1093: // PUSH DS
      return pushSeg(rec, 3);
    case 1094: // PUSH FS
      return pushSeg(rec, 4);
    case 1095: // PUSH GS
      return pushSeg(rec, 5);
    case 1096: // POP ES
      return popSeg(rec, 0);
    case 1097: // POP SS
      return popSeg(rec, 2);
    case 1098: // POP DS
      return popSeg(rec, 3);
    case 1099: // POP FS
      return popSeg(rec, 4);
    case 1100: // POP GS
      return popSeg(rec, 5);
    case 1101: // PUSHA
      return pusha(rec);
    case 1102: // POPA
      return popa(rec);
    case 1103: // PUSHF
      return pushf(rec);
    case 1104: // POPF
      return popf(rec);
    case 1105: // ENTER Iw,Ib
      return enter(rec);
    case 1106: // LEAVE
      return leaveFrame(rec);
    case 1107: // INC Zv 16 register
      return incEvR<u16>(rec);
    case 1108: // DEC Zv 16 register
      return decEvR<u16>(rec);
    case 1109: // INC Ev 16 memory
      return incEvM<u16>(rec, effectiveAddress(rec));
    case 1110: // DEC Ev 16 memory
      return decEvM<u16>(rec, effectiveAddress(rec));
    case 1111: // MUL Eb
      return mulEb(rec);
    case 1112: // IMUL Eb
      return imulEb(rec);
    case 1113: // DIV Eb
      return divEb(rec);
    case 1114: // IDIV Eb
      return idivEb(rec);
    case 1115: // TEST Ev,Iz 16 register
      return testEvIvR<u16>(rec);
    case 1116: // TEST Ev,Iz 16 memory
      return testEvIvM<u16>(rec, effectiveAddress(rec));
    case 1117: // TEST Ev,Iz 16 memoryBd
      return testEvIvM<u16>(rec, effectiveAddressBd(rec));
    case 1118: // NOT Ev 16 register
      return notEvR<u16>(rec);
    case 1119: // NOT Ev 16 memory
      return notEvM<u16>(rec, effectiveAddress(rec));
    case 1120: // NEG Ev 16 register
      return negEvR<u16>(rec);
    case 1121: // NEG Ev 16 memory
      return negEvM<u16>(rec, effectiveAddress(rec));
    case 1122: // MUL Ev
      return mulEv(rec);
    case 1123: // IMUL Ev
      return imulEv(rec);
    case 1124: // DIV Ev
      return divEv(rec);
    case 1125: // IDIV Ev
      return idivEv(rec);
    case 1126: // TEST Ev,Gv 16 register
      return testEvGvR<u16>(rec);
    case 1127: // TEST Ev,Gv 16 memory
      return testEvGvM<u16>(rec, effectiveAddress(rec));
    case 1128: // IMUL Gv,Ev 16 register
      return imulGvEvR<u16>(rec);
    case 1129: // IMUL Gv,Ev 16 memory
      return imulGvEvM<u16>(rec, effectiveAddress(rec));
    case 1130: // IMUL Gv,Ev 16 memoryBd
      return imulGvEvM<u16>(rec, effectiveAddressBd(rec));
    case 1131: // IMUL Gv,Ev,Iz 16 register
      return imulGvEvIzR<u16>(rec);
    case 1132: // IMUL Gv,Ev,Iz 16 memory
      return imulGvEvIzM<u16>(rec, effectiveAddress(rec));
    case 1133: // XADD Eb,Gb 8 register
      return xaddEvGvR<u8>(rec);
    case 1134: // XADD Eb,Gb 8 memory
      return xaddEvGvM<u8>(rec, effectiveAddress(rec));
    case 1135: // XADD Ev,Gv 16 register
      return xaddEvGvR<u16>(rec);
    case 1136: // XADD Ev,Gv 16 memory
      return xaddEvGvM<u16>(rec, effectiveAddress(rec));
    case 1137: // XADD Ev,Gv 32 register
      return xaddEvGvR<u32>(rec);
    case 1138: // XADD Ev,Gv 32 memory
      return xaddEvGvM<u32>(rec, effectiveAddress(rec));
    case 1139: // XADD Ev,Gv 64 register
      return xaddEvGvR<u64>(rec);
    case 1140: // XADD Ev,Gv 64 memory
      return xaddEvGvM<u64>(rec, effectiveAddress(rec));
    case 1141: // CMPXCHG Eb,Gb 8 register
      return cmpxchgEvGvR<u8>(rec);
    case 1142: // CMPXCHG Eb,Gb 8 memory
      return cmpxchgEvGvM<u8>(rec, effectiveAddress(rec));
    case 1143: // CMPXCHG Ev,Gv 16 register
      return cmpxchgEvGvR<u16>(rec);
    case 1144: // CMPXCHG Ev,Gv 16 memory
      return cmpxchgEvGvM<u16>(rec, effectiveAddress(rec));
    case 1145: // CMPXCHG Ev,Gv 32 register
      return cmpxchgEvGvR<u32>(rec);
    case 1146: // CMPXCHG Ev,Gv 32 memory
      return cmpxchgEvGvM<u32>(rec, effectiveAddress(rec));
    case 1147: // CMPXCHG Ev,Gv 64 register
      return cmpxchgEvGvR<u64>(rec);
    case 1148: // CMPXCHG Ev,Gv 64 memory
      return cmpxchgEvGvM<u64>(rec, effectiveAddress(rec));
    case 1149: // CMPXCHG8B M
      return cmpxchg8b(rec);
    case 1150: // AAA
      return aaa(rec);
    case 1151: // AAS
      return aas(rec);
    case 1152: // AAD Ib
      return aad(rec);
    case 1153: // AAM Ib
      return aam(rec);
    case 1154: // DAA
      return daa(rec);
    case 1155: // DAS
      return das(rec);
    case 1156: // ADCX Gy,Ey 32 register
      return adcxGyEyR<u32>(rec);
    case 1157: // ADCX Gy,Ey 32 memory
      return adcxGyEyM<u32>(rec, effectiveAddress(rec));
    case 1158: // ADCX Gy,Ey 64 register
      return adcxGyEyR<u64>(rec);
    case 1159: // ADCX Gy,Ey 64 memory
      return adcxGyEyM<u64>(rec, effectiveAddress(rec));
    case 1160: // ADOX Gy,Ey 32 register
      return adoxGyEyR<u32>(rec);
    case 1161: // ADOX Gy,Ey 32 memory
      return adoxGyEyM<u32>(rec, effectiveAddress(rec));
    case 1162: // ADOX Gy,Ey 64 register
      return adoxGyEyR<u64>(rec);
    case 1163: // ADOX Gy,Ey 64 memory
      return adoxGyEyM<u64>(rec, effectiveAddress(rec));
    case 1164: // CRC32 Gy,Eb
      return crc32GyEb(rec);
    case 1165: // CRC32 Gy,Ev
      return crc32GyEv(rec);
    case 1166: // SALC
      return salc(rec);
    case 1167: // SHLD Ev,Gv,Ib 16 register
      return shldEvGvIbR<u16>(rec);
    case 1168: // SHLD Ev,Gv,Ib 16 memory
      return shldEvGvIbM<u16>(rec, effectiveAddress(rec));
    case 1169: // SHLD Ev,Gv,Ib 32 register
      return shldEvGvIbR<u32>(rec);
    case 1170: // SHLD Ev,Gv,Ib 32 memory
      return shldEvGvIbM<u32>(rec, effectiveAddress(rec));
    case 1171: // SHLD Ev,Gv,Ib 64 register
      return shldEvGvIbR<u64>(rec);
    case 1172: // SHLD Ev,Gv,Ib 64 memory
      return shldEvGvIbM<u64>(rec, effectiveAddress(rec));
    case 1173: // SHLD Ev,Gv,CL 16 register
      return shldEvGvCLR<u16>(rec);
    case 1174: // SHLD Ev,Gv,CL 16 memory
      return shldEvGvCLM<u16>(rec, effectiveAddress(rec));
    case 1175: // SHLD Ev,Gv,CL 32 register
      return shldEvGvCLR<u32>(rec);
    case 1176: // SHLD Ev,Gv,CL 32 memory
      return shldEvGvCLM<u32>(rec, effectiveAddress(rec));
    case 1177: // SHLD Ev,Gv,CL 64 register
      return shldEvGvCLR<u64>(rec);
    case 1178: // SHLD Ev,Gv,CL 64 memory
      return shldEvGvCLM<u64>(rec, effectiveAddress(rec));
    case 1179: // SHRD Ev,Gv,Ib 16 register
      return shrdEvGvIbR<u16>(rec);
    case 1180: // SHRD Ev,Gv,Ib 16 memory
      return shrdEvGvIbM<u16>(rec, effectiveAddress(rec));
    case 1181: // SHRD Ev,Gv,Ib 32 register
      return shrdEvGvIbR<u32>(rec);
    case 1182: // SHRD Ev,Gv,Ib 32 memory
      return shrdEvGvIbM<u32>(rec, effectiveAddress(rec));
    case 1183: // SHRD Ev,Gv,Ib 64 register
      return shrdEvGvIbR<u64>(rec);
    case 1184: // SHRD Ev,Gv,Ib 64 memory
      return shrdEvGvIbM<u64>(rec, effectiveAddress(rec));
    case 1185: // SHRD Ev,Gv,CL 16 register
      return shrdEvGvCLR<u16>(rec);
    case 1186: // SHRD Ev,Gv,CL 16 memory
      return shrdEvGvCLM<u16>(rec, effectiveAddress(rec));
    case 1187: // SHRD Ev,Gv,CL 32 register
      return shrdEvGvCLR<u32>(rec);
    case 1188: // SHRD Ev,Gv,CL 32 memory
      return shrdEvGvCLM<u32>(rec, effectiveAddress(rec));
    case 1189: // SHRD Ev,Gv,CL 64 register
      return shrdEvGvCLR<u64>(rec);
    case 1190: // SHRD Ev,Gv,CL 64 memory
      return shrdEvGvCLM<u64>(rec, effectiveAddress(rec));
    case 1191: // BT Ev,Gv
      return btEvGv(rec, BIT_TEST);
    case 1192: // BTS Ev,Gv
      return btEvGv(rec, BIT_SET);
    case 1193: // BTR Ev,Gv
      return btEvGv(rec, BIT_RESET);
    case 1194: // BTC Ev,Gv
      return btEvGv(rec, BIT_FLIP);
    case 1195: // BT Ev,Ib 16 register
      return btEvIbR<u16>(rec, BIT_TEST);
    case 1196: // BT Ev,Ib 16 memory
      return btEvIbM<u16>(rec, effectiveAddress(rec), BIT_TEST);
    case 1197: // BT Ev,Ib 32 register
      return btEvIbR<u32>(rec, BIT_TEST);
    case 1198: // BT Ev,Ib 32 memory
      return btEvIbM<u32>(rec, effectiveAddress(rec), BIT_TEST);
    case 1199: // BT Ev,Ib 64 register
      return btEvIbR<u64>(rec, BIT_TEST);
    case 1200: // BT Ev,Ib 64 memory
      return btEvIbM<u64>(rec, effectiveAddress(rec), BIT_TEST);
    case 1201: // BTS Ev,Ib 16 register
      return btEvIbR<u16>(rec, BIT_SET);
    case 1202: // BTS Ev,Ib 16 memory
      return btEvIbM<u16>(rec, effectiveAddress(rec), BIT_SET);
    case 1203: // BTS Ev,Ib 32 register
      return btEvIbR<u32>(rec, BIT_SET);
    case 1204: // BTS Ev,Ib 32 memory
      return btEvIbM<u32>(rec, effectiveAddress(rec), BIT_SET);
    case 1205: // BTS Ev,Ib 64 register
      return btEvIbR<u64>(rec, BIT_SET);
    case 1206: // BTS Ev,Ib 64 memory
      return btEvIbM<u64>(rec, effectiveAddress(rec), BIT_SET);
    case 1207: // BTR Ev,Ib 16 register
      return btEvIbR<u16>(rec, BIT_RESET);
    case 1208: // BTR Ev,Ib 16 memory
      return btEvIbM<u16>(rec, effectiveAddress(rec), BIT_RESET);
    case 1209: // BTR Ev,Ib 32 register
      return btEvIbR<u32>(rec, BIT_RESET);
    case 1210: // BTR Ev,Ib 32 memory
      return btEvIbM<u32>(rec, effectiveAddress(rec), BIT_RESET);
    case 1211: // BTR Ev,Ib 64 register
      return btEvIbR<u64>(rec, BIT_RESET);
    case 1212: // BTR Ev,Ib 64 memory
      return btEvIbM<u64>(rec, effectiveAddress(rec), BIT_RESET);
    case 1213: // BTC Ev,Ib 16 register
      return btEvIbR<u16>(rec, BIT_FLIP);
    case 1214: // BTC Ev,Ib 16 memory
      return btEvIbM<u16>(rec, effectiveAddress(rec), BIT_FLIP);
    case 1215: // BTC Ev,Ib 32 register
      return btEvIbR<u32>(rec, BIT_FLIP);
    case 1216: // BTC Ev,Ib 32 memory
      return btEvIbM<u32>(rec, effectiveAddress(rec), BIT_FLIP);
    case 1217: // BTC Ev,Ib 64 register
      return btEvIbR<u64>(rec, BIT_FLIP);
    case 1218: // BTC Ev,Ib 64 memory
      return btEvIbM<u64>(rec, effectiveAddress(rec), BIT_FLIP);
    case 1219: // BSF Gv,Ev 16 register
      return bsfGvEvR<u16>(rec);
    case 1220: // BSF Gv,Ev 16 memory
      return bsfGvEvM<u16>(rec, effectiveAddress(rec));
    case 1221: // BSF Gv,Ev 32 register
      return bsfGvEvR<u32>(rec);
    case 1222: // BSF Gv,Ev 32 memory
      return bsfGvEvM<u32>(rec, effectiveAddress(rec));
    case 1223: // BSF Gv,Ev 64 register
      return bsfGvEvR<u64>(rec);
    case 1224: // BSF Gv,Ev 64 memory
      return bsfGvEvM<u64>(rec, effectiveAddress(rec));
    case 1225: // TZCNT Gv,Ev 16 register
      return tzcntGvEvR<u16>(rec);
    case 1226: // TZCNT Gv,Ev 16 memory
      return tzcntGvEvM<u16>(rec, effectiveAddress(rec));
    case 1227: // TZCNT Gv,Ev 32 register
      return tzcntGvEvR<u32>(rec);
    case 1228: // TZCNT Gv,Ev 32 memory
      return tzcntGvEvM<u32>(rec, effectiveAddress(rec));
    case 1229: // TZCNT Gv,Ev 64 register
      return tzcntGvEvR<u64>(rec);
    case 1230: // TZCNT Gv,Ev 64 memory
      return tzcntGvEvM<u64>(rec, effectiveAddress(rec));
    case 1231: // BSR Gv,Ev 16 register
      return bsrGvEvR<u16>(rec);
    case 1232: // BSR Gv,Ev 16 memory
      return bsrGvEvM<u16>(rec, effectiveAddress(rec));
    case 1233: // BSR Gv,Ev 32 register
      return bsrGvEvR<u32>(rec);
    case 1234: // BSR Gv,Ev 32 memory
      return bsrGvEvM<u32>(rec, effectiveAddress(rec));
    case 1235: // BSR Gv,Ev 64 register
      return bsrGvEvR<u64>(rec);
    case 1236: // BSR Gv,Ev 64 memory
      return bsrGvEvM<u64>(rec, effectiveAddress(rec));
    case 1237: // LZCNT Gv,Ev 16 register
      return lzcntGvEvR<u16>(rec);
    case 1238: // LZCNT Gv,Ev 16 memory
      return lzcntGvEvM<u16>(rec, effectiveAddress(rec));
    case 1239: // LZCNT Gv,Ev 32 register
      return lzcntGvEvR<u32>(rec);
    case 1240: // LZCNT Gv,Ev 32 memory
      return lzcntGvEvM<u32>(rec, effectiveAddress(rec));
    case 1241: // LZCNT Gv,Ev 64 register
      return lzcntGvEvR<u64>(rec);
    case 1242: // LZCNT Gv,Ev 64 memory
      return lzcntGvEvM<u64>(rec, effectiveAddress(rec));
    case 1243: // POPCNT Gv,Ev 16 register
      return popcntGvEvR<u16>(rec);
    case 1244: // POPCNT Gv,Ev 16 memory
      return popcntGvEvM<u16>(rec, effectiveAddress(rec));
    case 1245: // POPCNT Gv,Ev 32 register
      return popcntGvEvR<u32>(rec);
    case 1246: // POPCNT Gv,Ev 32 memory
      return popcntGvEvM<u32>(rec, effectiveAddress(rec));
    case 1247: // POPCNT Gv,Ev 64 register
      return popcntGvEvR<u64>(rec);
    case 1248: // POPCNT Gv,Ev 64 memory
      return popcntGvEvM<u64>(rec, effectiveAddress(rec));
    case 1249: // ANDN Gy,By,Ey
      return andnGyByEy(rec);
    case 1250: // BLSR By,Ey
      return blsrByEy(rec);
    case 1251: // BLSMSK By,Ey
      return blsmskByEy(rec);
    case 1252: // BLSI By,Ey
      return blsiByEy(rec);
    case 1253: // BEXTR Gy,Ey,By
      return bextrGyEyBy(rec);
    case 1254: // BZHI Gy,Ey,By
      return bzhiGyEyBy(rec);
    case 1255: // PDEP Gy,By,Ey
      return pdepGyByEy(rec);
    case 1256: // PEXT Gy,By,Ey
      return pextGyByEy(rec);
    case 1257: // MULX Gy,By,Ey
      return mulxGyByEy(rec);
    case 1258: // SARX Gy,Ey,By
      return sarxGyEyBy(rec);
    case 1259: // SHLX Gy,Ey,By
      return shlxGyEyBy(rec);
    case 1260: // SHRX Gy,Ey,By
      return shrxGyEyBy(rec);
    case 1261: // RORX Gy,Ey,Ib
      return rorxGyEyIb(rec);
    case 1262: // MOVS
      return movs(rec);
    case 1263: // CMPS
      return cmps(rec);
    case 1264: // STOS
      return stos(rec);
    case 1265: // LODS
      return lods(rec);
    case 1266: // SCAS
      return scas(rec);
    case 1267: // CMC
      return cmc(rec);
    case 1268: // CLC
      return clc(rec);
    case 1269: // STC
      return stc(rec);
    case 1270: // CLD
      return cld(rec);
    case 1271: // STD
      return std(rec);
    case 1272: // CALL Jz 16
      return callJz<u16>(rec) != NEXT || !resolveNear(rec) ? FAULTED : DONE;
    case 1273: // JMP Ev 16 register
      return jmpEvR<u16>(rec) != NEXT ? FAULTED : DONE;
    case 1274: // JMP Ev 16 memory
      return jmpEvM<u16>(rec, effectiveAddress(rec)) != NEXT ? FAULTED : DONE;
    case 1275: // CALL Ev 16 register
      return callEvR<u16>(rec) != NEXT ? FAULTED : DONE;
    case 1276: // CALL Ev 16 memory
      return callEvM<u16>(rec, effectiveAddress(rec)) != NEXT ? FAULTED : DONE;
    case 1277: // RET  16
      return retNear<u16>(rec) != NEXT ? FAULTED : DONE;
    case 1278: // RET Iw 16
      return retNearIw<u16>(rec) != NEXT ? FAULTED : DONE;
    case 1279: // LOOPNE Jb
      return loopJb(rec, 0);
    case 1280: // LOOPE Jb
      return loopJb(rec, 1);
    case 1281: // LOOP Jb
      return loopJb(rec, 2);
    case 1282: // JCXZ Jb
      return loopJb(rec, 3);
    case 1283: // NOP Ev
      return nop(rec);
    case 1284: // UD2
      return undefinedOpcode(rec);
    case 1285: // MOV Ev,Sw
      return movEvSw(rec);
    case 1286: // MOV Sw,Ew
      return movSwEw(rec);
    case 1287: // LDS Gv,Mp
      return loadFar(rec, 3);
    case 1288: // LES Gv,Mp
      return loadFar(rec, 0);
    case 1289: // LSS Gv,Mp
      return loadFar(rec, 2);
    case 1290: // LFS Gv,Mp
      return loadFar(rec, 4);
    case 1291: // LGS Gv,Mp
      return loadFar(rec, 5);
    case 1292: // ARPL Ew,Gw
      return arplEwGw(rec);
    case 1293: // BOUND Gv,Ma
      return boundGvMa(rec);
    case 1294: // LAR Gv,Ew
      return larGvEw(rec);
    case 1295: // LSL Gv,Ew
      return lslGvEw(rec);
    case 1296: // SLDT Ev
      return sldtEv(rec);
    case 1297: // STR Ev
      return strEv(rec);
    case 1298: // LLDT Ew
      return lldtEw(rec);
    case 1299: // LTR Ew
      return ltrEw(rec);
    case 1300: // VERR Ew
      return verrEw(rec);
    case 1301: // VERW Ew
      return verwEw(rec);
    case 1302: // SGDT Ms
      return sgdtMs(rec);
    case 1303: // SIDT Ms
      return sidtMs(rec);
    case 1304: // LGDT Ms
      return lgdtMs(rec);
    case 1305: // LIDT Ms
      return lidtMs(rec);
    case 1306: // SMSW Ev
      return smswEv(rec);
    case 1307: // LMSW Ew
      return lmswEw(rec);
    case 1308: // INVLPG M
      return invlpgM(rec);
    case 1309: // SWAPGS
      return swapgs(rec);
    case 1310: // RDTSCP
      return rdtscp(rec);
    case 1311: // MONITOR
      return monitor(rec);
    case 1312: // MWAIT
      return mwait(rec);
    case 1313: // CLAC
      return clac(rec);
    case 1314: // STAC
      return stac(rec);
    case 1315: // XGETBV
      return xgetbv(rec);
    case 1316: // XSETBV
      return xsetbv(rec);
    case 1317: // RDPKRU
      return rdpkru(rec);
    case 1318: // WRPKRU
      return wrpkru(rec);
    case 1319: // CALL Ap
      return callAp(rec);
    case 1320: // JMP Ap
      return jmpAp(rec);
    case 1321: // CALL Mp
      return callMp(rec);
    case 1322: // JMP Mp
      return jmpMp(rec);
    case 1323: // RETF
      return retFar(rec);
    case 1324: // IRET
      return iret(rec);
    case 1325: // INT3
      return int3(rec);
    case 1326: // INT Ib
      return intIb(rec);
    case 1327: // INTO
      return into(rec);
    case 1328: // INT1
      return int1(rec);
    case 1329: // SYSCALL
      return syscall(rec);
    case 1330: // SYSRET
      return sysret(rec);
    case 1331: // SYSENTER
      return sysenter(rec);
    case 1332: // SYSEXIT
      return sysexit(rec);
    case 1333: // MOV Ey,Cy
      return movRyCy(rec);
    case 1334: // MOV Cy,Ey
      return movCyRy(rec);
    case 1335: // MOV Ey,Dy
      return movRyDy(rec);
    case 1336: // MOV Dy,Ey
      return movDyRy(rec);
    case 1337: // CLTS
      return clts(rec);
    case 1338: // INVD
      return invd(rec);
    case 1339: // WBINVD
      return wbinvd(rec);
    case 1340: // INVEPT Gy,Mdq
      return inveptGyMdq(rec);
    case 1341: // INVVPID Gy,Mdq
      return invvpidGyMdq(rec);
    case 1342: // INVPCID Gy,Mdq
      return invpcid(rec);
    case 1343: // HLT
      return hlt(rec);
    case 1344: // WAIT
      return fwait(rec);
    case 1345: // CLI
      return cli(rec);
    case 1346: // STI
      return sti(rec);
    case 1347: // CPUID
      return cpuid(rec);
    case 1348: // RDTSC
      return rdtsc(rec);
    case 1349: // RDPMC
      return rdpmc(rec);
    case 1350: // RDMSR
      return rdmsr(rec);
    case 1351: // WRMSR
      return wrmsr(rec);
    case 1352: // RDRAND Rv
      return rdrandRv(rec);
    case 1353: // RDSEED Rv
      return rdseedRv(rec);
    case 1354: // RDPID Ry
      return rdpidRy(rec);
    case 1355: // RDFSBASE Ry
      return rdbaseRy(rec, 4);
    case 1356: // RDGSBASE Ry
      return rdbaseRy(rec, 5);
    case 1357: // WRFSBASE Ry
      return wrbaseRy(rec, 4);
    case 1358: // WRGSBASE Ry
      return wrbaseRy(rec, 5);
    case 1359: // IN AL,Ib
      return inIb(rec);
    case 1360: // OUT Ib,AL
      return outIb(rec);
    case 1361: // IN AL,DX
      return inDx(rec);
    case 1362: // OUT DX,AL
      return outDx(rec);
    case 1363: // INS
      return ins(rec);
    case 1364: // OUTS
      return outs(rec);
    case 1365: // CLFLUSH Mb
      return clflushMb(rec);
    case 1366: // FXSAVE M
      return fxsaveM(rec);
    case 1367: // FXRSTOR M
      return fxrstorM(rec);
    case 1368: // LDMXCSR Md
      return ldmxcsrMd(rec);
    case 1369: // STMXCSR Md
      return stmxcsrMd(rec);
    case 1370: // XSAVE M
      return xsaveM(rec);
    case 1371: // XRSTOR M
      return xrstorM(rec);
    case 1372: // XSAVEOPT M
      return xsaveoptM(rec);
    case 1373: // XRSTORS M
      return xrstorsM(rec);
    case 1374: // XSAVEC M
      return xsavecM(rec);
    case 1375: // XSAVES M
      return xsavesM(rec);
    case 1376: // FADD ST,STi
      return x87StSti(rec, X87_ADD);
    case 1377: // FADD Md
      return x87StF32(rec, X87_ADD);
    case 1378: // FIADD Md
      return x87StI32(rec, X87_ADD);
    case 1379: // FADD Mq
      return x87StF64(rec, X87_ADD);
    case 1380: // FIADD Mw
      return x87StI16(rec, X87_ADD);
    case 1381: // FADD STi,ST
      return x87StiSt(rec, X87_ADD,0);
    case 1382: // FADDP STi,ST
      return x87StiSt(rec, X87_ADD,1);
    case 1383: // FMUL ST,STi
      return x87StSti(rec, X87_MUL);
    case 1384: // FMUL Md
      return x87StF32(rec, X87_MUL);
    case 1385: // FIMUL Md
      return x87StI32(rec, X87_MUL);
    case 1386: // FMUL Mq
      return x87StF64(rec, X87_MUL);
    case 1387: // FIMUL Mw
      return x87StI16(rec, X87_MUL);
    case 1388: // FMUL STi,ST
      return x87StiSt(rec, X87_MUL,0);
    case 1389: // FMULP STi,ST
      return x87StiSt(rec, X87_MUL,1);
    case 1390: // FSUB ST,STi
      return x87StSti(rec, X87_SUB);
    case 1391: // FSUB Md
      return x87StF32(rec, X87_SUB);
    case 1392: // FISUB Md
      return x87StI32(rec, X87_SUB);
    case 1393: // FSUB Mq
      return x87StF64(rec, X87_SUB);
    case 1394: // FISUB Mw
      return x87StI16(rec, X87_SUB);
    case 1395: // FSUB STi,ST
      return x87StiSt(rec, X87_SUB,0);
    case 1396: // FSUBP STi,ST
      return x87StiSt(rec, X87_SUB,1);
    case 1397: // FSUBR ST,STi
      return x87StSti(rec, X87_SUBR);
    case 1398: // FSUBR Md
      return x87StF32(rec, X87_SUBR);
    case 1399: // FISUBR Md
      return x87StI32(rec, X87_SUBR);
    case 1400: // FSUBR Mq
      return x87StF64(rec, X87_SUBR);
    case 1401: // FISUBR Mw
      return x87StI16(rec, X87_SUBR);
    case 1402: // FSUBR STi,ST
      return x87StiSt(rec, X87_SUBR,0);
    case 1403: // FSUBRP STi,ST
      return x87StiSt(rec, X87_SUBR,1);
    case 1404: // FDIV ST,STi
      return x87StSti(rec, X87_DIV);
    case 1405: // FDIV Md
      return x87StF32(rec, X87_DIV);
    case 1406: // FIDIV Md
      return x87StI32(rec, X87_DIV);
    case 1407: // FDIV Mq
      return x87StF64(rec, X87_DIV);
    case 1408: // FIDIV Mw
      return x87StI16(rec, X87_DIV);
    case 1409: // FDIV STi,ST
      return x87StiSt(rec, X87_DIV,0);
    case 1410: // FDIVP STi,ST
      return x87StiSt(rec, X87_DIV,1);
    case 1411: // FDIVR ST,STi
      return x87StSti(rec, X87_DIVR);
    case 1412: // FDIVR Md
      return x87StF32(rec, X87_DIVR);
    case 1413: // FIDIVR Md
      return x87StI32(rec, X87_DIVR);
    case 1414: // FDIVR Mq
      return x87StF64(rec, X87_DIVR);
    case 1415: // FIDIVR Mw
      return x87StI16(rec, X87_DIVR);
    case 1416: // FDIVR STi,ST
      return x87StiSt(rec, X87_DIVR,0);
    case 1417: // FDIVRP STi,ST
      return x87StiSt(rec, X87_DIVR,1);
    case 1418: // FLD1
      return fldConstant(rec, 0);
    case 1419: // FLDL2T
      return fldConstant(rec, 1);
    case 1420: // FLDL2E
      return fldConstant(rec, 2);
    case 1421: // FLDPI
      return fldConstant(rec, 3);
    case 1422: // FLDLG2
      return fldConstant(rec, 4);
    case 1423: // FLDLN2
      return fldConstant(rec, 5);
    case 1424: // FLDZ
      return fldConstant(rec, 6);
    case 1425: // FCMOVB ST,STi
      return fcmovStSti(rec, conditionB());
    case 1426: // FCMOVE ST,STi
      return fcmovStSti(rec, conditionZ());
    case 1427: // FCMOVBE ST,STi
      return fcmovStSti(rec, conditionBE());
    case 1428: // FCMOVU ST,STi
      return fcmovStSti(rec, conditionP());
    case 1429: // FCMOVNB ST,STi
      return fcmovStSti(rec, conditionNB());
    case 1430: // FCMOVNE ST,STi
      return fcmovStSti(rec, conditionNZ());
    case 1431: // FCMOVNBE ST,STi
      return fcmovStSti(rec, conditionNBE());
    case 1432: // FCMOVNU ST,STi
      return fcmovStSti(rec, conditionNP());
    case 1433: // FCOM ST,STi
      return fcomSti(rec, 0);
    case 1434: // FCOMP ST,STi
      return fcomSti(rec, 1);
    case 1435: // FCOM Md
      return fcomF32(rec, 0);
    case 1436: // FCOMP Md
      return fcomF32(rec, 1);
    case 1437: // FICOM Md
      return ficomI32(rec, 0);
    case 1438: // FICOMP Md
      return ficomI32(rec, 1);
    case 1439: // FCOM Mq
      return fcomF64(rec, 0);
    case 1440: // FCOMP Mq
      return fcomF64(rec, 1);
    case 1441: // FICOM Mw
      return ficomI16(rec, 0);
    case 1442: // FICOMP Mw
      return ficomI16(rec, 1);
    case 1443: // FCOMPP ST,STi
      return fcomSti(rec, 2);
    case 1444: // FUCOM ST,STi
      return fucomSti(rec, 0);
    case 1445: // FUCOMP ST,STi
      return fucomSti(rec, 1);
    case 1446: // FUCOMPP ST,STi
      return fucomSti(rec, 2);
    case 1447: // FUCOMI ST,STi
      return fucomi(rec, 0);
    case 1448: // FCOMI ST,STi
      return fcomi(rec, 0);
    case 1449: // FUCOMIP ST,STi
      return fucomi(rec, 1);
    case 1450: // FCOMIP ST,STi
      return fcomi(rec, 1);
    case 1451: // FTST
      return ftst(rec);
    case 1452: // FXAM
      return fxam(rec);
    case 1453: // FLD STi
      return fldSti(rec);
    case 1454: // FLD Md
      return fldF32(rec);
    case 1455: // FLD Mt
      return fldF80(rec);
    case 1456: // FLD Mq
      return fldF64(rec);
    case 1457: // FILD Md
      return fildI32(rec);
    case 1458: // FILD Mw
      return fildI16(rec);
    case 1459: // FILD Mq
      return fildI64(rec);
    case 1460: // FBLD Mt
      return fbld(rec);
    case 1461: // FST Md
      return fstF32(rec, 0);
    case 1462: // FSTP Md
      return fstF32(rec, 1);
    case 1463: // FSTP Mt
      return fstpF80(rec);
    case 1464: // FST Mq
      return fstF64(rec, 0);
    case 1465: // FSTP Mq
      return fstF64(rec, 1);
    case 1466: // FIST Md
      return fistI32(rec, 0,false);
    case 1467: // FISTP Md
      return fistI32(rec, 1,false);
    case 1468: // FIST Mw
      return fistI16(rec, 0,false);
    case 1469: // FISTP Mw
      return fistI16(rec, 1,false);
    case 1470: // FISTP Mq
      return fistpI64(rec, false);
    case 1471: // FISTTP Md
      return fistI32(rec, 1,true);
    case 1472: // FISTTP Mq
      return fistpI64(rec, true);
    case 1473: // FISTTP Mw
      return fistI16(rec, 1,true);
    case 1474: // FBSTP Mt
      return fbstp(rec);
    case 1475: // FST STi
      return fstSti(rec, 0);
    case 1476: // FSTP STi
      return fstSti(rec, 1);
    case 1477: // FSTP1 STi
      return fstpQuiet(rec);
    case 1478: // FXCH STi
      return fxchSti(rec);
    case 1479: // FCHS
      return fchs(rec);
    case 1480: // FABS
      return fabs(rec);
    case 1481: // F2XM1
      return f2xm1(rec);
    case 1482: // FYL2X
      return fyl2x(rec);
    case 1483: // FPTAN
      return fptan(rec);
    case 1484: // FPATAN
      return fpatan(rec);
    case 1485: // FXTRACT
      return fxtract(rec);
    case 1486: // FPREM1
      return fprem1(rec);
    case 1487: // FPREM
      return fprem(rec);
    case 1488: // FYL2XP1
      return fyl2xp1(rec);
    case 1489: // FSQRT
      return fsqrt(rec);
    case 1490: // FSINCOS
      return fsincos(rec);
    case 1491: // FRNDINT
      return frndint(rec);
    case 1492: // FSCALE
      return fscale(rec);
    case 1493: // FSIN
      return fsin(rec);
    case 1494: // FCOS
      return fcos(rec);
    case 1495: // FNOP
      return fnop(rec);
    case 1496: // FDECSTP
      return fdecstp(rec);
    case 1497: // FINCSTP
      return fincstp(rec);
    case 1498: // FFREE STi
      return ffreeSti(rec, 0);
    case 1499: // FFREEP STi
      return ffreeSti(rec, 1);
    case 1500: // FNENI
      return fnignored(rec);
    case 1501: // FNCLEX
      return fnclex(rec);
    case 1502: // FNINIT
      return fninit(rec);
    case 1503: // FLDCW Mw
      return fldcw(rec);
    case 1504: // FNSTCW Mw
      return fnstcw(rec);
    case 1505: // FNSTSW Mw
      return fnstsw(rec);
    case 1506: // FNSTSW AX
      return fnstswAx(rec);
    case 1507: // FLDENV M
      return fldenv(rec);
    case 1508: // FNSTENV M
      return fnstenv(rec);
    case 1509: // FRSTOR M
      return frstor(rec);
    case 1510: // FNSAVE M
      return fnsave(rec);
    case 1511: // PADDB Pq,Qq
      return paddbPqQq(rec);
    case 1512: // PADDW Pq,Qq
      return paddwPqQq(rec);
    case 1513: // PADDD Pq,Qq
      return padddPqQq(rec);
    case 1514: // PADDQ Pq,Qq
      return paddqPqQq(rec);
    case 1515: // PADDSB Pq,Qq
      return paddsbPqQq(rec);
    case 1516: // PADDSW Pq,Qq
      return paddswPqQq(rec);
    case 1517: // PADDUSB Pq,Qq
      return paddusbPqQq(rec);
    case 1518: // PADDUSW Pq,Qq
      return padduswPqQq(rec);
    case 1519: // PSUBB Pq,Qq
      return psubbPqQq(rec);
    case 1520: // PSUBW Pq,Qq
      return psubwPqQq(rec);
    case 1521: // PSUBD Pq,Qq
      return psubdPqQq(rec);
    case 1522: // PSUBQ Pq,Qq
      return psubqPqQq(rec);
    case 1523: // PSUBSB Pq,Qq
      return psubsbPqQq(rec);
    case 1524: // PSUBSW Pq,Qq
      return psubswPqQq(rec);
    case 1525: // PSUBUSB Pq,Qq
      return psubusbPqQq(rec);
    case 1526: // PSUBUSW Pq,Qq
      return psubuswPqQq(rec);
    case 1527: // PMULLW Pq,Qq
      return pmullwPqQq(rec);
    case 1528: // PMULHW Pq,Qq
      return pmulhwPqQq(rec);
    case 1529: // PMULHUW Pq,Qq
      return pmulhuwPqQq(rec);
    case 1530: // PMULUDQ Pq,Qq
      return pmuludqPqQq(rec);
    case 1531: // PMADDWD Pq,Qq
      return pmaddwdPqQq(rec);
    case 1532: // PSADBW Pq,Qq
      return psadbwPqQq(rec);
    case 1533: // PAVGB Pq,Qq
      return pavgbPqQq(rec);
    case 1534: // PAVGW Pq,Qq
      return pavgwPqQq(rec);
    case 1535: // PMAXUB Pq,Qq
      return pmaxubPqQq(rec);
    case 1536: // PMAXSW Pq,Qq
      return pmaxswPqQq(rec);
    case 1537: // PMINUB Pq,Qq
      return pminubPqQq(rec);
    case 1538: // PMINSW Pq,Qq
      return pminswPqQq(rec);
    case 1539: // PCMPEQB Pq,Qq
      return pcmpeqbPqQq(rec);
    case 1540: // PCMPEQW Pq,Qq
      return pcmpeqwPqQq(rec);
    case 1541: // PCMPEQD Pq,Qq
      return pcmpeqdPqQq(rec);
    case 1542: // PCMPGTB Pq,Qq
      return pcmpgtbPqQq(rec);
    case 1543: // PCMPGTW Pq,Qq
      return pcmpgtwPqQq(rec);
    case 1544: // PCMPGTD Pq,Qq
      return pcmpgtdPqQq(rec);
    case 1545: // PAND Pq,Qq
      return pandPqQq(rec);
    case 1546: // PANDN Pq,Qq
      return pandnPqQq(rec);
    case 1547: // POR Pq,Qq
      return porPqQq(rec);
    case 1548: // PXOR Pq,Qq
      return pxorPqQq(rec);
    case 1549: // PSRLW Pq,Qq
      return psrlwPqQq(rec);
    case 1550: // PSRLD Pq,Qq
      return psrldPqQq(rec);
    case 1551: // PSRLQ Pq,Qq
      return psrlqPqQq(rec);
    case 1552: // PSRAW Pq,Qq
      return psrawPqQq(rec);
    case 1553: // PSRAD Pq,Qq
      return psradPqQq(rec);
    case 1554: // PSLLW Pq,Qq
      return psllwPqQq(rec);
    case 1555: // PSLLD Pq,Qq
      return pslldPqQq(rec);
    case 1556: // PSLLQ Pq,Qq
      return psllqPqQq(rec);
    case 1557: // PACKSSWB Pq,Qq
      return packsswbPqQq(rec);
    case 1558: // PACKUSWB Pq,Qq
      return packuswbPqQq(rec);
    case 1559: // PACKSSDW Pq,Qq
      return packssdwPqQq(rec);
    case 1560: // PUNPCKHBW Pq,Qq
      return punpckhbwPqQq(rec);
    case 1561: // PUNPCKHWD Pq,Qq
      return punpckhwdPqQq(rec);
    case 1562: // PUNPCKHDQ Pq,Qq
      return punpckhdqPqQq(rec);
    case 1563: // PHADDW Pq,Qq
      return phaddwPqQq(rec);
    case 1564: // PHADDD Pq,Qq
      return phadddPqQq(rec);
    case 1565: // PHADDSW Pq,Qq
      return phaddswPqQq(rec);
    case 1566: // PHSUBW Pq,Qq
      return phsubwPqQq(rec);
    case 1567: // PHSUBD Pq,Qq
      return phsubdPqQq(rec);
    case 1568: // PHSUBSW Pq,Qq
      return phsubswPqQq(rec);
    case 1569: // PSIGNB Pq,Qq
      return psignbPqQq(rec);
    case 1570: // PSIGNW Pq,Qq
      return psignwPqQq(rec);
    case 1571: // PSIGND Pq,Qq
      return psigndPqQq(rec);
    case 1572: // PABSB Pq,Qq
      return pabsbPqQq(rec);
    case 1573: // PABSW Pq,Qq
      return pabswPqQq(rec);
    case 1574: // PABSD Pq,Qq
      return pabsdPqQq(rec);
    case 1575: // PSHUFB Pq,Qq
      return pshufbPqQq(rec);
    case 1576: // PMADDUBSW Pq,Qq
      return pmaddubswPqQq(rec);
    case 1577: // PMULHRSW Pq,Qq
      return pmulhrswPqQq(rec);
    case 1578: // PSRLW Nq,Ib
      return psrlwNqIb(rec);
    case 1579: // PSRAW Nq,Ib
      return psrawNqIb(rec);
    case 1580: // PSLLW Nq,Ib
      return psllwNqIb(rec);
    case 1581: // PSRLD Nq,Ib
      return psrldNqIb(rec);
    case 1582: // PSRAD Nq,Ib
      return psradNqIb(rec);
    case 1583: // PSLLD Nq,Ib
      return pslldNqIb(rec);
    case 1584: // PSRLQ Nq,Ib
      return psrlqNqIb(rec);
    case 1585: // PSLLQ Nq,Ib
      return psllqNqIb(rec);
    case 1586: // MOVD Pq,Ey
      return movdPqEy(rec);
    case 1587: // MOVD Ey,Pq
      return movdEyPq(rec);
    case 1588: // MOVQ Pq,Qq
      return movqPqQq(rec);
    case 1589: // MOVQ Qq,Pq
      return movqQqPq(rec);
    case 1590: // MOVNTQ Mq,Pq
      return movntqMqPq(rec);
    case 1591: // MASKMOVQ Pq,Nq
      return maskmovqPqNq(rec);
    case 1592: // MOVDQ2Q Pq,Udq
      return movdq2qPqUdq(rec);
    case 1593: // MOVQ2DQ Vdq,Nq
      return movq2dqVdqNq(rec);
    case 1594: // EMMS
      return emms(rec);
    case 1595: // PUNPCKLBW Pq,Qd
      return punpcklbwPqQd(rec);
    case 1596: // PUNPCKLWD Pq,Qd
      return punpcklwdPqQd(rec);
    case 1597: // PUNPCKLDQ Pq,Qd
      return punpckldqPqQd(rec);
    case 1598: // PSHUFW Pq,Qq,Ib
      return pshufwPqQqIb(rec);
    case 1599: // PINSRW Pq,Ew,Ib
      return pinsrwPqEwIb(rec);
    case 1600: // PEXTRW Gd,Nq,Ib
      return pextrwGdNqIb(rec);
    case 1601: // PMOVMSKB Gd,Nq
      return pmovmskbGdNq(rec);
    case 1602: // PALIGNR Pq,Qq,Ib
      return palignrPqQqIb(rec);
    case 1603: // CVTPI2PS Vps,Qq
      return cvtpi2psVpsQq(rec);
    case 1604: // CVTPI2PD Vpd,Qq
      return cvtpi2pdVpdQq(rec);
    case 1605: // CVTTPS2PI Pq,Wq
      return cvtps2piPqWq(rec, true);
    case 1606: // CVTTPD2PI Pq,Wpd
      return cvtpd2piPqWpd(rec, true);
    case 1607: // CVTPS2PI Pq,Wq
      return cvtps2piPqWq(rec, false);
    case 1608: // CVTPD2PI Pq,Wpd
      return cvtpd2piPqWpd(rec, false);
    case 1609: // MOVLPS Vq,Mq
      return movlpsVq(rec);
    case 1610: // MOVHLPS Vq,Uq
      return movhlpsVq(rec);
    case 1611: // MOVHPS Vq,Mq
      return movhpsVq(rec);
    case 1612: // MOVHPS Mq,Vq
      return storeHighVq(rec);
    case 1613: // MOVNTPS Mps,Vps
      return storeAlignedVx(rec);
    case 1614: // MOVMSKPS Gd,Ups
      return movmskpsGd(rec);
    case 1615: // CVTSI2SS Vss,Ey
      return cvtsi2ssVss(rec);
    case 1616: // CVTTSS2SI Gy,Wss
      return cvtss2siGy(rec, true);
    case 1617: // CVTSS2SI Gy,Wss
      return cvtss2siGy(rec, false);
    case 1618: // CMPPS Vps,Wps,Ib
      return cmppsVps(rec);
    case 1619: // CMPSS Vss,Wss,Ib
      return cmpssVss(rec);
    case 1620: // SQRTPS Vps,Wps
      return sqrtpsVps(rec);
    case 1621: // SQRTSS Vss,Wss
      return sqrtssVss(rec);
    case 1622: // RSQRTPS Vps,Wps
      return rsqrtpsVps(rec);
    case 1623: // RSQRTSS Vss,Wss
      return rsqrtssVss(rec);
    case 1624: // RCPPS Vps,Wps
      return rcppsVps(rec);
    case 1625: // RCPSS Vss,Wss
      return rcpssVss(rec);
    case 1626: // ADDPS Vps,Wps
      return addpsVps(rec);
    case 1627: // MULPS Vps,Wps
      return mulpsVps(rec);
    case 1628: // SUBPS Vps,Wps
      return subpsVps(rec);
    case 1629: // DIVPS Vps,Wps
      return divpsVps(rec);
    case 1630: // MINPS Vps,Wps
      return minpsVps(rec);
    case 1631: // MINSS Vss,Wss
      return extremumVss(rec, MIN);
    case 1632: // MAXPS Vps,Wps
      return maxpsVps(rec);
    case 1633: // MAXSS Vss,Wss
      return extremumVss(rec, MAX);
    case 1634: // ANDNPS Vps,Wps
      return pandnVx(rec);
    case 1635: // UNPCKLPS Vps,Wps
      return punpckldqVx(rec);
    case 1636: // UNPCKHPS Vps,Wps
      return punpckhdqVx(rec);
    case 1637: // SHUFPS Vps,Wps,Ib
      return shufpsVps(rec);
    case 1638: // MOVMSKPD Gd,Upd
      return movmskpdGd(rec);
    case 1639: // PMOVMSKB Gd,Udq
      return pmovmskbGd(rec);
    case 1640: // MASKMOVDQU Vdq,Udq
      return maskmovdquVdq(rec);
    case 1641: // CVTSD2SI Gy,Wsd
      return cvtsd2siGy(rec);
    case 1642: // CVTPS2PD Vpd,Wq
      return cvtps2pdVpd(rec);
    case 1643: // CVTPD2PS Vps,Wpd
      return cvtpd2psVps(rec);
    case 1644: // CVTDQ2PS Vps,Wdq
      return cvtdq2psVps(rec);
    case 1645: // CVTPS2DQ Vdq,Wps
      return cvtps2dqVdq(rec, false);
    case 1646: // CVTTPS2DQ Vdq,Wps
      return cvtps2dqVdq(rec, true);
    case 1647: // CVTTPD2DQ Vq,Wpd
      return cvtpd2dqVq(rec, true);
    case 1648: // CVTDQ2PD Vpd,Wq
      return cvtdq2pdVpd(rec);
    case 1649: // CVTPD2DQ Vq,Wpd
      return cvtpd2dqVq(rec, false);
    case 1650: // CMPPD Vpd,Wpd,Ib
      return cmppdVpd(rec);
    case 1651: // CMPSD Vsd,Wsd,Ib
      return cmpsdVsd(rec);
    case 1652: // SQRTPD Vpd,Wpd
      return sqrtpdVpd(rec);
    case 1653: // SQRTSD Vsd,Wsd
      return sqrtsdVsd(rec);
    case 1654: // ADDPD Vpd,Wpd
      return addpdVpd(rec);
    case 1655: // MULPD Vpd,Wpd
      return mulpdVpd(rec);
    case 1656: // SUBPD Vpd,Wpd
      return subpdVpd(rec);
    case 1657: // DIVPD Vpd,Wpd
      return divpdVpd(rec);
    case 1658: // MINPD Vpd,Wpd
      return minpdVpd(rec);
    case 1659: // MINSD Vsd,Wsd
      return extremumVsd(rec, MIN);
    case 1660: // MAXPD Vpd,Wpd
      return maxpdVpd(rec);
    case 1661: // MAXSD Vsd,Wsd
      return extremumVsd(rec, MAX);
    case 1662: // UNPCKLPD Vpd,Wpd
      return punpcklqdqVx(rec);
    case 1663: // UNPCKHPD Vpd,Wpd
      return punpckhqdqVx(rec);
    case 1664: // SHUFPD Vpd,Wpd,Ib
      return shufpdVpd(rec);
    case 1665: // PSHUFD Vdq,Wdq,Ib
      return pshufdVx(rec);
    case 1666: // PSHUFHW Vdq,Wdq,Ib
      return pshufhwVx(rec);
    case 1667: // PSHUFLW Vdq,Wdq,Ib
      return pshuflwVx(rec);
    case 1668: // PINSRW Vdq,Rd,Ib
      return pinsrwVdq(rec);
    case 1669: // PEXTRW Gd,Udq,Ib
      return pextrwGd(rec);
    case 1670: // PUNPCKLBW Vdq,Wdq
      return punpcklbwVx(rec);
    case 1671: // PUNPCKLWD Vdq,Wdq
      return punpcklwdVx(rec);
    case 1672: // PACKSSWB Vdq,Wdq
      return packsswbVx(rec);
    case 1673: // PCMPGTB Vdq,Wdq
      return pcmpgtbVx(rec);
    case 1674: // PCMPGTW Vdq,Wdq
      return pcmpgtwVx(rec);
    case 1675: // PCMPGTD Vdq,Wdq
      return pcmpgtdVx(rec);
    case 1676: // PACKUSWB Vdq,Wdq
      return packuswbVx(rec);
    case 1677: // PUNPCKHBW Vdq,Wdq
      return punpckhbwVx(rec);
    case 1678: // PUNPCKHWD Vdq,Wdq
      return punpckhwdVx(rec);
    case 1679: // PACKSSDW Vdq,Wdq
      return packssdwVx(rec);
    case 1680: // PCMPEQB Vdq,Wdq
      return pcmpeqbVx(rec);
    case 1681: // PCMPEQW Vdq,Wdq
      return pcmpeqwVx(rec);
    case 1682: // PCMPEQD Vdq,Wdq
      return pcmpeqdVx(rec);
    case 1683: // PSRLW Vdq,Wdq
      return psrlwVx(rec);
    case 1684: // PSRLD Vdq,Wdq
      return psrldVx(rec);
    case 1685: // PSRLQ Vdq,Wdq
      return psrlqVx(rec);
    case 1686: // PADDQ Vdq,Wdq
      return paddqVx(rec);
    case 1687: // PMULLW Vdq,Wdq
      return pmullwVx(rec);
    case 1688: // PSUBUSB Vdq,Wdq
      return psubusbVx(rec);
    case 1689: // PSUBUSW Vdq,Wdq
      return psubuswVx(rec);
    case 1690: // PMINUB Vdq,Wdq
      return pminubVx(rec);
    case 1691: // PADDUSB Vdq,Wdq
      return paddusbVx(rec);
    case 1692: // PADDUSW Vdq,Wdq
      return padduswVx(rec);
    case 1693: // PMAXUB Vdq,Wdq
      return pmaxubVx(rec);
    case 1694: // PAVGB Vdq,Wdq
      return pavgbVx(rec);
    case 1695: // PSRAW Vdq,Wdq
      return psrawVx(rec);
    case 1696: // PSRAD Vdq,Wdq
      return psradVx(rec);
    case 1697: // PAVGW Vdq,Wdq
      return pavgwVx(rec);
    case 1698: // PMULHUW Vdq,Wdq
      return pmulhuwVx(rec);
    case 1699: // PMULHW Vdq,Wdq
      return pmulhwVx(rec);
    case 1700: // PSUBSB Vdq,Wdq
      return psubsbVx(rec);
    case 1701: // PSUBSW Vdq,Wdq
      return psubswVx(rec);
    case 1702: // PMINSW Vdq,Wdq
      return pminswVx(rec);
    case 1703: // PADDSB Vdq,Wdq
      return paddsbVx(rec);
    case 1704: // PADDSW Vdq,Wdq
      return paddswVx(rec);
    case 1705: // PMAXSW Vdq,Wdq
      return pmaxswVx(rec);
    case 1706: // PSLLW Vdq,Wdq
      return psllwVx(rec);
    case 1707: // PSLLD Vdq,Wdq
      return pslldVx(rec);
    case 1708: // PSLLQ Vdq,Wdq
      return psllqVx(rec);
    case 1709: // PMULUDQ Vdq,Wdq
      return pmuludqVx(rec);
    case 1710: // PMADDWD Vdq,Wdq
      return pmaddwdVx(rec);
    case 1711: // PSADBW Vdq,Wdq
      return psadbwVx(rec);
    case 1712: // PSUBB Vdq,Wdq
      return psubbVx(rec);
    case 1713: // PSUBW Vdq,Wdq
      return psubwVx(rec);
    case 1714: // PSUBD Vdq,Wdq
      return psubdVx(rec);
    case 1715: // PSUBQ Vdq,Wdq
      return psubqVx(rec);
    case 1716: // PADDB Vdq,Wdq
      return paddbVx(rec);
    case 1717: // PADDW Vdq,Wdq
      return paddwVx(rec);
    case 1718: // PADDD Vdq,Wdq
      return padddVx(rec);
    case 1719: // PSRLW Udq,Ib
      return psrlwUxIb(rec);
    case 1720: // PSRAW Udq,Ib
      return psrawUxIb(rec);
    case 1721: // PSLLW Udq,Ib
      return psllwUxIb(rec);
    case 1722: // PSRLD Udq,Ib
      return psrldUxIb(rec);
    case 1723: // PSRAD Udq,Ib
      return psradUxIb(rec);
    case 1724: // PSLLD Udq,Ib
      return pslldUxIb(rec);
    case 1725: // PSRLQ Udq,Ib
      return psrlqUxIb(rec);
    case 1726: // PSRLDQ Udq,Ib
      return psrldqUxIb(rec);
    case 1727: // PSLLQ Udq,Ib
      return psllqUxIb(rec);
    case 1728: // PSLLDQ Udq,Ib
      return pslldqUxIb(rec);
    case 1729: // MOVSLDUP Vps,Wps
      return movsldupVps(rec);
    case 1730: // MOVSHDUP Vps,Wps
      return movshdupVps(rec);
    case 1731: // MOVDDUP Vdq,Wq
      return movddupVdq(rec);
    case 1732: // LDDQU Vdq,Mdq
      return lddquVx(rec);
    case 1733: // HADDPD Vpd,Wpd
      return horizontalVpd(rec, ADD);
    case 1734: // HADDPS Vps,Wps
      return horizontalVps(rec, ADD);
    case 1735: // HSUBPD Vpd,Wpd
      return horizontalVpd(rec, SUB);
    case 1736: // HSUBPS Vps,Wps
      return horizontalVps(rec, SUB);
    case 1737: // ADDSUBPD Vpd,Wpd
      return addsubpdVpd(rec);
    case 1738: // ADDSUBPS Vps,Wps
      return addsubpsVps(rec);
    case 1739: // PSHUFB Vdq,Wdq
      return pshufbVx(rec);
    case 1740: // PHADDW Vdq,Wdq
      return phaddwVx(rec);
    case 1741: // PHADDD Vdq,Wdq
      return phadddVx(rec);
    case 1742: // PHADDSW Vdq,Wdq
      return phaddswVx(rec);
    case 1743: // PMADDUBSW Vdq,Wdq
      return pmaddubswVx(rec);
    case 1744: // PHSUBW Vdq,Wdq
      return phsubwVx(rec);
    case 1745: // PHSUBD Vdq,Wdq
      return phsubdVx(rec);
    case 1746: // PHSUBSW Vdq,Wdq
      return phsubswVx(rec);
    case 1747: // PSIGNB Vdq,Wdq
      return psignbVx(rec);
    case 1748: // PSIGNW Vdq,Wdq
      return psignwVx(rec);
    case 1749: // PSIGND Vdq,Wdq
      return psigndVx(rec);
    case 1750: // PMULHRSW Vdq,Wdq
      return pmulhrswVx(rec);
    case 1751: // PABSB Vdq,Wdq
      return pabsbVx(rec);
    case 1752: // PABSW Vdq,Wdq
      return pabswVx(rec);
    case 1753: // PABSD Vdq,Wdq
      return pabsdVx(rec);
    case 1754: // PALIGNR Vdq,Wdq,Ib
      return palignrVx(rec);
    case 1755: // PBLENDVB Vdq,Wdq
      return pblendvbVdq(rec);
    case 1756: // BLENDVPS Vps,Wps
      return blendvpsVps(rec);
    case 1757: // BLENDVPD Vpd,Wpd
      return blendvpdVpd(rec);
    case 1758: // BLENDPS Vps,Wps,Ib
      return blendpsVps(rec);
    case 1759: // BLENDPD Vpd,Wpd,Ib
      return blendpdVpd(rec);
    case 1760: // PBLENDW Vdq,Wdq,Ib
      return pblendwVdq(rec);
    case 1761: // PTEST Vdq,Wdq
      return ptestVx(rec);
    case 1762: // MOVNTDQA Vdq,Mdq
      return loadAlignedVx(rec);
    case 1763: // PMOVSXBW Vdq,Wq
      return pmovsxbwVx(rec);
    case 1764: // PMOVSXBD Vdq,Wd
      return pmovsxbdVx(rec);
    case 1765: // PMOVSXBQ Vdq,Ww
      return pmovsxbqVx(rec);
    case 1766: // PMOVSXWD Vdq,Wq
      return pmovsxwdVx(rec);
    case 1767: // PMOVSXWQ Vdq,Wd
      return pmovsxwqVx(rec);
    case 1768: // PMOVSXDQ Vdq,Wq
      return pmovsxdqVx(rec);
    case 1769: // PMOVZXBW Vdq,Wq
      return pmovzxbwVx(rec);
    case 1770: // PMOVZXBD Vdq,Wd
      return pmovzxbdVx(rec);
    case 1771: // PMOVZXBQ Vdq,Ww
      return pmovzxbqVx(rec);
    case 1772: // PMOVZXWD Vdq,Wq
      return pmovzxwdVx(rec);
    case 1773: // PMOVZXWQ Vdq,Wd
      return pmovzxwqVx(rec);
    case 1774: // PMOVZXDQ Vdq,Wq
      return pmovzxdqVx(rec);
    case 1775: // PMULDQ Vdq,Wdq
      return pmuldqVx(rec);
    case 1776: // PCMPEQQ Vdq,Wdq
      return pcmpeqqVx(rec);
    case 1777: // PACKUSDW Vdq,Wdq
      return packusdwVx(rec);
    case 1778: // PMINSB Vdq,Wdq
      return pminsbVx(rec);
    case 1779: // PMINSD Vdq,Wdq
      return pminsdVx(rec);
    case 1780: // PMINUW Vdq,Wdq
      return pminuwVx(rec);
    case 1781: // PMINUD Vdq,Wdq
      return pminudVx(rec);
    case 1782: // PMAXSB Vdq,Wdq
      return pmaxsbVx(rec);
    case 1783: // PMAXSD Vdq,Wdq
      return pmaxsdVx(rec);
    case 1784: // PMAXUW Vdq,Wdq
      return pmaxuwVx(rec);
    case 1785: // PMAXUD Vdq,Wdq
      return pmaxudVx(rec);
    case 1786: // PMULLD Vdq,Wdq
      return pmulldVx(rec);
    case 1787: // PHMINPOSUW Vdq,Wdq
      return phminposuwVdq(rec);
    case 1788: // MPSADBW Vdq,Wdq,Ib
      return mpsadbwVdq(rec);
    case 1789: // PEXTRB Rd,Vdq,Ib
      return pextrbRd(rec);
    case 1790: // PEXTRW Rd,Vdq,Ib
      return pextrwRd(rec);
    case 1791: // PEXTRD Ey,Vdq,Ib
      return pextrdRy(rec);
    case 1792: // PINSRB Vdq,Rd,Ib
      return pinsrbVdq(rec);
    case 1793: // INSERTPS Vps,Wss,Ib
      return insertpsVps(rec);
    case 1794: // PINSRD Vdq,Ey,Ib
      return pinsrdVdq(rec);
    case 1795: // ROUNDPS Vps,Wps,Ib
      return roundpsVps(rec);
    case 1796: // ROUNDPD Vpd,Wpd,Ib
      return roundpdVpd(rec);
    case 1797: // ROUNDSS Vss,Wss,Ib
      return roundssVss(rec);
    case 1798: // ROUNDSD Vsd,Wsd,Ib
      return roundsdVsd(rec);
    case 1799: // DPPS Vps,Wps,Ib
      return dppsVps(rec);
    case 1800: // DPPD Vpd,Wpd,Ib
      return dppdVpd(rec);
    case 1801: // PCMPGTQ Vdq,Wdq
      return pcmpgtqVx(rec);
    case 1802: // PCMPESTRM Vdq,Wdq,Ib
      return pcmpstrm(rec, true);
    case 1803: // PCMPESTRI Vdq,Wdq,Ib
      return pcmpstri(rec, true);
    case 1804: // PCMPISTRM Vdq,Wdq,Ib
      return pcmpstrm(rec, false);
    case 1805: // PCMPISTRI Vdq,Wdq,Ib
      return pcmpstri(rec, false);
    case 1806: // AESIMC Vdq,Wdq
      return aesimcVdq(rec);
    case 1807: // AESENC Vdq,Wdq
      return aesencVdq(rec);
    case 1808: // AESENCLAST Vdq,Wdq
      return aesenclastVdq(rec);
    case 1809: // AESDEC Vdq,Wdq
      return aesdecVdq(rec);
    case 1810: // AESDECLAST Vdq,Wdq
      return aesdeclastVdq(rec);
    case 1811: // AESKEYGENASSIST Vdq,Wdq,Ib
      return aeskeygenassistVdq(rec);
    case 1812: // PCLMULQDQ Vdq,Wdq,Ib
      return pclmulqdqVdq(rec);
    case 1813: // SHA1NEXTE Vdq,Wdq
      return sha1nexteVdq(rec);
    case 1814: // SHA1MSG1 Vdq,Wdq
      return sha1msg1Vdq(rec);
    case 1815: // SHA1MSG2 Vdq,Wdq
      return sha1msg2Vdq(rec);
    case 1816: // SHA256RNDS2 Vdq,Wdq
      return sha256rnds2Vdq(rec);
    case 1817: // SHA256MSG1 Vdq,Wdq
      return sha256msg1Vdq(rec);
    case 1818: // SHA256MSG2 Vdq,Wdq
      return sha256msg2Vdq(rec);
    case 1819: // SHA1RNDS4 Vdq,Wdq,Ib
      return sha1rnds4Vdq(rec);
    case 1820: // VMCALL
      return vmcall(rec);
    case 1821: // VMLAUNCH
      return vmlaunch(rec);
    case 1822: // VMRESUME
      return vmresume(rec);
    case 1823: // VMXOFF
      return vmxoff(rec);
    case 1824: // VMFUNC
      return vmfunc(rec);
    case 1825: // VMPTRLD Mq
      return vmptrldMq(rec);
    case 1826: // VMCLEAR Mq
      return vmclearMq(rec);
    case 1827: // VMXON Mq
      return vmxonMq(rec);
    case 1828: // VMPTRST Mq
      return vmptrstMq(rec);
    case 1829: // VMREAD Ey,Gy
      return vmreadEyGy(rec);
    case 1830: // VMWRITE Gy,Ey
      return vmwriteGyEy(rec);
    default:
      return undefinedOpcode(rec);
  }
}
