import { connectData } from "../../../data/remote/client.ts";
import { silent } from "../../../kit/log.ts";
import type { AddressParts } from "../../values.ts";
import { type Config, grpcTls } from "../../config.ts";
import { type Check, fault, ok } from "./check.ts";

const READY_WITHIN_MS = 4_000;
const ASK_WITHIN_MS = 3_000;

type Said = ReturnType<typeof ok>;

/** Each by itself: that another one answers helps only for a while. */
export function dbproxyChecks(config: Config): Check[] {
  return (config.dbproxy ?? []).map((address) => ({
    name: `dbproxy ${address.host}:${address.port}`,
    look: () => lookAt(address, config),
  }));
}

async function lookAt(address: AddressParts, config: Config): Promise<Said> {
  const tls = grpcTls(config);
  const trouble = Promise.withResolvers<string>();
  const warn = (message: string, fields?: Record<string, unknown>) =>
    trouble.resolve(String(fields?.why ?? message));
  const log = { ...silent, warn };
  const trust = tls?.ca ? { ...tls, ca: tls.ca } : undefined;
  const remote = connectData({ dbproxies: [address], tls: trust, log, timeoutMs: ASK_WITHIN_MS });
  try {
    // What fails once for a reason that it names is not going to get well while we wait.
    const why = await Promise.race([
      trouble.promise,
      remote.untilReady(READY_WITHIN_MS).then((ready) => ready ? null : ""),
    ]);
    if (why !== null) {
      const withoutDatabase = /database/i.test(`${why} ${remote.trouble()}`);
      return judgeTrouble({ why, withoutDatabase, hasTls: trust !== undefined });
    }
    const { epoch } = await remote.data.log.epoch({ raise: false });
    return ok(`answers, and so does its database (epoch ${epoch})`);
  } catch (error) {
    return fault(
      `it is there, but does not answer a question (${(error as Error).message})`,
      "look at its log: its database may be away, or it may be another version than this program",
    );
  } finally {
    remote.close();
  }
}

/** `why`: what gRPC says, which is no language for people. */
export function judgeTrouble(
  { why, withoutDatabase, hasTls }: { why: string; withoutDatabase: boolean; hasTls: boolean },
): Said {
  if (withoutDatabase) {
    return fault("it is there, but has lost its database", "run imserver doctor with the dbproxy's settings");
  }
  if (/certificate|self.signed|issuer|alert|handshake|ssl|tls|unknown.?ca|bad_?certificate/i.test(why)) {
    return fault(
      `it is there, but the two do not trust each other (${why})`,
      "both sides need certificates signed by the authority that the other names in --grpc-tls-ca; the dbproxy's must name its host",
    );
  }
  if (/ECONNREFUSED|refused/i.test(why)) {
    return fault("nothing listens there", "start the dbproxy, or correct --dbproxy and its --grpc-listen");
  }
  if (/ENOTFOUND|EAI_|resolution|getaddrinfo/i.test(why)) {
    return fault("there is no such host", "correct --dbproxy, or the name service");
  }
  return fault(
    `no answer that it takes calls${why ? ` (${why})` : ""}`,
    hasTls
      ? "see that it listens there with TLS (--grpc-tls-cert), and at firewalls in between"
      : "see that it listens there and without TLS (or give this side --grpc-tls-ca), and at firewalls in between",
  );
}
