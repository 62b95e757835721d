import { useEffect, useRef, useState } from "preact/hooks";
import { ImError } from "../../sdk/mod.ts";
import { setPicture, updateProfile } from "../state/account.ts";
import { attempt } from "../state/attempt.ts";
import { me } from "../state/people.ts";
import { tell, text } from "../state/settings.ts";
import { toast } from "../state/toasts.ts";
import { Avatar } from "./avatar.tsx";

/** One's own picture: chosen, cut to a square, and saved at once; or taken away. */
export function OwnPicture() {
  const chooser = useRef<HTMLInputElement>(null);
  const upload = useRef<AbortController | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  useEffect(() => () => upload.current?.abort(), []);
  const words = text.value.own;
  const user = me.value;
  if (!user) return null;
  const choose = async (file: File | undefined) => {
    if (!file) return;
    setProblem(null);
    setBusy(true);
    const { signal } = upload.current = new AbortController();
    try {
      await setPicture(file, signal);
      toast(text.value.own.pictureSaved);
    } catch (error) {
      if (!signal.aborted) setProblem(error);
    }
    setBusy(false);
  };
  // It takes its own button away, so the other one has the keyboard next.
  const remove = async (event: Event) => {
    const other = (event.currentTarget as HTMLElement).previousElementSibling as HTMLElement | null;
    if (await attempt(() => updateProfile({ avatar: "" }))) other?.focus();
  };
  return (
    <div class="picture-field">
      <Avatar id={user.id} name={user.displayName} picture={user.avatar} size="large" />
      <div class="button-row">
        <button
          type="button"
          class="button small"
          disabled={busy}
          aria-busy={busy}
          onClick={() => chooser.current?.click()}
        >
          {busy ? words.uploading : words.choosePicture}
        </button>
        {user.avatar && (
          <button type="button" class="button small" onClick={remove}>{words.removePicture}</button>
        )}
      </div>
      <input
        ref={chooser}
        type="file"
        accept="image/*"
        hidden
        aria-label={words.picture}
        data-testid="own-picture"
        onChange={(event) => {
          void choose(event.currentTarget.files?.[0]);
          event.currentTarget.value = "";
        }}
      />
      {problem !== null && (
        <p class="error" role="alert">{problem instanceof ImError ? tell(problem) : words.notAPicture}</p>
      )}
    </div>
  );
}
