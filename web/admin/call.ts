import { type CallOptions, ImError, type Input, type OperationName, type Output } from "../../sdk/mod.ts";
import { learnRole } from "../state/admin_role.ts";
import { client } from "../state/server.ts";

type AdminOperation = Extract<OperationName, `admin.${string}`>;

/** Calls an operation for admins. Who is refused may be none any more, and then the whole page goes. */
export async function call<N extends AdminOperation>(
  name: N,
  input: Input<N>,
  options?: CallOptions,
): Promise<Output<N>> {
  try {
    return await client.call(name, input, options);
  } catch (error) {
    if (error instanceof ImError && error.code === "forbidden") await learnRole().catch(() => {});
    throw error;
  }
}
