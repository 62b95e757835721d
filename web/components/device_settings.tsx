import { useEffect, useState } from "preact/hooks";
import type { Output } from "../../sdk/mod.ts";
import { client } from "../state/server.ts";
import { tell, text } from "../state/settings.ts";
import { shortTime } from "../state/time.ts";
import { toast } from "../state/toasts.ts";
import { Field } from "./field.tsx";
import { FormDialog } from "./form_dialog.tsx";
import { Failure, Loading } from "./notice.tsx";
import { useConfirm } from "./use_confirm.tsx";

type Session = Output<"session.list">["sessions"][number];

/** Nobody is told when one of their devices comes or goes, so an open list is read again this often. */
const LOOK_MS = 4000;

/** Where one is logged in: to name, and to log out from here. */
export function DeviceSettings() {
  const { sessions, error, load } = useSessions();
  const [renamed, setRenamed] = useState<Session | null>(null);
  const [ask, dialog] = useConfirm();
  const words = text.value.own;
  if (!sessions) return error === null ? <Loading /> : <Failure message={tell(error)} onRetry={load} />;
  const end = (session: Session) =>
    ask({
      title: words.endAsk(nameOf(session)),
      hint: words.endHint,
      action: words.end,
      danger: true,
      onConfirm: async () => {
        await client.call("session.revoke", { sessionId: session.id });
        toast(text.value.own.ended(nameOf(session)));
        await load();
      },
    });
  const endOthers = () =>
    ask({
      title: words.endOthersAsk,
      hint: words.endHint,
      action: words.end,
      danger: true,
      onConfirm: async () => {
        const { revoked } = await client.call("session.revokeOthers", {});
        toast(text.value.own.endedOthers(revoked));
        await load();
      },
    });
  return (
    <>
      <p class="hint">{words.devicesHint}</p>
      <ul class="devices" aria-label={words.devices}>
        {sessions.map((one) => (
          <Device
            key={one.id}
            session={one}
            onRename={() => setRenamed(one)}
            onEnd={() => end(one)}
          />
        ))}
      </ul>
      {sessions.length > 1 && (
        <button type="button" class="button danger" onClick={endOthers}>{words.endOthers}</button>
      )}
      {renamed && <RenameDialog session={renamed} onDone={load} onClose={() => setRenamed(null)} />}
      {dialog}
    </>
  );
}

function useSessions() {
  const [sessions, setSessions] = useState<Session[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const load = async () => {
    try {
      setSessions((await client.call("session.list", {})).sessions);
      setError(null);
    } catch (problem) {
      setError(problem);
    }
  };
  useEffect(() => {
    void load();
    const timer = setInterval(() => document.visibilityState === "visible" && void load(), LOOK_MS);
    return () => clearInterval(timer);
  }, []);
  return { sessions, error, load };
}

const nameOf = ({ deviceName, deviceKind }: Session) => {
  const { kinds, unnamed } = text.value.own;
  return deviceName || kinds[deviceKind] || unnamed;
};

interface DeviceProps {
  session: Session;
  onRename: () => void;
  onEnd: () => void;
}

function Device({ session, onRename, onEnd }: DeviceProps) {
  const { createdAt, lastUsedAt, online, current } = session;
  const words = text.value.own;
  const name = nameOf(session);
  const facts = [
    online ? words.onlineNow : words.lastUsed(shortTime(lastUsedAt)),
    words.since(shortTime(createdAt)),
  ];
  return (
    <li class="device">
      <p>
        <bdi class="row-name">{name}</bdi>
        {current && <span class="device-mark">{words.thisDevice}</span>}
        <span class="hint">{facts.join(" · ")}</span>
      </p>
      <button type="button" class="button small" aria-label={words.renameOf(name)} onClick={onRename}>
        {words.rename}
      </button>
      {!current && (
        <button type="button" class="button small danger" aria-label={words.endOf(name)} onClick={onEnd}>
          {words.end}
        </button>
      )}
    </li>
  );
}

interface RenameDialogProps {
  session: Session;
  onDone: () => Promise<void>;
  onClose: () => void;
}

function RenameDialog({ session: { id, deviceName }, onDone, onClose }: RenameDialogProps) {
  const [name, setName] = useState(deviceName);
  const words = text.value.own;
  const rename = async () => {
    await client.call("session.rename", { sessionId: id, deviceName: name.trim() });
    await onDone();
  };
  return (
    <FormDialog
      title={words.rename}
      action={text.value.save}
      disabled={name.trim() === ""}
      onSubmit={rename}
      onClose={onClose}
    >
      <Field label={words.deviceName} value={name} onText={setName} maxLength={64} required autofocus />
    </FormDialog>
  );
}
