import assert from "node:assert/strict";
import { STEP_MS, totpCode } from "../../auth/totp.ts";
import { scene } from "./scene.ts";

const DAN = { username: "dan", displayName: "Dan" };
const PASSWORD = "correct horse battery";

scene("two-step login: set up from a QR code, asked for at a login, turned off", async ({ arrive, join }) => {
  const dan = await join(DAN);
  const { page, words: { twoStep: words } } = dan;
  dan.expect(/401 /);
  const codeAt = (secret: string, later: number) =>
    totpCode(secret, Math.floor(Date.now() / STEP_MS) + later);
  await dan.openSettings(words.title);
  await page.getByLabel("Current password").fill("a guess");
  await dan.button(words.setUp).click();
  await page.getByRole("alert").waitFor();
  await page.getByLabel("Current password").fill(PASSWORD);
  await dan.button(words.setUp).click();
  const qr = page.getByRole("img", { name: words.qr });
  await qr.waitFor();
  assert.match((await qr.locator("path").last().getAttribute("d"))!, /^(M\d+ \d+h1v1h-1z){300,}$/);
  const secret = await page.getByLabel(words.byHand).inputValue();
  assert.match(secret, /^[A-Z2-7]{32}$/);
  await shot("app");
  await page.getByLabel(words.code, { exact: true }).fill("1");
  await dan.button(words.turnOn).click();
  await page.getByRole("alert").waitFor();
  await page.getByLabel(words.code, { exact: true }).fill(codeAt(secret, -1));
  await dan.button(words.turnOn).click();
  const list = page.getByRole("list", { name: words.codes }).getByRole("listitem");
  await list.first().waitFor();
  const recovery = await list.allInnerTexts();
  assert.equal(new Set(recovery).size, 10);
  await shot("codes");
  await dan.button(words.kept).click();
  await page.getByText("On since").waitFor();
  await shot("on");

  const later = await arrive({ locale: "zh-CN", viewport: { width: 390, height: 800 } });
  later.expect(/401 /);
  const { twoStep: zh } = later.words;
  await later.fillAccount({ username: DAN.username });
  await later.button(later.words.logIn).click();
  const code = later.page.getByLabel(zh.code, { exact: true });
  await code.waitFor();
  assert.ok(await code.evaluate((field) => field === document.activeElement), "one types on");
  await code.fill("一");
  await later.button(later.words.logIn).click();
  await later.page.getByRole("alert").getByText("验证码有误").waitFor();
  if (SHOTS) await later.page.screenshot({ path: `${SHOTS}/ask.png` });
  await code.fill(codeAt(secret, 0));
  await later.button(later.words.logIn).click();
  await later.page.locator(".layout").waitFor();

  await page.getByLabel("Current password").fill(PASSWORD);
  await page.getByLabel(words.code, { exact: true }).fill(recovery[3]);
  await dan.button(words.turnOff).click();
  await page.getByRole("status").getByText(words.wasTurnedOff).waitFor();
  assert.equal((await dan.request("GET", "/users/me")).totpSince, null);

  async function shot(name: string) {
    if (!SHOTS) return;
    for (const scheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      await page.screenshot({ path: `${SHOTS}/${name}-${scheme}.png` });
    }
  }
});
const SHOTS = Deno.env.get("F2_SHOTS");
