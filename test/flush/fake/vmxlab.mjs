/** `vmxlab flush` as it is built, over the made-up strategies and workloads. */
import { Command } from "commander";
import { runCommand } from "../../../dist/cli/finish.js";
import { describeFlush } from "../../../dist/cli/flush/describe.js";
import { catalogue, presets } from "./catalogue.mjs";
import { VERSION } from "./worker.mjs";

const lab = {
  version: VERSION,
  catalogue,
  presets,
  worker: new URL("./worker.mjs", import.meta.url),
};
let status = 0;
const program = new Command("vmxlab").enablePositionalOptions().exitOverride();
describeFlush(
  program.command("flush"),
  async () => lab,
  (value) => {
    status = value;
  },
);
await runCommand("vmxlab", async () => {
  await program.parseAsync();
  return status;
});
