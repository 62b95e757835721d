import { type Document, type Route, routesOf } from "./document.ts";
import { element } from "./element.ts";
import { requestForm } from "./request_form.ts";

/** The page at /docs: every operation of /openapi.json, its shapes, and a form to try it. */

const byId = (id: string) => document.getElementById(id)!;
const token = () => (byId("token") as HTMLInputElement).value.trim();

/** `harmless` and the like; wire/idempotency.ts says what each means. */
const repeated = ({ operation }: Route) => `repeated: ${operation["x-idempotency"]}`;

function operationDetails(route: Route): HTMLDetailsElement {
  const { operation, method, path } = route;
  const details = element(
    "details",
    { id: operation.operationId },
    element(
      "summary",
      {},
      element("strong", {}, operation.operationId),
      ` ${operation.summary} `,
      element("small", {}, `${method} ${path}`),
    ),
  );
  // Made when it is opened: a hundred forms at once are slow.
  details.addEventListener("toggle", () => {
    if (details.childElementCount > 1) return;
    const access = operation.security.length === 0 ? "needs no session" : "needs a session";
    const shapes = {
      parameters: operation.parameters,
      requestBody: operation.requestBody,
      200: operation.responses[200],
    };
    details.append(element(
      "div",
      { className: "inside" },
      element("p", {}, `${access}; ${repeated(route)}; rate limit: ${operation["x-rate-limit"]}`),
      requestForm(route, token),
      element("details", {}, element("summary", {}, "Shapes"), json(shapes)),
    ));
  });
  return details;
}

const json = (value: unknown) => element("pre", {}, JSON.stringify(value, null, 2));

function show(api: Document): void {
  const groups = Map.groupBy(routesOf(api), ({ operation }) => operation.tags[0]);
  byId("operations").replaceChildren(
    ...[...groups].map(([tag, routes]) =>
      element("section", {}, element("h2", {}, tag), ...routes.map(operationDetails))
    ),
  );
  const schemas = Object.entries(api.components.schemas).map(([name, schema]) =>
    element("details", { id: `schema-${name}` }, element("summary", {}, name), json(schema))
  );
  byId("schemas").replaceChildren(element("h2", {}, "Shapes"), ...schemas);
  byId("operations").removeAttribute("aria-busy");
}

/** Only the operations that have the words in their line. */
function find(words: string): void {
  for (const section of byId("operations").children) {
    let any = false;
    for (const details of section.querySelectorAll<HTMLDetailsElement>(":scope > details")) {
      details.hidden = !details.firstElementChild!.textContent!.toLowerCase().includes(words.toLowerCase());
      any ||= !details.hidden;
    }
    (section as HTMLElement).hidden = !any;
  }
}

byId("find").addEventListener("input", (event) => find((event.target as HTMLInputElement).value.trim()));
const response = await fetch("/openapi.json");
show(await response.json());
