import assert from "node:assert/strict";
import { ReadMarkers } from "./read_markers.ts";

Deno.test("read markers: a list that was asked for before a marker moved does not bring back what was read", () => {
  const markers = new ReadMarkers();
  assert.ok(markers.note({ conversationId: "1", readSeq: 7, unread: 0 }));
  assert.deepEqual(markers.apply({ id: "1", readSeq: 6, unread: 1 }), { id: "1", readSeq: 7, unread: 0 });
  assert.deepEqual(markers.apply({ id: "1", readSeq: 7, unread: 2 }), { id: "1", readSeq: 7, unread: 2 });
  assert.deepEqual(markers.apply({ id: "2", readSeq: 1, unread: 3 }), { id: "2", readSeq: 1, unread: 3 });
});

Deno.test("read markers: one that comes late changes nothing, the same again does", () => {
  const markers = new ReadMarkers();
  markers.note({ conversationId: "1", readSeq: 7, unread: 0 });
  assert.equal(markers.note({ conversationId: "1", readSeq: 5, unread: 2 }), false);
  assert.ok(markers.note({ conversationId: "1", readSeq: 7, unread: 1 }));
  markers.clear();
  assert.deepEqual(markers.apply({ id: "1", readSeq: 5, unread: 2 }), { id: "1", readSeq: 5, unread: 2 });
});
