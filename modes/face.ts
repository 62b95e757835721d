import { type KeySet, loadKeys } from "../auth/keys.ts";
import { createLoginThrottle } from "../auth/login_throttle.ts";
import { openPasswords } from "../auth/passwords.ts";
import { createLoginSeals } from "../auth/sealed_login.ts";
import { createTokens } from "../auth/tokens.ts";
import type { Bus } from "../bus/bus.ts";
import { offerSetup } from "../chat/accounts.ts";
import { startFileSweep } from "../chat/file_sweep.ts";
import { createRequireAdmin } from "../chat/admin.ts";
import { startBroadcasts } from "../chat/broadcasts.ts";
import { startDeletions } from "../chat/deletions.ts";
import { startFigures } from "../chat/figures.ts";
import { createHub } from "../chat/hub.ts";
import { createHandlers } from "../chat/mod.ts";
import { createPresence } from "../chat/presence.ts";
import { startSessionSweep } from "../chat/session_sweep.ts";
import { startSweep } from "../chat/sweep.ts";
import { gatheredCheck, gathering } from "../data/gathering.ts";
import type { Data } from "../data/service.ts";
import { asyncApi } from "../gateway/asyncapi.ts";
import { loadAssets } from "../gateway/assets.ts";
import { GatewayNumbers } from "../gateway/numbers.ts";
import { RateLimits } from "../gateway/rate_limits.ts";
import { scaledPolicies } from "../gateway/rate_policies.ts";
import { openApi } from "../gateway/openapi.ts";
import { createIds } from "../kit/ids.ts";
import type { Logger } from "../kit/log.ts";
import type { Metrics } from "../kit/metrics.ts";
import type { Tracer } from "../kit/tracer.ts";
import { RedisDebts } from "../kit/redis_debts.ts";
import { openThumbnails } from "../media/thumbnails.ts";
import { openBlobs, openDirectory, openSharedRedis } from "./build.ts";
import { type Config, readPem } from "./config.ts";
import { showDeliveries, showGateway } from "./gateway_metrics.ts";
import { openOidc } from "./oidc.ts";
import { watchOwnFigures } from "./own_figures.ts";
import { assetsFolder, baseUrl, setupUrl } from "./places.ts";
import { openGateway } from "./ports.ts";
import type { Readiness } from "./readiness.ts";
import type { Parts } from "./run.ts";
import { VERSION } from "./version.ts";
import { watchFiles } from "./watch_files.ts";
import { PASSWORD_WORKER, spawnWorker, THUMBNAIL_WORKER } from "./workers.ts";

/** The last part of the stopping deadline is for the parts below the gateway. */
const DRAIN_MS = 7_000;

const DAY_MS = 24 * 3_600_000;

export interface FaceParts {
  data: Data;
  bus: Bus;
  keys: KeySet;
  readiness: Readiness;
  metrics: Metrics;
  /** Absent: nothing is traced. */
  tracer?: Tracer;
  log: Logger;
}

/** All that a client meets, over whatever Data and Bus there are. Answers the URL a person opens. */
export async function openFace(config: Config, face: FaceParts, parts: Parts): Promise<string> {
  const { bus, keys, readiness, metrics, tracer, log } = face;
  const data = gathering(face.data);
  const passwords = openPasswords({ spawn: () => spawnWorker(PASSWORD_WORKER) });
  parts.add("passwords", () => passwords.close());

  const now = Date.now;
  const tokens = createTokens(keys, { now });
  const seals = createLoginSeals(keys, now);
  const useKeys = async () => {
    const next = await loadKeys(config.keyFile);
    tokens.useKeys(next);
    seals.useKeys(next);
  };
  parts.add("key file", await watchFiles([config.keyFile], { what: "signing keys", onChange: useKeys, log }));
  const broadcasts = startBroadcasts({ admin: data.admin, bus, log, now });
  parts.add("broadcasts", () => broadcasts.close());
  const eraseFiles = async (userId: number) => (await data.files.removeOf({ userId, limit: 100 })).more;
  const deletions = startDeletions({ profiles: data.profiles, bus, log, now, eraseFiles });
  parts.add("deletions", () => deletions.close());
  const shared = await openSharedRedis(config, { log, metrics, tracer });
  parts.add("shared redis", () => shared?.close());
  const directory = await openDirectory(config, shared, log);
  parts.add("directory", () => directory.close());
  const presence = createPresence({ bus, directory, data, now });
  parts.add("presence", () => presence.close());
  const limits = config.rateLimitScale === 0 ? undefined : new RateLimits({
    policies: scaledPolicies(config.rateLimitScale),
    nowMs: () => performance.now(),
    shared: shared && new RedisDebts(shared),
  });
  parts.add("rate limits", () => limits?.close());
  const blobs = await openBlobs(config);
  const thumbnails = openThumbnails({
    spawn: () => spawnWorker(THUMBNAIL_WORKER),
    onFailure: (because) => log.debug("no thumbnail", { because }),
  });
  parts.add("thumbnails", () => thumbnails.close());
  let gatewayName = Deno.hostname();
  const own = watchOwnFigures(metrics, {
    id: crypto.randomUUID(),
    name: () => gatewayName,
    version: VERSION,
  });
  const figures = startFigures({ bus, own: own.read, now });
  parts.add("figures", () => {
    figures.close();
    own.close();
  });
  const sessionParts = {
    data,
    bus,
    tokens,
    now,
    nextId: createIds(now),
    maxSessionsPerKind: config.maxSessionsPerKind,
    registration: config.registration,
  };
  const handlers = createHandlers({
    ...sessionParts,
    oidcName: config.oidcIssuer && config.oidcName,
    figures,
    broadcasts,
    deletions,
    serverName: config.publicUrl ? new URL(config.publicUrl).host : "IMServer",
    usernameDays: config.usernameDays,
    maxBotsPerOwner: config.maxBotsPerUser,
    presence,
    directory,
    passwords,
    throttle: createLoginThrottle({ redis: shared }),
    friendsOnly: config.directPolicy === "friends",
    requestExpiryMs: config.friendRequestDays * DAY_MS,
    recallWindowMs: config.recallWindow * 1000,
    blobs,
    makeThumbnail: thumbnails.make,
    maxFileBytes: config.maxFileSize,
    fileQuotaBytes: config.fileQuota,
    fileLinkSeconds: config.fileLinkSeconds,
    maxGroupMembers: config.maxGroupMembers,
  });
  const keepMs = config.fileRetention * 1000;
  const fileSweep = blobs &&
    startFileSweep({ files: data.files, blobs, log, now, random: Math.random, keepMs });
  parts.add("file sweep", () => fileSweep?.close());
  const hub = createHub({
    bus,
    presence,
    listening: (userId) => data.conversations.listening({ userId }),
    tail: (request) => data.log.tail(request),
    tracer,
    onDelivered: showDeliveries(metrics, now),
  });
  metrics.gauge("imserver_connections", "Open WebSockets.", () => hub.connections);
  metrics.gauge("imserver_connected_users", "Users with an open WebSocket here.", () => hub.users);
  const onGap: Bus["onGap"] = (listener) => bus.onGap(listener);
  const sweep = startSweep({ feed: data.log, hub, log, onGap });
  parts.add("sweep", () => sweep.close());
  metrics.counterOf(
    "imserver_sweep_repairs_total",
    "Logs in which the sweep found a push that was lost.",
    () => sweep.repaired,
  );
  const sessionSweep = startSessionSweep({ sessions: data.sessions, hub, log, onGap });
  parts.add("session sweep", () => sessionSweep.close());

  const certificate = () =>
    config.tlsCert && config.tlsKey
      ? { cert: readPem("tls-cert", config.tlsCert), key: readPem("tls-key", config.tlsKey) }
      : undefined;
  const gateway = await openGateway(config, {
    handlers,
    hub,
    tokens,
    requireRunning: gatheredCheck(data.sessions),
    bots: data.bots,
    requireAdmin: createRequireAdmin(data, config.adminSecondFactor === "required"),
    epoch: async () => (await data.log.epoch({ raise: false })).epoch,
    assets: await loadAssets(assetsFolder(), {
      "/openapi.json": openApi(VERSION),
      "/asyncapi.json": asyncApi(VERSION),
    }),
    limits,
    oidc: openOidc(config, { ...sessionParts, seals, log }),
    numbers: new GatewayNumbers(metrics),
    tracer,
    log,
    now,
    maxConnectsPerSecond: config.maxConnectsPerSecond,
    allowedOrigins: config.publicUrl ? [new URL(config.publicUrl).origin] : [],
    secure: config.publicUrl?.startsWith("https:") ?? config.tlsCert !== undefined,
    trustedProxies: config.trustedProxies,
    tls: certificate(),
  });
  showGateway(metrics, gateway, limits);
  gatewayName += `:${gateway.port}`;
  if (config.tlsCert && config.tlsKey) {
    const onChange = () => Promise.resolve(gateway.useCertificate(certificate()!));
    const files = [config.tlsCert, config.tlsKey];
    parts.add("certificate", await watchFiles(files, { what: "certificate", onChange, log }));
  }
  parts.add("gateway", () => {
    readiness.say("stopping");
    return gateway.drain(DRAIN_MS);
  });
  return baseUrl(config, gateway.port);
}

/** Prints the link that makes the first admin, where nobody has an account yet. */
export async function greetFirstRun(data: Data, url: string, log: Logger): Promise<void> {
  const token = await offerSetup(data, { now: Date.now(), onlyIfNew: true });
  if (!token) return;
  log.info("first run: make the admin with this link, once, within 24 hours", { link: setupUrl(url, token) });
}
