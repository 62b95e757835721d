import { useEffect, useState } from "preact/hooks";
import type { Output } from "../../sdk/mod.ts";
import { attempt } from "../state/attempt.ts";
import { joinUrl } from "../state/route.ts";
import { client } from "../state/server.ts";
import { tell, text } from "../state/settings.ts";
import { momentTime } from "../state/time.ts";
import { CopyField } from "./copy_field.tsx";
import { Failure, Loading } from "./notice.tsx";
import { SelectField } from "./select_field.tsx";
import { useConfirm } from "./use_confirm.tsx";

type GroupLink = Output<"group.createLink">;

const DAY_MS = 24 * 60 * 60_000;

/** The links by which people let themselves into a group. */
export function GroupLinks({ conversationId }: { conversationId: string }) {
  const [links, setLinks] = useState<GroupLink[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [ask, dialog] = useConfirm();
  const words = text.value.groups;
  const load = async () => {
    setError(null);
    await client.call("group.links", { conversationId }).then(({ links }) => setLinks(links), setError);
  };
  useEffect(() => void load(), [conversationId]);
  const revoke = (code: string) =>
    ask({
      title: words.revokeAsk,
      hint: words.revokeHint,
      action: words.revoke,
      onConfirm: async () => {
        await client.call("group.revokeLink", { conversationId, code });
        await load();
      },
    });
  if (links === null) return error === null ? <Loading /> : <Failure message={tell(error)} onRetry={load} />;
  return (
    <div class="about">
      <NewLink conversationId={conversationId} onDone={load} />
      {links.length === 0 && <p class="section-empty">{words.noLinks}</p>}
      <ul class="cards" aria-label={words.links}>
        {links.map((link) => (
          <li key={link.code} class="card">
            <CopyField label={words.link} value={joinUrl(link.code)} />
            <p class="hint">{about(link)}</p>
            <button type="button" class="button small danger" onClick={() => revoke(link.code)}>
              {words.revoke}
            </button>
          </li>
        ))}
      </ul>
      {dialog}
    </div>
  );
}

function about({ uses, maxUses, expiresAt }: GroupLink): string {
  const { usedBy, expiresAt: until } = text.value.groups;
  return [usedBy(uses, maxUses), ...expiresAt === null ? [] : [until(momentTime(expiresAt))]].join(" · ");
}

function NewLink({ conversationId, onDone }: { conversationId: string; onDone: () => Promise<void> }) {
  const [days, setDays] = useState("0");
  const [uses, setUses] = useState("0");
  const [busy, setBusy] = useState(false);
  const words = text.value.groups;
  const create = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    await attempt(async () => {
      await client.call("group.createLink", {
        conversationId,
        ...(days !== "0" && { expiresAt: Date.now() + Number(days) * DAY_MS }),
        ...(uses !== "0" && { maxUses: Number(uses) }),
      });
      await onDone();
    });
    setBusy(false);
  };
  const spans = [["0", words.never], ["1", words.inOneDay], ["7", words.inOneWeek], [
    "30",
    words.inThirtyDays,
  ]] as const;
  const counts = [
    ["0", words.anyUses],
    ...["1", "10", "100"].map((n) => [n, words.usesOnly(Number(n))] as const),
  ] as const;
  return (
    <section class="card">
      <form onSubmit={create}>
        <SelectField label={words.expires} value={days} options={spans} onChoose={setDays} />
        <SelectField label={words.uses} value={uses} options={counts} onChoose={setUses} />
        <button type="submit" class="button primary" disabled={busy} aria-busy={busy}>
          {words.createLink}
        </button>
      </form>
    </section>
  );
}
