import { openRemoteData } from "../support/remote_data.ts";
import { dataCases } from "./data_cases.ts";
import { START_MS } from "./data_world.ts";

dataCases("data, over gRPC", () => openRemoteData({ startMs: START_MS }), { large: true });
