import { useState } from "preact/hooks";
import { CopyField } from "../components/copy_field.tsx";
import { Dialog } from "../components/dialog.tsx";
import { Field } from "../components/field.tsx";
import { useConfirm } from "../components/use_confirm.tsx";
import { callOf } from "../state/naming.ts";
import { resetUrl } from "../state/route.ts";
import { toast } from "../state/toasts.ts";
import { call } from "./call.ts";
import type { Account } from "./users.tsx";
import { shortMoment } from "./when.tsx";
import { words } from "./words.ts";

interface Reset {
  link: string;
  expiresAt: number;
}

/** Each asks first, and says what came of it. */
export function UserActions({ account, onChange }: { account: Account; onChange: () => Promise<void> }) {
  const [ask, question] = useConfirm();
  const [reset, setReset] = useState<Reset | null>(null);
  const w = words.value;
  const name = callOf(account);
  const { id: userId, bot } = account;
  const isDisabled = account.disabledAt !== null;
  const isAdmin = account.role === "admin";
  const done = async (words: string) => {
    toast(words);
    await onChange();
  };

  function askDisable(): void {
    let reason = "";
    ask({
      title: w.disableAsk(name),
      hint: w.disableHint,
      action: w.disable,
      children: <ReasonField onText={(words) => reason = words} />,
      onConfirm: async () => {
        await call("admin.disable", { userId, ...(reason.trim() ? { reason: reason.trim() } : {}) });
        await done(w.disabledDone(name));
      },
    });
  }

  const askEnable = () =>
    ask({
      title: `${w.enable}: ${name}`,
      action: w.enable,
      danger: false,
      onConfirm: async () => {
        await call("admin.enable", { userId });
        await done(w.enabledDone(name));
      },
    });

  const askEnd = () =>
    ask({
      title: w.endSessionsAsk(name),
      hint: w.endSessionsHint,
      action: w.endSessions,
      onConfirm: async () => {
        const { ended } = await call("admin.endSessions", { userId });
        await done(w.endedDone(ended));
      },
    });

  const askReset = () =>
    ask({
      title: w.resetAsk(name),
      hint: w.resetHint,
      action: w.resetPassword,
      onConfirm: async () => {
        const { token, expiresAt } = await call("admin.resetPassword", { userId });
        setReset({ link: resetUrl(token), expiresAt });
        await onChange();
      },
    });

  const askRole = () =>
    ask({
      title: isAdmin ? w.unmakeAdminAsk(name) : w.makeAdminAsk(name),
      hint: isAdmin ? undefined : w.makeAdminHint,
      action: isAdmin ? w.unmakeAdmin : w.makeAdmin,
      onConfirm: async () => {
        await call("admin.setRole", { userId, role: isAdmin ? "user" : "admin" });
        await done(isAdmin ? w.unmadeAdmin(name) : w.madeAdmin(name));
      },
    });

  const askDelete = () =>
    ask({
      title: w.deleteAsk(name),
      hint: w.deleteHint,
      action: w.deleteUser,
      onConfirm: async () => {
        await call("admin.deleteUser", { userId });
        await done(w.deletedDone(name));
      },
    });

  return (
    <>
      <div class="actions">
        <button type="button" class="button" onClick={isDisabled ? askEnable : askDisable}>
          {isDisabled ? w.enable : w.disable}
        </button>
        <button type="button" class="button" disabled={account.sessions === 0} onClick={askEnd}>
          {w.endSessions}
        </button>
        {!bot && <button type="button" class="button" onClick={askReset}>{w.resetPassword}</button>}
        {!bot && (
          <button type="button" class="button" onClick={askRole}>
            {isAdmin ? w.unmakeAdmin : w.makeAdmin}
          </button>
        )}
        <button type="button" class="button danger" onClick={askDelete}>{w.deleteUser}</button>
      </div>
      {question}
      {reset && <ResetDialog {...reset} onClose={() => setReset(null)} />}
    </>
  );
}

function ReasonField({ onText }: { onText: (words: string) => void }) {
  const [reason, setReason] = useState("");
  const change = (words: string) => {
    setReason(words);
    onText(words);
  };
  const { reason: label, reasonHint } = words.value;
  return <Field label={label} hint={reasonHint} value={reason} onText={change} maxLength={200} />;
}

/** The link is in no other place: closed, it is gone. */
function ResetDialog({ link, expiresAt, onClose }: Reset & { onClose: () => void }) {
  const w = words.value;
  return (
    <Dialog title={w.resetTitle} onClose={onClose}>
      <p class="muted">{w.resetOnce} {shortMoment(expiresAt)}</p>
      <CopyField label={w.resetLink} value={link} />
    </Dialog>
  );
}
