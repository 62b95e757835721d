import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { eventually } from "../support/browser.ts";
import { scene } from "./scene.ts";

const ALICE = { username: "alice", displayName: "Alice" };
const BOB = { username: "bob", displayName: "Bob" };
const PATIENCE_MS = 60_000;

interface Heard {
  shown: string[];
  tones: number;
  /** How often the browser was to ask for permission. */
  asked: number;
}

/** What a page shows and plays from now on. */
const listen = (page: Page) =>
  page.addInitScript(() => {
    const heard: Heard = { shown: [], tones: 0, asked: 0 };
    Object.assign(globalThis, { heard });
    const { showNotification } = ServiceWorkerRegistration.prototype;
    ServiceWorkerRegistration.prototype.showNotification = function (title, options) {
      heard.shown.push(`${title}: ${options?.body}`);
      return showNotification.call(this, title, options);
    };
    const ask = Notification.requestPermission.bind(Notification);
    Notification.requestPermission = () => {
      heard.asked++;
      return ask();
    };
    const { start } = OscillatorNode.prototype;
    OscillatorNode.prototype.start = function (when) {
      heard.tones++;
      return start.call(this, when);
    };
  });

const heardIn = (page: Page) => page.evaluate(() => (globalThis as unknown as { heard: Heard }).heard);

const onScreen = (page: Page) =>
  page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    return (await registration!.getNotifications()).map(({ title, body }) => `${title}: ${body}`);
  });

scene(
  "who is not looking is told, once, in one tab, unless it is not to disturb; a click opens it",
  async (scene) => {
    const [alice, bob] = await Promise.all([scene.join(ALICE), scene.join(BOB)]);
    await bob.find("alice", "Alice");
    await bob.say("first");
    const { words } = alice;
    const other = await alice.context.newPage();
    for (const page of [alice.page, other]) {
      await listen(page);
      await page.goto(scene.server.url);
      await page.evaluate(async () => void await navigator.serviceWorker.ready);
      await page.getByTestId("conversation-list").getByText("first").waitFor();
    }
    const shown = async () =>
      (await Promise.all([alice.page, other].map(heardIn))).flatMap((one) => one.shown);
    const tones = async () => (await heardIn(alice.page)).tones + (await heardIn(other)).tones;

    // Nothing is asked before it is asked for, and then in a click.
    const asked = async () => (await Promise.all([alice.page, other].map(heardIn))).map((one) => one.asked);
    assert.equal(await alice.page.evaluate(() => Notification.permission), "default");
    assert.deepEqual(await asked(), [0, 0]);
    await alice.context.grantPermissions(["notifications"], { origin: scene.server.url });
    await alice.button(words.settings).click();
    const desktop = alice.page.getByRole("switch", { name: words.notifications.desktop });
    assert.equal(await desktop.isChecked(), false);
    await desktop.click();
    await eventually(() => desktop.isChecked(), true);
    assert.deepEqual(await asked(), [1, 0]);
    await alice.page.keyboard.press("Escape");
    await other.reload();
    await other.getByTestId("conversation-list").getByText("first").waitFor();

    await bob.say("are you there?");
    await eventually(shown, ["Bob: are you there?"], PATIENCE_MS);
    assert.equal(await tones(), 2, "one chime of two notes");
    assert.deepEqual(await onScreen(alice.page), ["Bob: are you there?"]);
    await eventually(() => alice.page.title(), "(2) IMServer");

    // The click: the worker is told of it, and one of the pages shows the conversation.
    const [worker] = alice.context.serviceWorkers();
    await worker.evaluate(async () => {
      const scope = self as unknown as { registration: ServiceWorkerRegistration } & EventTarget;
      const [notification] = await scope.registration.getNotifications();
      const Clicked = (self as unknown as { NotificationEvent: new (type: string, init: object) => Event })
        .NotificationEvent;
      scope.dispatchEvent(new Clicked("notificationclick", { notification }));
    });
    const opened = () =>
      Promise.resolve([alice.page, other].filter((page) => page.url().includes("#/chat/")).length);
    await eventually(opened, 1, PATIENCE_MS);
    // It is read there, and so it is no news anywhere.
    await eventually(() => alice.page.title(), "IMServer", PATIENCE_MS);
    await eventually(() => onScreen(alice.page), [], PATIENCE_MS);

    // Who looks in one tab is told in none.
    await bob.say("good");
    const textsIn = (page: Page) => page.getByTestId("message-text").allInnerTexts();
    const reader = alice.page.url().includes("#/chat/") ? alice.page : other;
    await eventually(async () => (await textsIn(reader)).at(-1), "good");
    for (const page of [alice.page, other]) await page.goto(`${scene.server.url}/#/`);

    // Not to disturb: silence, but for a mention. What is told after it shows that "psst" is not.
    const id = bob.conversation.split("/").at(-1);
    await alice.request("PUT", `/conversations/${id}/settings`, { muted: true });
    await eventually(async () => {
      const one = await alice.request("GET", `/conversations/${id}`);
      return (one.settings as { muted: boolean }).muted;
    }, true);
    await bob.say("psst");
    await alice.page.getByTestId("conversation-list").getByText("psst").waitFor();
    await bob.makeGroup("Hike", [{ query: "alice", displayName: "Alice" }]);
    await bob.say("up the hill");
    const told = ["Bob: are you there?", "Hike: Bob: up the hill"];
    await eventually(shown, told, PATIENCE_MS);
    const { id: aliceId } = await alice.request("GET", "/users/me");
    const content = { type: "text", text: "@Alice look", mentions: { userIds: [aliceId] } };
    await bob.request("POST", `/conversations/${id}/messages`, { clientId: "mention-1", content });
    await eventually(shown, [...told, "Bob: @Alice look"], PATIENCE_MS);

    // And all of it can be switched off, in all tabs at once.
    await alice.button(words.settings).click();
    await desktop.uncheck();
    await alice.page.getByRole("switch", { name: words.notifications.sound }).uncheck();
    await other.getByRole("button", { name: words.settings }).click();
    const isOn = (name: string) => other.getByRole("switch", { name }).isChecked();
    await eventually(async () => [
      await isOn(words.notifications.desktop),
      await isOn(words.notifications.sound),
      await isOn(words.notifications.mentions),
    ], [false, false, true]);
  },
);
