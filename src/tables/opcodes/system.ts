/** System instructions: segments, far control transfer, control registers, I/O, state management. */
import { type OpcodeRow, rows } from "./row.ts";

export const SYSTEM: readonly OpcodeRow[] = rows(
  "system",
  `
  # segment registers and far pointers
  MOV     Ev,Sw    8C/r      movEvSw       m:w
  MOV     Sw,Ew    8E/r      movSwEw       m:r end
  LDS     Gv,Mp    C5/r      loadFar(3)    not64 m:r end size:v
  LES     Gv,Mp    C4/r      loadFar(0)    not64 m:r end size:v
  LSS     Gv,Mp    0FB2/r    loadFar(2)    m:r end size:v
  LFS     Gv,Mp    0FB4/r    loadFar(4)    m:r end size:v
  LGS     Gv,Mp    0FB5/r    loadFar(5)    m:r end size:v
  ARPL    Ew,Gw    63/r      arplEwGw      not64
  BOUND   Gv,Ma    62/r      boundGvMa     not64 m:r size:v
  LAR     Gv,Ew    0F02/r    larGvEw       m:r size:v u:-
  LSL     Gv,Ew    0F03/r    lslGvEw       m:r size:v
  SLDT    Ev       0F00/0    sldtEv        m:w
  STR     Ev       0F00/1    strEv         m:w
  LLDT    Ew       0F00/2    lldtEw        m:r end
  LTR     Ew       0F00/3    ltrEw         m:r end
  VERR    Ew       0F00/4    verrEw        m:r
  VERW    Ew       0F00/5    verwEw        m:r
  SGDT    Ms       0F01/0    sgdtMs        m:w
  SIDT    Ms       0F01/1    sidtMs        m:w
  LGDT    Ms       0F01/2    lgdtMs        m:r end
  LIDT    Ms       0F01/3    lidtMs        m:r end
  SMSW    Ev       0F01/4    smswEv        m:w
  LMSW    Ew       0F01/6    lmswEw        m:r end

  # further instructions of 0F 01
  INVLPG  M        0F01/7    invlpgM       m:- end
  SWAPGS  -        0F01!F8   swapgs        only64 end
  RDTSCP  -        0F01!F9   rdtscp        f:RDTSCP
  MONITOR -        0F01!C8   monitor       f:MONITOR
  MWAIT   -        0F01!C9   mwait         f:MONITOR end
  CLAC    -        NP.0F01!CA clac         f:SMAP end
  STAC    -        NP.0F01!CB stac         f:SMAP end
  XGETBV  -        NP.0F01!D0 xgetbv       f:XSAVE
  XSETBV  -        NP.0F01!D1 xsetbv       f:XSAVE end
  RDPKRU  -        NP.0F01!EE rdpkru       f:PKU
  WRPKRU  -        NP.0F01!EF wrpkru       f:PKU end

  # far control transfer
  CALL    Ap       9A        callAp        not64 size:v end
  JMP     Ap       EA        jmpAp         not64 size:v end
  CALL    Mp       FF/3      callMp        m:r size:v end
  JMP     Mp       FF/5      jmpMp         m:r size:v end
  RETF    -        CB        retFar        size:v end
  RETF    Iw       CA        retFar        size:v end
  IRET    -        CF        iret          size:v end
  INT3    -        CC        int3 end
  INT     Ib       CD        intIb end
  INTO    -        CE        into          not64 end
  INT1    -        F1        int1 end
  SYSCALL -        0F05      syscall       end
  SYSRET  -        0F07      sysret        end size:v
  SYSENTER -       0F34      sysenter      f:SEP end
  SYSEXIT -        0F35      sysexit       f:SEP end size:v

  # control and debug registers
  MOV     Ey,Cy    0F20/r    movRyCy       size:y
  MOV     Cy,Ey    0F22/r    movCyRy       end size:y
  MOV     Ey,Dy    0F21/r    movRyDy       size:y
  MOV     Dy,Ey    0F23/r    movDyRy       end size:y
  CLTS    -        0F06      clts          end
  INVD    -        0F08      invd          end
  WBINVD  -        0F09      wbinvd        end
  INVEPT  Gy,Mdq   66.0F3880/r inveptGyMdq f:VMX m:r end size:y
  INVVPID Gy,Mdq   66.0F3881/r invvpidGyMdq f:VMX m:r end size:y
  INVPCID Gy,Mdq   66.0F3882/r invpcid     f:INVPCID m:r end size:y

  # processor control
  HLT     -        F4        hlt           end
  WAIT    -        9B        fwait
  CLI     -        FA        cli           end
  STI     -        FB        sti           end
  CPUID   -        0FA2      cpuid
  RDTSC   -        0F31      rdtsc
  RDPMC   -        0F33      rdpmc
  RDMSR   -        0F32      rdmsr         end
  WRMSR   -        0F30      wrmsr         end
  RDRAND  Rv       NP.0FC7/6 rdrandRv      f:RDRAND
  RDRAND  Rv       66.0FC7/6 rdrandRv      f:RDRAND
  RDSEED  Rv       NP.0FC7/7 rdseedRv      f:RDSEED
  RDSEED  Rv       66.0FC7/7 rdseedRv      f:RDSEED
  RDPID   Ry       F3.0FC7/7 rdpidRy       f:RDPID
  RDFSBASE Ry      F3.0FAE/0 rdbaseRy(4)   only64 f:FSGSBASE
  RDGSBASE Ry      F3.0FAE/1 rdbaseRy(5)   only64 f:FSGSBASE
  WRFSBASE Ry      F3.0FAE/2 wrbaseRy(4)   only64 f:FSGSBASE
  WRGSBASE Ry      F3.0FAE/3 wrbaseRy(5)   only64 f:FSGSBASE

  # input and output
  IN      AL,Ib    E4        inIb          end size:b
  IN      rAX,Ib   E5        inIb          end size:z
  OUT     Ib,AL    E6        outIb         end size:b
  OUT     Ib,rAX   E7        outIb         end size:z
  IN      AL,DX    EC        inDx          end size:b
  IN      rAX,DX   ED        inDx          end size:z
  OUT     DX,AL    EE        outDx         end size:b
  OUT     DX,rAX   EF        outDx         end size:z
  INS     -        6C        ins           end size:b
  INS     -        6D        ins           end size:z
  OUTS    -        6E        outs          end size:b
  OUTS    -        6F        outs          end size:z

  # caches and state
  LFENCE  Rd       NP.0FAE/5 nop           f:SSE2
  MFENCE  Rd       NP.0FAE/6 nop           f:SSE2
  SFENCE  Rd       NP.0FAE/7 nop           f:SSE
  CLFLUSH Mb       NP.0FAE/7 clflushMb     f:CLFLUSH m:r
  CLFLUSHOPT Mb    66.0FAE/7 clflushMb     f:CLFLUSHOPT m:r
  CLWB    Mb       66.0FAE/6 clflushMb     f:CLWB m:r
  FXSAVE  M        NP.0FAE/0 fxsaveM       f:FXSR m:w size:y
  FXRSTOR M        NP.0FAE/1 fxrstorM      f:FXSR m:r size:y
  LDMXCSR Md       NP.0FAE/2 ldmxcsrMd     f:SSE m:r
  STMXCSR Md       NP.0FAE/3 stmxcsrMd     f:SSE m:w
  XSAVE   M        NP.0FAE/4 xsaveM        f:XSAVE m:w size:y
  XRSTOR  M        NP.0FAE/5 xrstorM       f:XSAVE m:r size:y
  XSAVEOPT M       NP.0FAE/6 xsaveoptM     f:XSAVEOPT m:w size:y
  XRSTORS M        NP.0FC7/3 xrstorsM      f:XSAVES m:r size:y
  XSAVEC  M        NP.0FC7/4 xsavecM       f:XSAVEC m:w size:y
  XSAVES  M        NP.0FC7/5 xsavesM       f:XSAVES m:w size:y
  `,
);
