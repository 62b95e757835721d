import { createMemoryBus } from "../../bus/memory.ts";
import { busCases } from "./bus_cases.ts";

busCases("bus in memory", () => Promise.resolve({ bus: createMemoryBus(), settle: () => Promise.resolve() }));
