import { people, type Rows } from "../row.ts";
import type { Actor, Scene } from "../scene.ts";
import { imageContent, PIXEL, uploadFile } from "../../support/files.ts";

type FileOperation =
  | "file.create"
  | "file.put"
  | "file.upload"
  | "file.complete"
  | "file.info"
  | "file.get"
  | "file.thumbnail"
  | "file.delete";

const request = { name: "a.png", size: 5, mime: "image/png" };

/** An upload that the owner, or whoever asks, has begun. */
async function begun({ call, owner }: Scene, { person }: Actor, whose: "own" | "others") {
  const { file } = await call(whose === "own" && person ? person : owner, "file.create", request);
  return file.id;
}

/** A file that the owner has sent to a group with this actor in it. */
async function sent(scene: Scene, actor: Actor): Promise<{ fileId: string }> {
  const { url, owner, call } = scene;
  const room = await scene.freshRoom(actor);
  const file = await uploadFile(url, owner, PIXEL, { name: "a.png" });
  const content = imageContent(file);
  await call(owner, "message.send", { conversationId: room.id, clientId: `f${file.id}`, content });
  return { fileId: file.id };
}

const readers = people("file_not_found", { member: "ok", muted: "ok", groupAdmin: "ok" });
/** Bytes do not travel on the WebSocket. */
const noStream = people("invalid_request");

export const files: Rows<FileOperation> = {
  "file.create": { input: () => request, expect: people("ok") },
  "file.put": [
    {
      about: "one's own, at its end",
      input: async (scene, actor) => {
        const person = actor.person ?? scene.owner;
        const { file } = await scene.call(person, "file.create", { ...request, size: 0 });
        return { fileId: file.id, offset: 0 };
      },
      expect: noStream,
      overRest: people("ok"),
    },
    {
      about: "somebody else's",
      input: async (scene, actor) => ({ fileId: await begun(scene, actor, "others"), offset: 0 }),
      expect: noStream,
      overRest: people("file_not_found"),
    },
  ],
  "file.upload": [
    {
      about: "one's own",
      input: async (scene, actor) => ({ fileId: await begun(scene, actor, "own") }),
      expect: people("ok"),
    },
    {
      about: "somebody else's",
      input: async (scene, actor) => ({ fileId: await begun(scene, actor, "others") }),
      expect: people("file_not_found"),
    },
  ],
  "file.complete": [
    {
      about: "one's own, of no bytes",
      input: async ({ call, owner }, { person }) => {
        const { file } = await call(person ?? owner, "file.create", { ...request, size: 0 });
        return { fileId: file.id };
      },
      expect: people("ok"),
    },
    {
      about: "somebody else's",
      input: async (scene, actor) => ({ fileId: await begun(scene, actor, "others") }),
      expect: people("file_not_found"),
    },
  ],
  "file.info": { input: sent, expect: readers },
  "file.get": { input: sent, expect: noStream, overRest: readers },
  "file.thumbnail": { input: sent, expect: noStream, overRest: readers },
  "file.delete": { about: "somebody else's", input: sent, expect: people("ok") },
};
