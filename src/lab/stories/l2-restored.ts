/** S7b: userspace sets L1's registers and restores a running L2 behind that. */
import { getNestedState, leaveNested, setNestedState } from "../../l0/nested/saved-state.ts";
import { applyStart } from "../../l0/reset.ts";
import { l1, launch } from "../hypervisor-code.ts";
import { ept12At, eptpOf, hypervisorWorld, L1_DIRECTORY, LINEAR } from "../l2-world.ts";
import { CODE, halt, pause, program, ready, until, vmcall } from "../program.ts";
import type { Scenario } from "../scenario.ts";
import { hypervisor, stackOf } from "../start-states.ts";
import type { World } from "../world.ts";
import { A, B, beginVmx, DATA, FLAG, PAGE, reads } from "./common.ts";

const OTHER = DATA + PAGE;
/** Page table of L1 for LINEAR. */
const TABLE = 0x36000;
const PRESENT = 3;

/** What a VMM does with a vCPU that it has saved: memory, registers of L1, nested state. */
function* restore(world: World) {
  const vcpu = world.l0.vcpus[0]!;
  yield "KVM_GET_NESTED_STATE";
  yield* vcpu.ioctl(function* () {
    const state = getNestedState(vcpu);
    yield* leaveNested(vcpu);
    world.poke(TABLE, OTHER | PRESENT);
    // KVM_SET_SREGS: what was cached by L1's tables must go.
    applyStart(vcpu, hypervisor(CODE, L1_DIRECTORY, stackOf(0)));
    const refused = yield* setNestedState(vcpu, state);
    if (refused !== undefined) throw new Error(`the nested state is refused: ${refused}`);
  });
  world.poke(FLAG, 1);
}

export const restoredL2: Scenario = {
  name: "l2-restored-behind-registers",
  ids: ["S7"],
  title: "Userspace sets L1's registers and restores L2 before L1 has run",
  story:
    "KVM_SET_SREGS asks for a flush of what L1's tables gave, and KVM_SET_NESTED_STATE enters L2 before the " +
    "vCPU's loop has come to its requests. The flush concerns L1's VPID: it is carried out before L2's " +
    "VMCS becomes the current one.",
  world: hypervisorWorld({
    programs: [
      program(...[...beginVmx(), l1.read(LINEAR), launch, l1.read(LINEAR), l1.tell, halt]),
    ],
    guests: [
      { code: program(ready, until(FLAG, pause), vmcall), eptp: eptpOf(ept12At(0)), vpid: 5 },
    ],
    ept12s: [{}],
    words: {
      [L1_DIRECTORY + 4]: TABLE | PRESENT,
      [TABLE]: DATA | PRESENT,
      [DATA]: A,
      [OTHER]: B,
      [FLAG]: 0,
    },
  }),
  threads: { userspace: restore },
  promises: ["I1", "I2", "I4", "I7"],
  own: [reads("L1 reads the page that its restored tables give", B)],
  variants: [
    {
      breaks: ["ServeLate"],
      expect: "lost-request",
      why: "the flush is made for L2's VPID, and L1 goes on with what its old tables gave",
    },
    {
      breaks: ["DropOnSwitch"],
      expect: "lost-request",
      why: "the request is forgotten with L1's context",
    },
    {
      breaks: ["EscalateToAll"],
      expect: "nothing",
      why: "everything of the processor goes: it only costs more",
    },
  ],
};
