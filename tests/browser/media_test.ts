import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Browser, Page } from "playwright-core";
import { eventually, openBrowser } from "../support/browser.ts";
import type { Person } from "./person.ts";
import { type Scene, stage } from "./stage.ts";

const ALICE = { username: "alice", displayName: "Alice" };
const BOB = { username: "bob", displayName: "Bob" };

// A microphone that beeps, in place of the machine's.
let browser: Browser;
Deno.test.beforeAll(async () => {
  browser = await openBrowser({}, ["--use-fake-device-for-media-stream", "--mute-audio"]);
});
Deno.test.afterAll(() => browser.close());

function scene(name: string, play: (scene: Scene) => Promise<void>): void {
  Deno.test(name, () => stage(name, browser, play));
}

scene(
  "files are chosen, dropped and pasted, looked at before they go, cancelled and tried again",
  async ({ join }) => {
    const [alice, bob] = await Promise.all([join(ALICE), join(BOB)]);
    const { page, words: { media, send } } = alice;
    await alice.find("bob", "Bob");
    const dialog = page.getByRole("dialog");

    // No more at once than one can look at.
    const many = Array.from({ length: 21 }, (_, i) => ({
      name: `${i}.txt`,
      mimeType: "text/plain",
      buffer: Buffer.from("1"),
    }));
    await page.getByTestId("file-chooser").setInputFiles(many);
    await dialog.getByRole("alert").getByText(media.tooManyFiles(20)).waitFor();
    await dialog.getByRole("heading", { name: media.sendFiles(20) }).waitFor();
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });

    // Several at once, one of them left out, with a caption.
    await page.getByTestId("file-chooser").setInputFiles([
      await picture(page, "red.png", "red"),
      await picture(page, "oops.png", "black"),
      { name: "plan.txt", mimeType: "text/plain", buffer: Buffer.from("one") },
    ]);
    await dialog.getByRole("heading", { name: media.sendFiles(3) }).waitFor();
    await alice.button(media.withdraw("oops.png")).click();
    await dialog.getByRole("heading", { name: media.sendFiles(2) }).waitFor();
    await page.getByLabel(media.caption).fill("from the trip");
    await dialog.getByRole("button", { name: send }).click();
    await bob.open("Alice");
    await shown(bob, "red.png");
    await bob.page.getByTestId("messages").getByText("from the trip").waitFor();
    await bob.page.getByTestId("messages").getByText("plan.txt").waitFor();

    // Dropped: something says where they would go. Then pasted.
    await transfer(page, ["dragenter", "dragover"], ["green.png"]);
    await page.getByTestId("drop-zone").waitFor();
    await transfer(page, ["dragleave"], ["green.png"]);
    await page.getByTestId("drop-zone").waitFor({ state: "detached" });
    await transfer(page, ["dragenter", "drop"], ["green.png"]);
    await dialog.getByText("green.png").waitFor();
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await transfer(page, ["paste"], ["blue.png"]);
    await dialog.getByText("blue.png").waitFor();
    await page.keyboard.press("Enter");
    await shown(bob, "blue.png");
    assert.equal(await bob.page.getByText("green.png").count(), 0, "what was closed did not go");

    // One that hangs is cancelled; one that is refused is tried again.
    const way = page.locator(".attaching");
    await page.route("**/api/v1/files/*/content*", () => {});
    await transfer(page, ["paste"], ["slow.png"]);
    await dialog.getByText("slow.png").waitFor();
    await page.keyboard.press("Enter");
    await way.getByRole("progressbar", { name: media.uploading("slow.png") }).waitFor();
    await way.getByRole("button", { name: media.cancel }).click();
    await way.waitFor({ state: "detached" });
    alice.expect(/409/);
    await page.unrouteAll({ behavior: "ignoreErrors" });
    const problem = { type: "about:blank", code: "quota_exceeded", detail: "", title: "", status: 409 };
    await page.route(
      "**/api/v1/files/*/content*",
      (route) =>
        route.fulfill({
          status: 409,
          contentType: "application/problem+json",
          body: JSON.stringify(problem),
        }),
    );
    await transfer(page, ["paste"], ["again.png"]);
    await dialog.getByText("again.png").waitFor();
    await page.keyboard.press("Enter");
    await way.getByRole("alert").waitFor();
    await page.unrouteAll({ behavior: "ignoreErrors" });
    await way.getByRole("button", { name: alice.words.retry }).click();
    await shown(bob, "again.png");
    await way.waitFor({ state: "detached" });
    assert.equal(await bob.page.getByText("slow.png").count(), 0);

    await lookAtPictures(bob);
  },
);

/** Red, blue and again are there, in that order. */
async function lookAtPictures({ page, words: { media, close } }: Person): Promise<void> {
  const opener = page.getByRole("link", { name: "blue.png" });
  await opener.click();
  const box = page.getByRole("dialog");
  const seen = (name: string) => box.getByRole("img", { name }).waitFor();
  await seen("blue.png");
  await box.getByText(`${media.picture(2, 3)}: blue.png`).waitFor();
  await page.keyboard.press("ArrowRight");
  await seen("again.png");
  await page.keyboard.press("ArrowRight");
  await seen("again.png");
  await page.keyboard.press("ArrowLeft");
  await box.getByRole("button", { name: media.previousPicture }).click();
  await seen("red.png");

  // The focus stays in it.
  for (let press = 0; press < 12; press++) {
    await page.keyboard.press("Tab");
    const outside = await page.evaluate(() => {
      const active = document.activeElement;
      return active !== document.body && active?.closest("dialog") === null;
    });
    assert.equal(outside, false);
  }
  const scale = () => box.getByRole("img").getAttribute("data-scale");
  await page.keyboard.press("+");
  assert.equal(await scale(), "1.50");
  await box.getByRole("button", { name: media.zoomIn }).click();
  assert.equal(await scale(), "2.25");
  await page.keyboard.press("0");
  await eventually(scale, "1.00");
  await box.getByRole("img").hover();
  await page.mouse.wheel(0, -400);
  await eventually(scale, "2.72");
  await box.getByRole("img").dblclick();
  await eventually(scale, "1.00");
  await box.getByRole("img").dblclick();
  await eventually(scale, "2.50");
  await page.keyboard.press("ArrowRight");
  await seen("blue.png");
  await eventually(scale, "1.00");
  const download = page.waitForEvent("download");
  await box.getByRole("link", { name: media.save }).click();
  assert.equal((await download).suggestedFilename(), "blue.png");
  await page.keyboard.press("Escape");
  await box.waitFor({ state: "detached" });
  await eventually(() => opener.evaluate((one) => one === document.activeElement), true);
  await opener.press("Enter");
  await box.getByRole("button", { name: close }).click();
  await box.waitFor({ state: "detached" });
}

scene(
  "a voice is recorded, heard and seen; refused, it is said why; sounds and films play inline",
  async (scene) => {
    const [alice, bob] = await Promise.all([
      scene.join(ALICE, { permissions: ["microphone"] }),
      scene.join(BOB),
    ]);
    const { page, words: { media } } = alice;
    await alice.find("bob", "Bob");
    const bar = page.getByRole("group", { name: media.recording });

    await alice.button(media.recordVoice).click();
    await bar.locator(".recording-levels span").first().waitFor();
    await page.keyboard.press("Escape");
    await bar.waitFor({ state: "detached" });
    await alice.button(media.recordVoice).click();
    await bar.getByRole("timer").getByText("0:01").waitFor();
    await alice.button(media.sendRecording).click();
    await bob.open("Alice");
    assert.equal(await page.getByTestId("message").count(), 1, "what was thrown away did not go");

    const voice = bob.page.getByRole("group", { name: /^Voice message, 0:0\d$/ });
    await voice.waitFor();
    const bars = (await voice.locator("path.played").getAttribute("d"))!.match(/M/g)!;
    assert.equal(bars.length, 48);
    const [{ content }] = (await bob.request("GET", `${bob.conversation}/messages`)).messages as Voice[];
    assert.equal(Math.max(...content.waveform), 255);
    assert.ok(content.durationMs >= 1000 && content.file.mime === "audio/webm");

    // It is heard to its end, and from where one likes.
    await voice.getByRole("button", { name: media.play }).click();
    await voice.getByRole("button", { name: media.pause }).waitFor();
    await voice.getByRole("button", { name: media.speed("1×") }).click();
    await voice.getByRole("button", { name: media.speed("1.5×") }).waitFor();
    await voice.getByRole("button", { name: media.play }).waitFor();
    const slider = voice.getByRole("slider", { name: media.position });
    await slider.press("End");
    await eventually(() => slider.inputValue(), (Math.floor(content.durationMs / 1000) * 1000).toString());

    // Without a permission.
    await bob.button(media.recordVoice).click();
    await bob.page.getByRole("alert").getByText(media.microphoneRefused).waitFor();

    const film = await madeInPage(page);
    await page.getByTestId("file-chooser").setInputFiles([
      { name: "beep.wav", mimeType: "audio/wav", buffer: Buffer.from(wav()) },
      { name: "film.webm", mimeType: "video/webm", buffer: Buffer.from(film) },
      { name: "broken.mp4", mimeType: "video/mp4", buffer: Buffer.from("\0\0\0\x20ftypisom broken") },
    ]);
    await page.getByRole("dialog").getByRole("button", { name: alice.words.send }).click();
    for (const selector of ["audio.sound", "video.film"]) {
      await bob.page.waitForFunction((selector) => {
        const element = document.querySelector<HTMLMediaElement>(selector);
        return element !== null && element.readyState >= 1;
      }, selector);
    }
    // What cannot be played can be fetched.
    const last = bob.page.getByTestId("message").last();
    await last.getByRole("link", { name: "broken.mp4" }).waitFor();
    await last.locator("video").waitFor({ state: "detached" });

    // A voice that brought no waveform gets one of its sound: it is as loud all the time.
    const beep = bob.page.getByTestId("messages").getByRole("link", { name: "beep.wav" });
    const file = {
      url: await beep.getAttribute("href"),
      name: "beep.wav",
      size: wav().length,
      mime: "audio/wav",
    };
    await alice.request("POST", `${alice.conversation}/messages`, {
      clientId: "plain",
      content: { type: "voice", file, durationMs: 100 },
    });
    const line = bob.page.getByRole("group", { name: media.voiceMessage("0:00") }).locator("path.played");
    await line.waitFor({ state: "attached" });
    await eventually(
      async () => heights((await line.getAttribute("d"))!).every((height) => height > 20),
      true,
    );

    // Whoever talks on is stopped, and may still send it.
    await page.clock.install();
    await alice.button(media.recordVoice).click();
    await bar.getByRole("timer").waitFor();
    await page.clock.fastForward(11 * 60_000);
    await bar.getByRole("status").getByText(media.recordingFull).waitFor();
    await alice.button(media.sendRecording).click();
    await bob.page.getByRole("group", { name: media.voiceMessage("10:00") }).waitFor();
  },
);

/** Of the bars of a waveform. */
function heights(path: string): number[] {
  return Array.from(path.matchAll(/M\S+ (\S+)V([\d.]+)/g), ([, from, to]) => Number(to) - Number(from));
}

interface Voice {
  content: { durationMs: number; waveform: number[]; file: { mime: string } };
}

/** The picture is loaded. */
async function shown({ page }: Person, name: string): Promise<void> {
  await page.getByTestId("messages").getByRole("img", { name }).waitFor();
  await page.waitForFunction((name) => {
    const image = document.querySelector<HTMLImageElement>(`.picture img[alt="${name}"]`);
    return image !== null && image.complete && image.naturalWidth > 0;
  }, name);
}

async function picture(page: Page, name: string, color: string) {
  const url = await page.evaluate((color) => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 200 });
    const context = canvas.getContext("2d")!;
    context.fillStyle = color;
    context.fillRect(0, 0, 320, 200);
    return canvas.toDataURL("image/png");
  }, color);
  return { name, mimeType: "image/png", buffer: Buffer.from(url.split(",")[1], "base64") };
}

/** What a browser says of files that are dragged or pasted. */
async function transfer(page: Page, events: string[], names: string[]): Promise<void> {
  await page.evaluate(async ({ events, names }) => {
    const data = new DataTransfer();
    for (const name of names) {
      const canvas = Object.assign(document.createElement("canvas"), { width: 64, height: 48 });
      canvas.getContext("2d")!.fillRect(0, 0, 9, 9);
      const bytes = await new Promise<Blob>((resolve) => canvas.toBlob((blob) => resolve(blob!)));
      data.items.add(new File([bytes], name, { type: "image/png" }));
    }
    const target = document.querySelector(".composer textarea")!;
    const common = { bubbles: true, cancelable: true };
    for (const name of events) {
      target.dispatchEvent(
        name === "paste"
          ? new ClipboardEvent(name, { ...common, clipboardData: data })
          : new DragEvent(name, { ...common, dataTransfer: data }),
      );
    }
  }, { events, names });
}

/** A film of a moment, as a browser records one. */
async function madeInPage(page: Page): Promise<number[]> {
  return await page.evaluate(async () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 64, height: 48 });
    const context = canvas.getContext("2d")!;
    const recorder = new MediaRecorder(canvas.captureStream(30), { mimeType: "video/webm" });
    const pieces: Blob[] = [];
    recorder.ondataavailable = ({ data }) => pieces.push(data);
    recorder.start();
    for (let frame = 0; frame < 20; frame++) {
      context.fillStyle = `hsl(${frame * 18} 80% 50%)`;
      context.fillRect(0, 0, 64, 48);
      await new Promise(requestAnimationFrame);
    }
    await new Promise((resolve) => {
      recorder.onstop = resolve;
      recorder.stop();
    });
    return [...new Uint8Array(await new Blob(pieces).arrayBuffer())];
  });
}

/** A tenth of a second of a tone: 8 kHz, 8 bits, one channel. */
function wav(): Uint8Array {
  const samples = 800;
  const view = new DataView(new ArrayBuffer(44 + samples));
  const write = (at: number, text: string) =>
    [...text].forEach((c, i) => view.setUint8(at + i, c.charCodeAt(0)));
  write(0, "RIFF");
  view.setUint32(4, 36 + samples, true);
  write(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, 8000, true);
  view.setUint32(28, 8000, true);
  view.setUint16(32, 1, true);
  view.setUint16(34, 8, true);
  write(36, "data");
  view.setUint32(40, samples, true);
  for (let i = 0; i < samples; i++) view.setUint8(44 + i, 128 + Math.round(100 * Math.sin(i / 3)));
  return new Uint8Array(view.buffer);
}
