import { personName } from "./naming.ts";
import { me } from "./people.ts";
import { relations, syncRelations } from "./relations.ts";
import { openPage } from "./route.ts";
import { client } from "./server.ts";
import { text } from "./settings.ts";
import { toast } from "./toasts.ts";

/** What others did towards oneself is told in passing; the badge on the rail stays. */
client.on("inbox", async ({ kind, senderId, content }) => {
  if (kind !== "friend.changed" || senderId === me.peek()?.id) return;
  const id = String(content.userId);
  await syncRelations();
  // It may be over again, and one may have seen it there already.
  if (relations.peek().get(id)?.state !== content.state) return;
  const words = text.peek().contacts;
  if (content.state === "friends") toast(words.nowFriends(personName(id)));
  if (content.state === "invited") {
    toast(words.asksYou(personName(id)), {
      label: words.look,
      run: () => openPage("contacts", "requests"),
    });
  }
});
