/** Strategies and workloads without an engine: tests of what is built around it need no long runs. */

const strategy = (name, status, title) => [
  name,
  { name, title, status, condition: "", cost: "", make: () => undefined },
];

export const strategies = new Map([
  strategy("F0", "comparison", "flush always"),
  strategy("F1", "exists", "flush all"),
  strategy("F3", "discussed", "flush by root"),
  strategy("F2x", "broken", "flush too little"),
  strategy("lazy", "discussed", "never flush"),
]);

const FAULTS = ["none", "throw", "exit", "exit-once", "memory", "hang"];

export const workloads = new Map([
  [
    "E1",
    {
      name: "E1",
      title: "made up",
      text: "Counts are made up from names, parameters and seed.",
      parameters: [
        { name: "rate", text: "events", default: 50, min: 0, max: 1000 },
        { name: "locality", text: "share", default: 0.5, min: 0, max: 1 },
        { name: "l2.guests", text: "guests", default: 1, min: 0, max: 8, integer: true },
        { name: "ms", text: "time a job takes", default: 0, min: 0, max: 10000, integer: true },
        { name: "change", text: "kind", default: "migrate", oneOf: ["migrate", "swap"] },
        { name: "huge", text: "huge pages", default: false },
        { name: "fault", text: "what goes wrong", default: "none", oneOf: FAULTS },
        { name: "scratch", text: "a folder in which faults leave notes", default: "" },
      ],
    },
  ],
  [
    "E2",
    {
      name: "E2",
      title: "made up as well",
      text: "Has fewer parameters.",
      parameters: [{ name: "rate", text: "events", default: 20, min: 0, max: 1000 }],
    },
  ],
]);

export const presets = new Map([
  [
    "small",
    {
      name: "small",
      title: "A small preset",
      question: "Which is cheaper?",
      seeds: 3,
      groups: [
        {
          workload: "E1",
          strategies: ["F1", "F3", "F2x"],
          set: { rate: 100 },
          sweep: { locality: [0.2, 0.8], "l2.guests": [1, 2] },
        },
        { workload: "E2", strategies: ["F1"] },
      ],
    },
  ],
]);

export const catalogue = { strategies, workloads };
