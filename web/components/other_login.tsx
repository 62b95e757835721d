import { useEffect, useState } from "preact/hooks";
import { type ErrorCode, ERRORS, ImError } from "../../sdk/mod.ts";
import { client } from "../state/server.ts";
import { tell, text } from "../state/settings.ts";

/** As in gateway/oidc.ts. A page and no call: the browser goes there and comes back. */
const START = "/api/v1/auth/oidc/start";

/** The way in by another server, where there is one, and what went wrong with it. */
export function OtherLogin() {
  const [name, setName] = useState<string | null>(null);
  const [failed] = useState(takeFailure);
  useEffect(() => {
    // Without an answer there is the form above, which says so when it is used.
    client.call("auth.methods", {}).then(({ oidc }) => setName(oidc?.name ?? null), () => {});
  }, []);
  return (
    <>
      {failed && <p class="error" role="alert">{tell(failed)}</p>}
      {name !== null && <a class="button" href={START}>{text.value.otherLogin(name)}</a>}
    </>
  );
}

/** What the server has written behind the # when it sent the browser back; once. */
function takeFailure(): ImError | null {
  const code = /^#\/oidc\/(\w+)$/.exec(location.hash)?.[1];
  if (code === undefined) return null;
  history.replaceState(null, "", location.pathname);
  return new ImError(Object.hasOwn(ERRORS, code) ? code as ErrorCode : "oidc_failed");
}
