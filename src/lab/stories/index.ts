/** All scenarios, and those that are not built with the reason. */
import type { Scenario } from "../scenario.ts";
import { apicPageMoves } from "./apic-page-moves.ts";

export const SCENARIOS: readonly Scenario[] = [apicPageMoves];
