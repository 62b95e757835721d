import { useEffect, useState } from "preact/hooks";
import type { Output } from "../../sdk/mod.ts";
import { Icon } from "../components/icon.tsx";
import { nameOf } from "../state/people.ts";
import { AnnounceDialog } from "./announce_dialog.tsx";
import { call } from "./call.ts";
import { nameOrSomeone, Paged } from "./parts.tsx";
import { usePages } from "./use_pages.ts";
import { number, When } from "./when.tsx";
import { words } from "./words.ts";

type Broadcast = Output<"admin.broadcasts">["broadcasts"][number];
/** While one is under way. */
const LOOK_EVERY_MS = 2_000;

export function Broadcasts() {
  const [writes, setWrites] = useState(false);
  const w = words.value;
  const pages = usePages<Broadcast>(async (cursor) => {
    const { broadcasts, nextCursor } = await call("admin.broadcasts", { cursor });
    return { items: broadcasts, nextCursor };
  }, "");
  const underWay = pages.state === "ready" && pages.items.slice(0, 5).some(({ doneAt }) => doneAt === null);
  useEffect(() => {
    if (!underWay) return;
    const timer = setTimeout(pages.reload, LOOK_EVERY_MS);
    return () => clearTimeout(timer);
  }, [underWay, pages.items]);
  const close = () => {
    setWrites(false);
    pages.reload();
  };
  return (
    <>
      <div class="filters">
        <button type="button" class="button primary" onClick={() => setWrites(true)}>
          <Icon name="plus" />
          {w.write}
        </button>
      </div>
      <Paged pages={pages} empty={w.noBroadcasts} icon="bell">
        {(broadcasts) => (
          <ul class="stack" aria-label={w.broadcasts} data-testid="broadcasts">
            {broadcasts.map((one) => <BroadcastCard key={one.id} one={one} />)}
          </ul>
        )}
      </Paged>
      {writes && <AnnounceDialog onClose={close} />}
    </>
  );
}

function BroadcastCard({ one }: { one: Broadcast }) {
  const w = words.value;
  const [told, total] = [number(one.told), number(one.total)];
  const progress = one.doneAt === null ? w.toldOf(told, total) : w.allTold(told);
  return (
    <li class="card">
      <p class="words" dir="auto">{one.text}</p>
      {one.doneAt === null && <progress value={one.told} max={one.total} aria-label={progress} />}
      <p class="muted">
        {one.everyone ? w.toEveryone : w.toPeople(one.total)} · {progress} · <When at={one.at} /> ·{" "}
        <bdi>{w.by(nameOrSomeone(nameOf(one.adminId)))}</bdi>
      </p>
    </li>
  );
}
