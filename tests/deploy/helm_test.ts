import assert from "node:assert/strict";
import { envName, SETTINGS } from "../../modes/settings.ts";
import { STOP_DEADLINE_MS } from "../../modes/run.ts";
import { CHART, helm, render, type Rendered } from "../support/helm.ts";
import { runToEnd } from "../support/processes.ts";
import { makeSecrets } from "../support/compose.ts";
import { ROOT, runProgram, tempFolder } from "../support/server.ts";

/** deploy/helm, by the real helm; what it renders is held against Kubernetes' own types and read by the program. */

const VALUES = {
  default: [] as string[],
  everything: ["-f", `${CHART}/ci/everything.yaml`],
  plain: ["-f", `${CHART}/ci/plain.yaml`],
};
type Name = keyof typeof VALUES;
const names = Object.keys(VALUES) as Name[];

const rendered = new Map<Name, Promise<Rendered[]>>();
const objects = (name: Name) => {
  if (!rendered.has(name)) rendered.set(name, render(...VALUES[name]));
  return rendered.get(name)!;
};
const ofKind = async (name: Name, kind: string) => (await objects(name)).filter((one) => one.kind === kind);
const byPart = (one: Rendered, other: Rendered) => partOf(one) < partOf(other) ? -1 : 1;
/** The dbproxy's, then the gateway's. */
const deployments = async (name: Name) => (await ofKind(name, "Deployment")).toSorted(byPart);
const containerOf = ({ spec }: Rendered) => spec.template.spec.containers[0];
const partOf = ({ metadata }: Rendered) => metadata.labels["app.kubernetes.io/component"];

Deno.test("helm: the chart has nothing to find fault with, for all values that are documented", async () => {
  for (const name of names) {
    const said = await helm("lint", CHART, "--strict", ...VALUES[name]);
    assert.match(said, /1 chart\(s\) linted, 0 chart\(s\) failed/);
  }
});

Deno.test("helm: every object is one of Kubernetes' own, with no field that it does not know", async () => {
  using folder = tempFolder();
  const packages: Record<string, string> = {
    "cert-manager.io": "npm:@kubernetes-models/cert-manager@6.0.0/",
    "monitoring.coreos.com": "npm:@kubernetes-models/prometheus-operator@6.0.0/",
  };
  const lines: string[] = [];
  const checks: string[] = [];
  for (const [at, object] of (await Promise.all(names.map(objects))).flat().entries()) {
    const { apiVersion, kind } = object;
    const from = packages[apiVersion.split("/")[0]] ?? "npm:kubernetes-models@5.1.0/";
    // A literal, so that the compiler refuses what the type does not have.
    lines.push(
      `import { ${kind} as K${at}, type I${kind} as I${at} } from "${from}${apiVersion}/${kind}";`,
      `const o${at}: I${at} = ${JSON.stringify(object)};`,
    );
    checks.push(`new K${at}(o${at} as never).validate();`);
  }
  const file = `${folder.path}/objects.ts`;
  const run = (text: string) =>
    Deno.writeTextFile(file, text).then(() =>
      runToEnd(Deno.execPath(), ["run", "--check", "--allow-read", "--allow-env", "--no-lock", file])
    );
  await run([...lines, ...checks].join("\n"));
  // And it can fail, by a field that is unknown and by a value that is wrong.
  for (const [from, to] of [['"replicas":2', '"replica":2'], ['"path":"/readyz"', '"path":7']]) {
    assert.ok(lines.some((line) => line.includes(from)), from);
    await assert.rejects(run([...lines.map((line) => line.replace(from, to)), ...checks].join("\n")));
  }
});

Deno.test("helm: names, labels and selectors meet, and every part is there", async () => {
  const all = await objects("default");
  assert.deepEqual(all.map(({ kind, metadata }) => `${kind} ${metadata.name}`).toSorted(), [
    "Deployment im-imserver-dbproxy",
    "Deployment im-imserver-gateway",
    "Ingress im-imserver",
    "NetworkPolicy im-imserver-dbproxy",
    "NetworkPolicy im-imserver-gateway",
    "PodDisruptionBudget im-imserver-dbproxy",
    "PodDisruptionBudget im-imserver-gateway",
    "Service im-imserver-dbproxy",
    "Service im-imserver-gateway",
    "ServiceAccount im-imserver",
  ]);
  assert.ok(all.every(({ metadata }) => metadata.namespace === "chat"));
  const pods = new Map((await deployments("default")).map((one) => [partOf(one), one.spec.template]));
  const matches = (selector: Record<string, string>, part: string) =>
    Object.entries(selector).every(([name, value]) => pods.get(part).metadata.labels[name] === value);
  for (const object of all.filter(({ spec }) => spec)) {
    const { kind, spec } = object;
    const selector = kind === "Service" ? spec.selector : (spec.selector ?? spec.podSelector)?.matchLabels;
    if (!selector) continue;
    const part = partOf(object);
    assert.deepEqual([...pods.keys()].filter((one) => matches(selector, one)), [part], object.metadata.name);
    const ports = new Set(
      containerOf({ spec: { template: pods.get(part) } } as Rendered).ports
        .map(({ name }: { name: string }) => name),
    );
    for (const { targetPort } of kind === "Service" ? spec.ports : []) assert.ok(ports.has(targetPort));
  }
});

Deno.test("helm: nothing runs as root or can write to its image, and a pod gets its time to drain", async () => {
  for (const name of names) {
    for (const deployment of await deployments(name)) {
      const { spec } = deployment.spec.template;
      const container = containerOf(deployment);
      assert.equal(spec.securityContext.runAsNonRoot, true);
      assert.equal(spec.automountServiceAccountToken, false);
      assert.deepEqual(container.securityContext, {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
      assert.ok(container.resources.limits.memory);
      for (const probe of ["startupProbe", "livenessProbe", "readinessProbe"]) {
        assert.equal(container[probe].httpGet.port, "ops");
      }
      assert.equal(container.readinessProbe.httpGet.path, "/readyz");
      const waits = Number(container.lifecycle?.preStop.exec.command[1] ?? 0);
      assert.ok((spec.terminationGracePeriodSeconds - waits) * 1000 > STOP_DEADLINE_MS + 5_000);
      assert.equal(deployment.spec.strategy.rollingUpdate.maxUnavailable, 0);
      assert.doesNotMatch(container.image, /:latest$|:$/);
    }
  }
  const spread = (await deployments("default")).map(({ spec }) =>
    spec.template.spec.topologySpreadConstraints
  );
  assert.ok(spread.every((one) => one.length === 2));
});

Deno.test("helm: a gateway never sees the database's password, and only gateways reach dbproxies", async () => {
  const [dbproxy, gateway] = await deployments("everything");
  const files = ({ spec }: Rendered) =>
    spec.template.spec.volumes.find(({ name }: { name: string }) => name === "config").secret.items
      .map(({ key }: { key: string }) => key);
  assert.deepEqual([files(dbproxy), files(gateway)], [["dbproxy.toml"], ["gateway.toml", "keys.json"]]);
  const policies = (await ofKind("everything", "NetworkPolicy")).toSorted(byPart);
  const open = policies.map((one) => ({
    part: partOf(one),
    in: one.spec.ingress.map((rule: { ports: { port: string }[] }) => rule.ports[0].port).join(),
    out: one.spec.egress.map((rule: { ports: { port: unknown }[] }) => rule.ports[0].port).join(),
  }));
  assert.deepEqual(open, [
    { part: "dbproxy", in: "grpc,ops", out: "3306,6379,53" },
    { part: "gateway", in: "http,ops", out: "grpc,6379,443,53" },
  ]);
  const [{ spec }] = policies;
  assert.equal(spec.ingress[0].from[0].podSelector.matchLabels["app.kubernetes.io/component"], "gateway");
});

Deno.test("helm: the program takes what the chart sets, with the secrets that make-secrets.sh makes", async () => {
  using folder = tempFolder();
  await makeSecrets(folder.path);
  const secrets = `${folder.path}/secrets`;
  const known = new Set(Object.values(SETTINGS).map(({ flag }) => envName(flag)));
  for (const name of names) {
    for (const deployment of await deployments(name)) {
      const part = partOf(deployment);
      const place: Record<string, string> = {
        "/run/secrets/imserver/imserver.toml": `${secrets}/${part}.toml`,
        "/run/secrets/imserver/keys.json": `${secrets}/keys.json`,
        "/run/secrets/grpc/ca.crt": `${secrets}/grpc-ca.crt`,
        "/run/secrets/grpc/tls.crt": `${secrets}/grpc-${part}.crt`,
        "/run/secrets/grpc/tls.key": `${secrets}/grpc-${part}.key`,
      };
      const { env, args } = containerOf(deployment) as {
        env: { name: string; value: string }[];
        args: string[];
      };
      const set = Object.fromEntries(env.map(({ name, value }) => [name, place[value] ?? value]));
      const unknown = Object.keys(set).filter((one) => !known.has(one) && one !== "IMSERVER_CONFIG");
      assert.deepEqual(unknown, []);
      const { code, stderr } = await runProgram([...args, "--check-config"], { env: set });
      assert.equal(code, 0, stderr);
    }
  }
  const [, gateway] = await deployments("everything");
  const value = (name: string) =>
    containerOf(gateway).env.find((one: { name: string }) => one.name === name)?.value;
  assert.equal(value("IMSERVER_RATE_LIMIT_SCALE"), "1.5");
  assert.equal(value("IMSERVER_MAX_GROUP_MEMBERS"), "5000");
  assert.equal(value("IMSERVER_DBPROXY"), "dns:im-imserver-dbproxy:9000");
  const certificates = await ofKind("everything", "Certificate");
  assert.ok(certificates.some(({ spec }) => spec.dnsNames?.includes("im-imserver-dbproxy")));
});

Deno.test("helm: sockets are kept open by the ingress, scaling down takes one gateway at a time", async () => {
  const [ingress] = await ofKind("default", "Ingress");
  assert.equal(ingress.spec.rules[0].host, "chat.example.org");
  const [{ spec: everything }] = await ofKind("everything", "Ingress");
  assert.deepEqual([everything.rules[0].host, everything.tls[0].hosts], ["im.example.org", [
    "im.example.org",
  ]]);
  const scalers = await ofKind("everything", "HorizontalPodAutoscaler");
  const gateway = scalers.find((one) => partOf(one) === "gateway")!;
  const metrics = gateway.spec.metrics.map((one: { pods?: { metric: { name: string } } }) =>
    one.pods?.metric.name ?? "cpu"
  );
  assert.deepEqual(metrics, ["imserver_connections", "imserver_event_loop_delay_p99_seconds", "cpu"]);
  assert.equal(gateway.spec.behavior.scaleDown.policies[0].value, 1);
  assert.ok((await deployments("everything")).every(({ spec }) => spec.replicas === undefined));
  // What the adapter is told to make are the metrics that are asked for.
  const adapter = await Deno.readTextFile(`${ROOT}deploy/helm/prometheus-adapter.yaml`);
  for (const name of metrics.slice(0, 2)) assert.ok(adapter.includes(`as: ${name} `), name);
});

Deno.test("helm: the alerts are those of deploy/prometheus, and values that mean nothing are refused", async () => {
  const [copy, original] = await Promise.all(
    [`${CHART}/alerts.yml`, `${ROOT}deploy/prometheus/alerts.yml`].map((path) => Deno.readTextFile(path)),
  );
  assert.equal(copy, original, "cp deploy/prometheus/alerts.yml deploy/helm/imserver/");
  const [rule] = await ofKind("everything", "PrometheusRule");
  assert.ok(rule.spec.groups[0].rules.length > 5);
  for (
    const wrong of ["gateway.replica=3", "publicUrl=chat.example.org", "gateway.replicas=0", "log.level=loud"]
  ) {
    await assert.rejects(render("--set", wrong), wrong);
  }
});
