import { type Parameter, type Route, urlOf } from "./document.ts";
import { element } from "./element.ts";

/** The form that sends one operation, and what was answered. */
export function requestForm(route: Route, token: () => string): HTMLFormElement {
  const { method, operation } = route;
  const inputs = new Map((operation.parameters ?? []).map((one) => [one.name, inputFor(one)]));
  const [mediaType, body] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  const isJson = mediaType === "application/json";
  const text = element("textarea", { rows: 8, spellcheck: false });
  text.value = JSON.stringify(body?.example, null, 2) ?? "";
  const file = element("input", { type: "file" });
  const answer = element("output");
  const form = element("form", { noValidate: true });
  for (const [name, input] of inputs) form.append(element("label", {}, name, input));
  if (body) form.append(element("label", {}, isJson ? "Body" : "File", isJson ? text : file));
  form.append(element("button", { type: "submit" }, "Send"), answer);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void send();
  });
  return form;

  async function send(): Promise<void> {
    const headers = new Headers();
    if (token() !== "") headers.set("authorization", `Bearer ${token()}`);
    if (body) headers.set("content-type", isJson ? mediaType : "application/octet-stream");
    const fields = new Map([...inputs].map(([name, input]) => [name, input.value]));
    const sent = !body ? undefined : isJson ? text.value : file.files?.[0];
    answer.replaceChildren("…");
    try {
      const response = await fetch(urlOf(route, fields), { method, headers, body: sent });
      answer.className = response.ok ? "" : "failed";
      const said = `${response.status} ${response.statusText}`;
      answer.replaceChildren(said, element("pre", {}, await readable(response)));
    } catch (error) {
      answer.className = "failed";
      answer.replaceChildren(String(error));
    }
  }
}

function inputFor({ schema, required }: Parameter): HTMLInputElement {
  const placeholder = schema.default === undefined ? "" : String(schema.default);
  return element("input", { required, placeholder, title: schema.description ?? "", autocomplete: "off" });
}

async function readable(response: Response): Promise<string> {
  const type = response.headers.get("content-type") ?? "";
  if (!/json/.test(type)) return `${(await response.blob()).size} bytes of ${type || "nothing"}`;
  return JSON.stringify(await response.json(), null, 2);
}
