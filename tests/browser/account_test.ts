import assert from "node:assert/strict";
import { eventually } from "../support/browser.ts";
import { scene } from "./scene.ts";

const DAN = { username: "dan", displayName: "Dan" };
const XIAOBO = { username: "小波", displayName: "小波", password: "好马不吃回头草！" };

scene("in Chinese: the page speaks it, takes a Chinese name, explains a mistake", async ({ arrive }) => {
  const xiaobo = await arrive({ locale: "zh-CN" });
  const { page } = xiaobo;
  await page.getByRole("heading", { name: "登录" }).waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "zh-CN");
  await xiaobo.register(XIAOBO);
  await page.getByText("还没有会话").waitFor();
  await page.getByText("选择一个会话").waitFor();

  const other = await arrive({ locale: "zh-CN" });
  other.expect(/409 \(Conflict\)/);
  await other.button("没有账号？注册一个").click();
  // Even where the browser itself speaks another language.
  await other.fillAccount({ username: "小波", password: "短" });
  await other.button("注册").click();
  const complaint = () =>
    other.page.locator(":focus").evaluate((field: HTMLInputElement) => field.validationMessage);
  await eventually(complaint, "至少 8 个字符");
  const masked = () => other.page.getByLabel("密码", { exact: true }).getAttribute("type");
  await eventually(masked, "password");
  await other.button("显示输入的内容").click();
  await eventually(masked, "text");
  await other.button("显示输入的内容").click();
  await other.fillAccount({ username: "小波" });
  await other.button("注册").click();
  await other.page.getByRole("alert").getByText("这个用户名已被使用。").waitFor();
  await other.page.getByLabel("用户名").fill("小明");
  await other.page.getByLabel("昵称").fill("小明");
  await other.button("注册").click();
  await other.search.waitFor();
  await other.find("小", "小波");
  await other.say("在吗？");
  await xiaobo.open("小明");
  await xiaobo.say("在的！");
  await other.sees("在吗？", "在的！");
});

scene(
  "the session: HttpOnly cookies no script sees; a reload keeps it, logging out ends it",
  async ({ join, server }) => {
    const dan = await join(DAN);
    const { page, context } = dan;
    await page.reload();
    await dan.search.waitFor();

    const cookies = await context.cookies([server.url, `${server.url}/api/v1/auth/refresh`]);
    assert.deepEqual(cookies.map(({ name }) => name).sort(), ["imserver_access", "imserver_refresh"]);
    for (const { name, httpOnly, sameSite } of cookies) {
      assert.deepEqual({ name, httpOnly, sameSite }, { name, httpOnly: true, sameSite: "Strict" });
    }
    const visible = await page.evaluate(() => ({
      cookie: document.cookie,
      stored: JSON.stringify([{ ...localStorage }, { ...sessionStorage }]),
      html: document.documentElement.outerHTML,
    }));
    assert.equal(visible.cookie, "");
    assert.doesNotMatch(visible.stored, /token|eyJ|[\w-]{24,}/i);
    for (const { value } of cookies) assert.ok(!visible.html.includes(value));

    const second = await context.newPage();
    await second.goto(server.url);
    await second.getByRole("searchbox").waitFor();
    await dan.go("settings");
    await dan.button("Log out").click();
    await page.getByRole("heading", { name: "Log in" }).waitFor();
    await second.getByText("Your session has ended. Please log in again.").waitFor();
    assert.deepEqual(await context.cookies(), []);
    await page.reload();
    await page.getByRole("heading", { name: "Log in" }).waitFor();
    // A copy of the cookies, kept by someone, is worth nothing now.
    const headers = { cookie: cookies.map(({ name, value }) => `${name}=${value}`).join("; ") };
    const response = await fetch(`${server.url}/api/v1/users/me`, { headers });
    assert.equal(response.status, 401);
    await response.body?.cancel();

    dan.expect(/401 .*auth\/login/);
    await dan.fillAccount({ username: "dan", password: "not the password" });
    await dan.button("Log in").click();
    await page.getByRole("alert").waitFor();
    await dan.logIn(DAN);
  },
);

scene("the first-run link makes the admin, once, and leaves the address bar", async ({ arrive, server }) => {
  const [, link] = /link=(\S+)/.exec(server.output()) ?? [];
  const { hash: token } = new URL(link);
  assert.ok(token.length > 20);
  const admin = await arrive();
  await admin.page.goto(`${server.url}/setup${token}`);
  await admin.page.getByRole("heading", { name: "Create an administrator" }).waitFor();
  const address = () => admin.page.evaluate(() => location.href);
  assert.equal(await address(), `${server.url}/setup`);

  // Only this page's memory has the token; the link opened again in the same tab brings it back.
  await admin.page.reload();
  await admin.page.getByRole("heading", { name: "Open the admin link again" }).waitFor();
  await admin.page.getByText("imserver admin-link").waitFor();
  await admin.page.goto(`${server.url}/setup${token}`);
  await admin.page.getByRole("heading", { name: "Create an administrator" }).waitFor();
  assert.equal(await address(), `${server.url}/setup`);
  await admin.fillAccount({ username: "root", displayName: "The Admin" });
  await admin.button("Create administrator").click();
  await admin.page.getByText("No conversations yet").waitFor();
  assert.equal(await address(), `${server.url}/`);
  const me = await admin.page.evaluate(async () => await (await fetch("/api/v1/users/me")).json());
  assert.equal(me.role, "admin");
  assert.equal(me.displayName, "The Admin");

  const late = await arrive();
  late.expect(/4\d\d .*auth\/setup/);
  await late.page.goto(`${server.url}/setup${token}`);
  await late.fillAccount({ username: "mallory" });
  await late.button("Create administrator").click();
  await late.page.getByRole("alert").getByText("This admin link is wrong, used or expired.").waitFor();
});

scene("a complaint stands at the field it is about, in a full sentence", async ({ arrive, join }) => {
  const [dan] = await Promise.all([arrive(), join(XIAOBO)]);
  dan.expect(/400 \(Bad Request\)/, /409 \(Conflict\)/);
  await dan.button("New here? Create an account").click();
  await dan.page.getByText("scripts do not mix").waitFor();
  const complaint = async (username: string) => {
    await dan.fillAccount({ username });
    await dan.button("Create account").click();
    const field = dan.page.locator("[aria-invalid=true]");
    await field.waitFor();
    assert.equal(await field.getAttribute("name"), "username");
    assert.equal(await field.evaluate((one) => one === document.activeElement), true);
    const text = await dan.page.getByRole("alert").innerText();
    const describedBy = (await field.getAttribute("aria-describedby")) ?? "";
    const ids = await dan.page.getByRole("alert").getAttribute("id");
    assert.ok(ids && describedBy.split(" ").includes(ids));
    return text;
  };
  assert.equal(await complaint("小波"), "The username is taken.");
  await dan.page.reload();
  await dan.button("New here? Create an account").click();
  assert.match(await complaint("d\u0430n"), /\.$/);
});
