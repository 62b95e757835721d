import { ImError } from "../../wire/errors.ts";
import type { Input, OperationName } from "../../wire/operations.ts";
import { rest } from "../support/people.ts";
import type { Answer } from "./row.ts";
import type { Actor } from "./scene.ts";

export type Door = "REST" | "WebSocket";

/** What an actor is answered at a door: `ok` with the output, or the stable code with what is said. */
export async function ask<N extends OperationName>(
  url: string,
  door: Door,
  actor: Actor,
  name: N,
  input: Input<N>,
): Promise<{ code: Answer; said: unknown }> {
  try {
    const said = door === "REST"
      ? await rest(url, name, input, actor.person?.accessToken)
      : await actor.wire!.call(name, input);
    return { code: "ok", said };
  } catch (error) {
    if (error instanceof ImError) return { code: error.code, said: error.message };
    throw error;
  }
}

/** Who has no session gets no WebSocket. */
export function doorsOf(actor: Actor): Door[] {
  return actor.wire ? ["REST", "WebSocket"] : ["REST"];
}
