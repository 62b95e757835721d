import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { buildWeb } from "./web.ts";

async function toyRepository(): Promise<{ root: string; options: Parameters<typeof buildWeb>[0] }> {
  const root = await Deno.makeTempDir({ prefix: "web_test_" });
  const write = async (path: string, text: string) => {
    await Deno.mkdir(`${root}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(`${root}/${path}`, text);
  };
  await write("deno.json", "{}");
  await write("web/main.tsx", `import { hello } from "../sdk/mod.ts";\ndocument.title = hello("web");\n`);
  await write("sdk/mod.ts", `export const hello = (name: string): string => "hello " + name;\n`);
  await write("web/static/app.css", `body { background: url("icons/a.svg") }\n`.repeat(10));
  await write("web/static/sw.js", "self.addEventListener('fetch', () => {});\n");
  await write("web/static/icons/a.svg", "<svg/>");
  await write(
    "web/static/index.html",
    `<link rel="stylesheet" href="/app.css"><a href="https://a.example/x.js">x</a>` +
      `<script type="module" src="/main.js"></script>\n`,
  );
  const inputs = ["web", "sdk"];
  return {
    root,
    options: { root, entry: "web/main.tsx", statics: "web/static", inputs, output: "web/dist" },
  };
}

const read = (path: string) => Deno.readTextFile(path);

Deno.test("web: names by content, copies the rest, compresses, and does nothing twice", async () => {
  const { root, options } = await toyRepository();
  assert.equal(await buildWeb(options), true);
  const dist = `${root}/web/dist`;
  const html = await read(`${dist}/index.html`);
  const [, css, script] =
    /href="\/(app-[0-9a-f]{8}\.css)".*href="https:\/\/a\.example\/x\.js".*src="\/(main-[0-9a-f]{8}\.js)"/
      .exec(html) ?? [];
  assert(css && script, html);
  assert.match(await read(`${dist}/${script}`), /hello/);
  assert.deepEqual(
    gunzipSync(await Deno.readFile(`${dist}/${css}.gz`)).toString(),
    await read(`${root}/web/static/app.css`),
  );
  const names = Array.from(Deno.readDirSync(dist), ({ name }) => name).filter((name) =>
    !name.endsWith(".gz")
  );
  assert.deepEqual(names.toSorted(), [".stamp", css, "icons", "index.html", script, "sw.js"].toSorted());

  assert.equal(await buildWeb(options), false, "nothing changed");
  await Deno.writeTextFile(`${root}/sdk/mod.ts`, `export const hello = (name: string): string => name;\n`);
  assert.equal(await buildWeb(options), true, "a module it imports changed");
  assert.doesNotMatch(await read(`${dist}/index.html`), new RegExp(script), "another content, another name");
  await Deno.remove(root, { recursive: true });
});

Deno.test("web: a page that names a missing file, and a missing main module, are said plainly", async () => {
  const { root, options } = await toyRepository();
  await Deno.writeTextFile(`${root}/web/static/index.html`, `<script src="./gone.js"></script>`);
  await assert.rejects(buildWeb(options), /index\.html names gone\.js, which does not exist/);
  await assert.rejects(buildWeb({ ...options, entry: "web/other.tsx" }), /web\/other\.tsx does not exist/);
  await Deno.remove(root, { recursive: true });
});

Deno.test("web: what is imported later is a script of its own with its content in its name, sheets are joined", async () => {
  const { root, options } = await toyRepository();
  await Deno.writeTextFile(
    `${root}/web/main.tsx`,
    `import { hello } from "../sdk/mod.ts";\ndocument.title = hello("web");\nimport("./later.ts");\n`,
  );
  await Deno.writeTextFile(
    `${root}/web/later.ts`,
    `import { hello } from "../sdk/mod.ts";\nhello("later");\n`,
  );
  await Deno.mkdir(`${root}/web/styles`);
  await Deno.writeTextFile(
    `${root}/web/styles/app.css`,
    `/* all */\n@import "./one.css";\n@import "./two.css";\n`,
  );
  await Deno.writeTextFile(`${root}/web/styles/one.css`, ".one {\n  color: red;\n}\n");
  await Deno.writeTextFile(`${root}/web/styles/two.css`, ".two {}\n");
  await Deno.remove(`${root}/web/static/app.css`);
  const page = `${root}/web/static/index.html`;
  await Deno.writeTextFile(page, `<head>${(await read(page)).replace("<script", "</head><script")}`);
  await buildWeb({ ...options, styles: "web/styles/app.css" });
  const names = Array.from(Deno.readDirSync(`${root}/web/dist`), ({ name }) => name);
  const [later] = names.filter((name) => /^later-[0-9A-Z]{8}\.js$/.test(name));
  const main = names.find((name) => /^main-.*\.js$/.test(name));
  assert(later && main, names.join());
  assert.match(await read(`${root}/web/dist/${main}`), new RegExp(later));
  const html = await read(`${root}/web/dist/index.html`);
  const shared = names.find((name) => /^chunk-.*\.js$/.test(name));
  assert.match(html, new RegExp(`rel="modulepreload" href="/${shared}"`));
  assert.doesNotMatch(html, /later/, "what is loaded later is not asked for at once");
  const sheet = names.find((name) => /^app-.*\.css$/.test(name));
  assert.equal(await read(`${root}/web/dist/${sheet}`), ".one {\ncolor: red;\n}\n.two {}\n");
  await Deno.remove(root, { recursive: true });
});

Deno.test("web: the scripts that a first visit loads are at most 90 KB, compressed", async () => {
  const dist = `${import.meta.dirname}/../web/dist`;
  const html = await read(`${dist}/index.html`);
  const scripts = Array.from(
    html.matchAll(/(?:src|modulepreload" href)="\/([\w.-]+\.js)"/g),
    ([, name]) => name,
  );
  assert(scripts.length > 0);
  // A very small one is not worth compressing.
  const names = new Set(Array.from(Deno.readDirSync(dist), ({ name }) => name));
  const sent = (name: string) => names.has(`${name}.gz`) ? `${name}.gz` : name;
  const bytes = scripts.map((name) => Deno.statSync(`${dist}/${sent(name)}`).size).reduce((sum, size) =>
    sum + size
  );
  assert(bytes <= 90_000, `${bytes} bytes in ${scripts.join(", ")}`);
});
