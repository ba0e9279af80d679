/** VMX instructions. VMCALL also stands for a paravirtual call outside VMX operation. */
import { type OpcodeRow, rows } from "./row.ts";

export const VMX: readonly OpcodeRow[] = rows(
  "vmx",
  `
  VMCALL   -        NP.0F01!C1   vmcall       end
  VMLAUNCH -        NP.0F01!C2   vmlaunch     f:VMX end
  VMRESUME -        NP.0F01!C3   vmresume     f:VMX end
  VMXOFF   -        NP.0F01!C4   vmxoff       f:VMX end
  VMFUNC   -        NP.0F01!D4   vmfunc       f:VMX end
  VMPTRLD  Mq       NP.0FC7/6    vmptrldMq    f:VMX m:r end
  VMCLEAR  Mq       66.0FC7/6    vmclearMq    f:VMX m:r end
  VMXON    Mq       F3.0FC7/6    vmxonMq      f:VMX m:r end
  VMPTRST  Mq       NP.0FC7/7    vmptrstMq    f:VMX m:w end
  VMREAD   Ey,Gy    NP.0F78/r    vmreadEyGy   f:VMX m:w
  VMWRITE  Gy,Ey    NP.0F79/r    vmwriteGyEy  f:VMX m:r
`,
);
