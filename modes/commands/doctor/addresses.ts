import type { Config } from "../../config.ts";
import { type Check, fault, ok, warning } from "./check.ts";

type Said = ReturnType<typeof ok>;

/** How clients reach the server: what the settings say of that must agree. */
export const publicUrl = (config: Config): Check => ({
  name: "public address",
  look: () => Promise.resolve(judgeAddress(config)),
});

export function judgeAddress(
  { publicUrl: url, tlsCert, trustedProxies, host }: Pick<
    Config,
    "publicUrl" | "tlsCert" | "trustedProxies" | "host"
  >,
): Said[] {
  if (url === undefined) {
    const isLocal = ["127.0.0.1", "::1", "localhost"].includes(host);
    if (tlsCert) {
      return [warning(
        "without --public-url links say http://localhost, and pages of other origins are not told from ours",
        "say how clients reach this server: --public-url https://chat.example.org",
      )];
    }
    return [
      isLocal ? ok("only this machine can reach it") : warning(
        "clients speak to it in plain text: passwords and messages can be read on the way",
        "set --tls-cert and --tls-key, or put it behind a proxy that has TLS (nginx/), with --public-url https://…",
      ),
    ];
  }
  const isSecure = url.startsWith("https:");
  const said: Said[] = [];
  if (!isSecure && tlsCert) {
    said.push(fault(
      `--public-url ${url} says http, and the server speaks TLS (--tls-cert)`,
      `set --public-url ${url.replace(/^http:/, "https:")}`,
    ));
  }
  if (!isSecure && !tlsCert && !/^http:\/\/(localhost|127\.|\[::1\])/.test(url)) {
    said.push(warning(
      `--public-url ${url} says http: cookies are not marked Secure, and all can be read on the way`,
      "use TLS, here with --tls-cert or in a proxy, and say https in --public-url",
    ));
  }
  if (isSecure && !tlsCert && !trustedProxies?.length) {
    said.push(fault(
      "--public-url says https and this process has no certificate, so a proxy is before it, but --trusted-proxies " +
        "is not set: all clients have the proxy's address, and one who guesses passwords locks out everybody",
      "name the proxy's address, as this machine sees it: --trusted-proxies 10.0.0.5",
    ));
  }
  if (trustedProxies?.some((network) => /\/0$/.test(network))) {
    said.push(fault(
      "--trusted-proxies trusts everybody: any client may claim any address, and no limit holds",
      "name the proxies only",
    ));
  }
  return said.length > 0 ? said : [ok(`clients reach it at ${url}`)];
}
