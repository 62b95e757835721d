import assert from "node:assert/strict";
import { onWake } from "./wake.ts";

Deno.test("onWake: the network's return and a look at the page wake, hiding it does not; elsewhere nothing does", () => {
  let wakes = 0;
  onWake(() => wakes++)();
  const page = Object.assign(new EventTarget(), { visibilityState: "hidden" });
  Object.assign(globalThis, { document: page });
  try {
    const stop = onWake(() => wakes++);
    const look = () => page.dispatchEvent(new Event("visibilitychange"));
    look();
    assert.equal(wakes, 0);
    page.visibilityState = "visible";
    look();
    assert.equal(wakes, 1);
    dispatchEvent(new Event("online"));
    assert.equal(wakes, 2);
    stop();
    look();
    dispatchEvent(new Event("online"));
    assert.equal(wakes, 2);
  } finally {
    Reflect.deleteProperty(globalThis, "document");
  }
});
