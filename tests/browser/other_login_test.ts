import { join } from "node:path";
import { openBrowser } from "../support/browser.ts";
import { startIssuer } from "../support/oidc_issuer.ts";
import { freePort, startServer, tempFolder } from "../support/server.ts";
import { Person } from "./person.ts";

Deno.test("a login at another server: a button, there and back, and what went wrong with it", async () => {
  using data = tempFolder();
  await using issuer = await startIssuer();
  const secretFile = join(data.path, "oidc-secret");
  await Deno.writeTextFile(secretFile, issuer.clientSecret);
  const port = freePort();
  const url = `http://localhost:${port}`;
  await using _server = await startServer({
    dataDir: data.path,
    port,
    args: [
      `--public-url=${url}`,
      `--oidc-issuer=${issuer.url}`,
      `--oidc-client-id=${issuer.clientId}`,
      `--oidc-client-secret-file=${secretFile}`,
      "--oidc-name=Example ID",
    ],
  });
  const browser = await openBrowser();
  try {
    await using mei = await Person.arrive(browser, url);
    const button = mei.page.getByRole("link", { name: mei.words.otherLogin("Example ID") });
    issuer.mischief = { claims: { nonce: "another" } };
    await button.click();
    await mei.page.getByRole("alert").getByText("That login did not work. Try again.").waitFor();
    issuer.mischief = {};
    if (Deno.env.get("F2_SHOTS")) {
      await mei.page.screenshot({ path: `${Deno.env.get("F2_SHOTS")}/other.png` });
    }
    await button.click();
    await mei.search.waitFor();
    await mei.go("settings");
    await mei.page.getByText("@Mei.Ling").waitFor();
    await mei.page.reload();
    await mei.page.getByText("@Mei.Ling").waitFor();
  } finally {
    await browser.close();
  }
});
