import { parseAllDocuments } from "yaml";
import { ROOT } from "./server.ts";

/** A Kubernetes object, as a chart renders it. */
export interface Rendered {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels: Record<string, string> };
  // Its shape depends on its kind, and tests/deploy/helm_test.ts checks that against Kubernetes' own.
  // deno-lint-ignore no-explicit-any
  spec: any;
}

export const CHART = `${ROOT}deploy/helm/imserver`;

/** Runs the real helm. Rejects with what it says. */
export async function helm(...args: string[]): Promise<string> {
  const program = Deno.env.get("IMSERVER_HELM") ?? "helm";
  const { success, stdout, stderr } = await new Deno.Command(program, { args, stdin: "null" }).output();
  const [out, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  if (!success) throw new Error(errors || out);
  return out;
}

/** What the chart makes of some values. */
export async function render(...args: string[]): Promise<Rendered[]> {
  const text = await helm("template", "im", CHART, "--namespace", "chat", ...args);
  return parseAllDocuments(text).flatMap((document) => {
    if (document.errors.length > 0) throw document.errors[0];
    return document.toJS() ?? [];
  });
}
