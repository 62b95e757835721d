import { people, type Rows } from "../row.ts";
import { type Actor, logIn, type Scene } from "../scene.ts";

/** Another device of the actor's own. */
async function ownSession({ url, call }: Scene, { person }: Actor) {
  if (!person) return { sessionId: "1" };
  const device = await logIn(url, person);
  const { sessions } = await call(device, "session.list", {});
  return { sessionId: sessions.find(({ current }) => current)!.id };
}

/** The target's. */
async function othersSession({ call, target }: Scene) {
  return { sessionId: (await call(target, "session.list", {})).sessions[0].id };
}

export const sessions: Rows<"session.list" | "session.rename" | "session.revoke" | "session.revokeOthers"> = {
  "session.list": { input: () => ({}), expect: people("ok") },
  "session.rename": [
    {
      about: "one's own",
      input: async (scene, actor) => ({ ...await ownSession(scene, actor), deviceName: "phone" }),
      expect: people("ok"),
    },
    {
      about: "somebody else's",
      input: async (scene) => ({ ...await othersSession(scene), deviceName: "mine now" }),
      expect: people("not_found"),
    },
  ],
  "session.revoke": [
    { about: "one's own", input: ownSession, expect: people("ok") },
    // To end what is not there is no error, and neither is this; matrix_test.ts sees that the target is still there.
    { about: "somebody else's", input: othersSession, expect: people("ok") },
  ],
  "session.revokeOthers": { input: () => ({}), expect: people("ok"), spends: true },
};
