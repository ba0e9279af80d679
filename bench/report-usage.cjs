/** Loaded into a process that is measured: reports its resource usage on descriptor 3 at its end. */
const { writeSync } = require("node:fs");

process.on("exit", () => {
  writeSync(3, JSON.stringify(process.resourceUsage()));
});
