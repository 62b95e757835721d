import assert from "node:assert/strict";
import { loadAssets } from "../../gateway/assets.ts";
import { eventually, openBrowser } from "../support/browser.ts";
import { ROOT, tempFolder } from "../support/server.ts";
import { en } from "../../web/text/en.ts";

const dist = new URL(`file://${ROOT}web/dist/`);

/** A server of the page alone, which is a newer one from some time on; to its API everybody is a guest. */
async function serveShell() {
  const folder = tempFolder();
  for await (const { name, isFile } of Deno.readDir(dist)) {
    if (isFile && !/^(sw\.js|index\.html)\.gz$/.test(name)) {
      await Deno.copyFile(new URL(name, dist), `${folder.path}/${name}`);
    }
  }
  const original = await Deno.readTextFile(`${folder.path}/index.html`);
  const read = () => loadAssets(new URL(`file://${folder.path}/`));
  let assets = await read();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url);
    const problem = { status: 401, headers: { "content-type": "application/problem+json" } };
    if (pathname.startsWith("/api/")) return new Response(`{"code":"unauthenticated"}`, problem);
    return assets.serve(pathname, null, null) ?? new Response("", { status: 404 });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    async release(change: (html: string) => string, integrity: boolean) {
      const page = await Deno.readTextFile(`${folder.path}/index.html`);
      const changed = change(page);
      await Deno.writeTextFile(`${folder.path}/index.html`, changed);
      const hashOf = async (text: string) => {
        const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
        return `sha256-${new Uint8Array(hash).toBase64()}`;
      };
      const worker = await Deno.readTextFile(`${folder.path}/sw.js`);
      const next = integrity ? worker.replace(await hashOf(original), await hashOf(changed)) : worker;
      await Deno.writeTextFile(
        `${folder.path}/sw.js`,
        next.replace(/"version":"/, `"version":"${changed.length}.`),
      );
      assets = await read();
    },
    async [Symbol.asyncDispose]() {
      await server.shutdown();
      folder[Symbol.dispose]();
    },
  };
}

Deno.test("the page can be installed, and is replaced by a newer one when its reader says so", async () => {
  await using server = await serveShell();
  await using browser = await openBrowser();
  const page = await browser.newPage();
  await page.goto(server.url);
  const mark = (html: string) => html.replace("<head>", `<head><meta name="release" content="2">`);
  const release = () => page.locator("meta[name=release]").count();
  const versions = () => page.evaluate(async () => (await caches.keys()).length);

  // What a browser wants before it offers to install: a manifest with icons that are what they say.
  const link = await page.locator("link[rel=manifest]").getAttribute("href");
  const answer = await page.request.get(new URL(link!, server.url).href);
  assert.equal(answer.headers()["content-type"], "application/manifest+json");
  const manifest = await answer.json();
  assert.deepEqual([manifest.start_url, manifest.scope, manifest.display], ["/", "/", "standalone"]);
  for (
    const { src, sizes, type } of manifest.icons.filter((icon: { type: string }) => icon.type === "image/png")
  ) {
    const size = await page.evaluate(async (url) => {
      const image = new Image();
      image.src = url;
      await image.decode();
      return `${image.naturalWidth}x${image.naturalHeight}`;
    }, src);
    assert.deepEqual([size, type], [sizes, "image/png"]);
  }
  const purposes = manifest.icons.map(({ sizes, purpose = "any" }: Record<string, string>) =>
    `${sizes} ${purpose}`
  );
  for (const wanted of ["192x192 any", "512x512 any", "512x512 maskable"]) {
    assert.ok(purposes.includes(wanted));
  }
  await using session = await page.context().newCDPSession(page).then((cdp) => ({
    errors: async () =>
      (await cdp.send("Page.getInstallabilityErrors")).installabilityErrors.map(({ errorId }) => errorId),
    [Symbol.asyncDispose]: () => cdp.detach(),
  }));
  await page.evaluate(async () => void await navigator.serviceWorker.ready);
  // A private window, as this one is, cannot install anything.
  assert.deepEqual((await session.errors()).filter((id) => id !== "in-incognito"), []);
  await eventually(versions, 1);

  // Files of two versions at once, as in a cluster that is being updated, are no version.
  await server.release(mark, false);
  const failed = await page.evaluate(async () => {
    const registration = (await navigator.serviceWorker.getRegistration())!;
    await registration.update();
    const next = registration.installing;
    while (next && next.state !== "redundant" && next.state !== "installed") {
      await new Promise((resolve) => next.addEventListener("statechange", resolve, { once: true }));
    }
    return next?.state;
  });
  assert.equal(failed, "redundant");
  await page.reload();
  assert.equal(await release(), 0, "the page of before");
  await page.getByRole("heading", { name: en.logIn }).waitFor();
  assert.equal(await page.getByTestId("update-bar").count(), 0);

  await server.release((html) => html.replace(`content="2"`, `content="3"`), true);
  await page.reload();
  await page.getByTestId("update-bar").waitFor();
  assert.equal(await release(), 0, "nothing changes before it is asked for");
  await page.getByTestId("update-bar").getByRole("button", { name: en.reload }).click();
  await eventually(release, 1, 60_000);
  assert.equal(await page.getByTestId("update-bar").count(), 0);
});
