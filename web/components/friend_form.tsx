import { useEffect, useState } from "preact/hooks";
import { note } from "../state/friends.ts";
import type { Relation } from "../state/relations.ts";
import { tell, text } from "../state/settings.ts";
import { toast } from "../state/toasts.ts";
import { fieldOf } from "../text/errors.ts";
import { splitTags } from "../text/split_tags.ts";
import { Field } from "./field.tsx";

/** One's own name and tags for a friend. */
export function FriendForm({ relation }: { relation: Relation }) {
  const [remark, setRemark] = useState(relation.remark ?? "");
  const [tags, setTags] = useState(relation.tags.join(", "));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const words = text.value.contacts;
  // Another device has set it.
  useEffect(() => setRemark(relation.remark ?? ""), [relation.remark]);
  useEffect(() => setTags(relation.tags.join(", ")), [relation.tags.join()]);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await note({ userId: relation.user.id, remark: remark.trim() || null, tags: splitTags(tags) });
      toast(text.value.saved);
    } catch (problem) {
      setError(problem);
    }
    setBusy(false);
  };
  const errorAt = (field: string) => fieldOf(error) === field ? tell(error) : undefined;
  const isElsewhere = error !== null && !["remark", "tags"].includes(fieldOf(error) ?? "");
  return (
    <form onSubmit={submit} data-testid="friend-form">
      <Field
        label={words.remark}
        hint={words.remarkHint}
        error={errorAt("remark")}
        value={remark}
        onText={setRemark}
        maxLength={64}
      />
      <Field
        label={words.tags}
        hint={words.tagsHint}
        error={errorAt("tags")}
        value={tags}
        onText={setTags}
        maxLength={400}
      />
      {isElsewhere && <p class="error" role="alert">{tell(error)}</p>}
      <button type="submit" class="button" disabled={busy}>{text.value.save}</button>
    </form>
  );
}
