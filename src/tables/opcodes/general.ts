/** General-purpose instructions: data transfer, arithmetic, logic, shifts, bits, strings. */
import { type OpcodeRow, rows } from "./row.ts";

const ALU = ["ADD", "OR", "ADC", "SBB", "AND", "SUB", "XOR", "CMP"];
const SHIFTS = ["ROL", "ROR", "RCL", "RCR", "SHL", "SHR", "SHL", "SAR"];
export const CONDITIONS = "O NO B NB Z NZ BE NBE S NS P NP L NL LE NLE".split(" ");

const hex = (n: number) => n.toString(16).toUpperCase().padStart(2, "0");

function arithmeticRows(): string {
  return ALU.map((name, i) => {
    const arg = `(ALU_${name})`;
    const lock = name === "CMP" ? "m:r" : "lock";
    const u = ["OR", "AND", "XOR"].includes(name) ? "u:a" : "";
    return `
      ${name} Eb,Gb  ${hex(i * 8)}/r     aluEvGv<>${arg} hot bd ${lock} ${u}
      ${name} Ev,Gv  ${hex(i * 8 + 1)}/r aluEvGv<>${arg} hot bd ${lock} ${u}
      ${name} Gb,Eb  ${hex(i * 8 + 2)}/r aluGvEv<>${arg} hot bd ${u}
      ${name} Gv,Ev  ${hex(i * 8 + 3)}/r aluGvEv<>${arg} hot bd ${u}
      ${name} AL,Ib  ${hex(i * 8 + 4)}   aluEvIv<>${arg} hot ${u}
      ${name} rAX,Iz ${hex(i * 8 + 5)}   aluEvIv<>${arg} hot ${u}
      ${name} Eb,Ib  80/${i}             aluEvIv<>${arg} hot bd ${lock} ${u}
      ${name} Ev,Iz  81/${i}             aluEvIv<>${arg} hot bd ${lock} ${u}
      ${name} Eb,Ib  82/${i}             aluEvIv<>${arg} hot bd ${lock} not64 ${u}
      ${name} Ev,Isb 83/${i}             aluEvIv<>${arg} hot bd ${lock} ${u}`;
  }).join("\n");
}

function shiftRows(): string {
  return SHIFTS.map((name, i) => {
    const heat = name.startsWith("RC") ? "warm" : "hot";
    const u = name.startsWith("R") ? "u:o" : "u:oa";
    const arg = `(SHIFT_${name})`;
    return `
      ${name} Eb,Ib C0/${i} shiftEvIb<>${arg} warm ${u}
      ${name} Ev,Ib C1/${i} shiftEvIb<>${arg} ${heat} ${u}
      ${name} Eb,1  D0/${i} shiftEv1<>${arg}  warm ${u}
      ${name} Ev,1  D1/${i} shiftEv1<>${arg}  ${heat} ${u}
      ${name} Eb,CL D2/${i} shiftEvCL<>${arg} warm ${u}
      ${name} Ev,CL D3/${i} shiftEvCL<>${arg} ${heat} ${u}`;
  }).join("\n");
}

function conditionRows(): string {
  return CONDITIONS.map(
    (cc, i) => `
      J${cc}    Jb    ${hex(0x70 + i)}     condition${cc} hot f64 jump:jcc
      J${cc}    Jz    0F${hex(0x80 + i)}   condition${cc} hot f64 jump:jcc
      CMOV${cc} Gv,Ev 0F${hex(0x40 + i)}/r cmovGvEv<>(condition${cc}()) hot m:r f:CMOV
      SET${cc}  Eb    0F${hex(0x90 + i)}/r setccEb(condition${cc}()) hot m:w`,
  ).join("\n");
}

export const GENERAL: readonly OpcodeRow[] = rows(
  "general-purpose",
  `
  # arithmetic and logic of two operands
  ${arithmeticRows()}

  # shifts and rotations
  ${shiftRows()}

  # conditional jumps, moves and sets
  ${conditionRows()}

  # data transfer
  MOV     Eb,Gb    88/r      movEvGv<>     hot bd m:w
  MOV     Ev,Gv    89/r      movEvGv<>     hot bd m:w
  MOV     Gb,Eb    8A/r      movGvEv<>     hot bd
  MOV     Gv,Ev    8B/r      movGvEv<>     hot bd
  MOV     AL,Ob    A0        movGvEv<>     hot m:r
  MOV     rAX,Ov   A1        movGvEv<>     hot m:r
  MOV     Ob,AL    A2        movEvGv<>     hot m:w
  MOV     Ov,rAX   A3        movEvGv<>     hot m:w
  MOV     Zb,Ib    B0+r      movEvIv<>     hot
  MOV     Zv,Iv    B8+r      movEvIv<>     hot
  MOV     Eb,Ib    C6/0      movEvIv<>     hot bd m:w
  MOV     Ev,Iz    C7/0      movEvIv<>     hot bd m:w
  MOVZX   Gv,Eb    0FB6/r    movzxGvEb<>   hot bd
  MOVZX   Gv,Ew    0FB7/r    movzxGvEw<>   hot bd
  MOVSX   Gv,Eb    0FBE/r    movsxGvEb<>   hot bd
  MOVSX   Gv,Ew    0FBF/r    movsxGvEw<>   hot bd
  MOVSXD  Gv,Ed    63/r      movsxdGvEd<>  hot only64
  XCHG    Eb,Gb    86/r      xchgEvGv<>    hot lock
  XCHG    Ev,Gv    87/r      xchgEvGv<>    hot lock
  XCHG    Zv,rAX   90+r      xchgZvRax<>   warm
  NOP     -        NP.90     nop           hot
  NOP     -        66.90     nop           hot
  NOP     -        F2.90     nop           hot
  PAUSE   -        F3.90     pause         end
  BSWAP   Zy       0FC8+r    bswapZy<>     hot size:v
  MOVBE   Gv,Mv    NP.0F38F0/r movbeGvMv   f:MOVBE
  MOVBE   Gv,Mv    66.0F38F0/r movbeGvMv   f:MOVBE
  MOVBE   Mv,Gv    NP.0F38F1/r movbeMvGv   f:MOVBE
  MOVBE   Mv,Gv    66.0F38F1/r movbeMvGv   f:MOVBE
  MOVNTI  My,Gy    NP.0FC3/r movEvGv<>     hot m:w f:SSE2
  LEA     Gv,M     8D/r      leaGvM<>      hot bd m:-
  XLAT    -        D7        xlat
  CBW     -        98        cbw<>         hot size:v
  CWD     -        99        cwd<>         hot size:v
  LAHF    -        9F        lahf          warm f:LAHF
  SAHF    -        9E        sahf          warm f:LAHF

  # stack
  PUSH    Zv       50+r      pushZv<>      hot d64
  POP     Zv       58+r      popZv<>       hot d64
  PUSH    Iz       68        pushIz<>      hot d64
  PUSH    Isb      6A        pushIz<>      hot d64
  PUSH    Ev       FF/6      pushEv        d64 m:r
  POP     Ev       8F/0      popEv         d64 m:w
  PUSH    ES       06        pushSeg(0)    not64 d64
  PUSH    CS       0E        pushSeg(1)    not64 d64
  PUSH    SS       16        pushSeg(2)    not64 d64
  PUSH    DS       1E        pushSeg(3)    not64 d64
  PUSH    FS       0FA0      pushSeg(4)    d64
  PUSH    GS       0FA8      pushSeg(5)    d64
  POP     ES       07        popSeg(0)     not64 d64 end
  POP     SS       17        popSeg(2)     not64 d64 end
  POP     DS       1F        popSeg(3)     not64 d64 end
  POP     FS       0FA1      popSeg(4)     d64 end
  POP     GS       0FA9      popSeg(5)     d64 end
  PUSHA   -        60        pusha         not64 size:v
  POPA    -        61        popa          not64 size:v
  PUSHF   -        9C        pushf         d64
  POPF    -        9D        popf          d64 end
  ENTER   Iw,Ib    C8        enter         d64
  LEAVE   -        C9        leaveFrame    d64

  # further arithmetic
  INC     Zv       40+r      incEv<>       hot not64
  DEC     Zv       48+r      decEv<>       hot not64
  INC     Eb       FE/0      incEv<>       hot lock
  DEC     Eb       FE/1      decEv<>       hot lock
  INC     Ev       FF/0      incEv<>       hot lock
  DEC     Ev       FF/1      decEv<>       hot lock
  TEST    Eb,Ib    F6/0      testEvIv<>    hot bd m:r u:a
  TEST    Eb,Ib    F6/1      testEvIv<>    hot bd m:r u:a
  NOT     Eb       F6/2      notEv<>       hot lock
  NEG     Eb       F6/3      negEv<>       hot lock
  MUL     Eb       F6/4      mulEb         m:r u:szap
  IMUL    Eb       F6/5      imulEb        m:r u:szap
  DIV     Eb       F6/6      divEb         m:r u:oszapc
  IDIV    Eb       F6/7      idivEb        m:r u:oszapc
  TEST    Ev,Iz    F7/0      testEvIv<>    hot bd m:r u:a
  TEST    Ev,Iz    F7/1      testEvIv<>    hot bd m:r u:a
  NOT     Ev       F7/2      notEv<>       hot lock
  NEG     Ev       F7/3      negEv<>       hot lock
  MUL     Ev       F7/4      mulEv         m:r u:szap
  IMUL    Ev       F7/5      imulEv        m:r u:szap
  DIV     Ev       F7/6      divEv         m:r u:oszapc
  IDIV    Ev       F7/7      idivEv        m:r u:oszapc
  TEST    Eb,Gb    84/r      testEvGv<>    hot m:r u:a
  TEST    Ev,Gv    85/r      testEvGv<>    hot m:r u:a
  TEST    AL,Ib    A8        testEvIv<>    hot u:a
  TEST    rAX,Iz   A9        testEvIv<>    hot u:a
  IMUL    Gv,Ev    0FAF/r    imulGvEv<>    hot bd u:szap
  IMUL    Gv,Ev,Iz 69/r      imulGvEvIz<>  hot u:szap
  IMUL    Gv,Ev,Isb 6B/r     imulGvEvIz<>  hot u:szap
  XADD    Eb,Gb    0FC0/r    xaddEvGv<>    warm lock
  XADD    Ev,Gv    0FC1/r    xaddEvGv<>    warm lock
  CMPXCHG Eb,Gb    0FB0/r    cmpxchgEvGv<> warm lock
  CMPXCHG Ev,Gv    0FB1/r    cmpxchgEvGv<> warm lock
  CMPXCHG8B M      0FC7/1    cmpxchg8b     lock f:CX8 size:y
  AAA     -        37        aaa           not64 u:oszp
  AAS     -        3F        aas           not64 u:oszp
  AAD     Ib       D5        aad           not64 u:oac
  AAM     Ib       D4        aam           not64 u:oac
  DAA     -        27        daa           not64 u:o
  DAS     -        2F        das           not64 u:o
  ADCX    Gy,Ey    66.0F38F6/r adcxGyEy<>  warm f:ADX
  ADOX    Gy,Ey    F3.0F38F6/r adoxGyEy<>  warm f:ADX
  CRC32   Gy,Eb    F2.0F38F0/r crc32GyEb   f:SSE42
  CRC32   Gy,Ev    F2.0F38F1/r crc32GyEv   f:SSE42 size:v
  SALC    -        D6        salc          not64

  # double shifts
  SHLD    Ev,Gv,Ib 0FA4/r    shldEvGvIb<>  warm u:oa
  SHLD    Ev,Gv,CL 0FA5/r    shldEvGvCL<>  warm u:oa
  SHRD    Ev,Gv,Ib 0FAC/r    shrdEvGvIb<>  warm u:oa
  SHRD    Ev,Gv,CL 0FAD/r    shrdEvGvCL<>  warm u:oa

  # bits
  BT      Ev,Gv    0FA3/r    btEvGv(BIT_TEST)  m:r u:oszap
  BTS     Ev,Gv    0FAB/r    btEvGv(BIT_SET)   lock u:oszap
  BTR     Ev,Gv    0FB3/r    btEvGv(BIT_RESET) lock u:oszap
  BTC     Ev,Gv    0FBB/r    btEvGv(BIT_FLIP)  lock u:oszap
  BT      Ev,Ib    0FBA/4    btEvIb<>(BIT_TEST)  warm m:r u:oszap
  BTS     Ev,Ib    0FBA/5    btEvIb<>(BIT_SET)   warm lock u:oszap
  BTR     Ev,Ib    0FBA/6    btEvIb<>(BIT_RESET) warm lock u:oszap
  BTC     Ev,Ib    0FBA/7    btEvIb<>(BIT_FLIP)  warm lock u:oszap
  BSF     Gv,Ev    NP.0FBC/r   bsfGvEv<>   warm u:osapc
  BSF     Gv,Ev    66.0FBC/r   bsfGvEv<>   warm u:osapc
  BSF     Gv,Ev    F2.0FBC/r   bsfGvEv<>   warm u:osapc
  TZCNT   Gv,Ev    F3.0FBC/r   tzcntGvEv<> warm u:osap
  BSR     Gv,Ev    NP.0FBD/r   bsrGvEv<>   warm u:osapc
  BSR     Gv,Ev    66.0FBD/r   bsrGvEv<>   warm u:osapc
  BSR     Gv,Ev    F2.0FBD/r   bsrGvEv<>   warm u:osapc
  LZCNT   Gv,Ev    F3.0FBD/r   lzcntGvEv<> warm u:osap
  POPCNT  Gv,Ev    F3.0FB8/r   popcntGvEv<> warm f:POPCNT
  ANDN    Gy,By,Ey   NP.VEX.0F38F2/r  andnGyByEy   f:BMI1 u:ap
  BLSR    By,Ey      NP.VEX.0F38F3/1  blsrByEy     f:BMI1 u:ap
  BLSMSK  By,Ey      NP.VEX.0F38F3/2  blsmskByEy   f:BMI1 u:ap
  BLSI    By,Ey      NP.VEX.0F38F3/3  blsiByEy     f:BMI1 u:ap
  BEXTR   Gy,Ey,By   NP.VEX.0F38F7/r  bextrGyEyBy  f:BMI1 u:sap
  BZHI    Gy,Ey,By   NP.VEX.0F38F5/r  bzhiGyEyBy   f:BMI2 u:ap
  PDEP    Gy,By,Ey   F2.VEX.0F38F5/r  pdepGyByEy   f:BMI2
  PEXT    Gy,By,Ey   F3.VEX.0F38F5/r  pextGyByEy   f:BMI2
  MULX    Gy,By,Ey   F2.VEX.0F38F6/r  mulxGyByEy   f:BMI2
  SARX    Gy,Ey,By   F3.VEX.0F38F7/r  sarxGyEyBy   f:BMI2
  SHLX    Gy,Ey,By   66.VEX.0F38F7/r  shlxGyEyBy   f:BMI2
  SHRX    Gy,Ey,By   F2.VEX.0F38F7/r  shrxGyEyBy   f:BMI2
  RORX    Gy,Ey,Ib   F2.VEX.0F3AF0/r  rorxGyEyIb   f:BMI2

  # strings
  MOVS    -        A4        movs          size:b
  MOVS    -        A5        movs          size:v
  CMPS    -        A6        cmps          size:b
  CMPS    -        A7        cmps          size:v
  STOS    -        AA        stos          size:b
  STOS    -        AB        stos          size:v
  LODS    -        AC        lods          size:b
  LODS    -        AD        lods          size:v
  SCAS    -        AE        scas          size:b
  SCAS    -        AF        scas          size:v

  # flags
  CMC     -        F5        cmc           warm
  CLC     -        F8        clc           warm
  STC     -        F9        stc           warm
  CLD     -        FC        cld           warm
  STD     -        FD        std           warm

  # near control transfer
  JMP     Jb       EB        jmpJz         hot f64 jump:jmp
  JMP     Jz       E9        jmpJz         hot f64 jump:jmp
  CALL    Jz       E8        callJz<>      hot f64 jump:call
  JMP     Ev       FF/4      jmpEv<>       hot f64 m:r jump:indirect
  CALL    Ev       FF/2      callEv<>      hot f64 m:r jump:indirect
  RET     -        C3        retNear<>     hot f64 jump:indirect
  RET     Iw       C2        retNearIw<>   hot f64 jump:indirect
  LOOPNE  Jb       E0        loopJb(0)     f64 jump:loop
  LOOPE   Jb       E1        loopJb(1)     f64 jump:loop
  LOOP    Jb       E2        loopJb(2)     f64 jump:loop
  JCXZ    Jb       E3        loopJb(3)     f64 jump:loop

  # hints and undefined instructions
  NOP     Ev       0F1F/r    nop           m:-
  NOP     Ev       0F18/r    nop           m:-
  NOP     Ev       0F19/r    nop           m:-
  NOP     Ev       0F1A/r    nop           m:-
  NOP     Ev       0F1B/r    nop           m:-
  NOP     Ev       0F1C/r    nop           m:-
  NOP     Ev       0F1D/r    nop           m:-
  NOP     Ev       0F1E/r    nop           m:-
  PREFETCHW Eb     0F0D/r    nop           m:-
  UD2     -        0F0B      undefinedOpcode
  UD1     Gv,Ev    0FB9/r    undefinedOpcode     m:-
  UD0     Gv,Ev    0FFF/r    undefinedOpcode     m:-
  `,
);
