import { useEffect, useRef, useState } from "preact/hooks";
import { client } from "../state/server.ts";
import { tell, text } from "../state/settings.ts";
import { Avatar } from "./avatar.tsx";

interface GroupPictureProps {
  id: string;
  name: string;
  /** Its address; empty: none. */
  picture: string;
  onChange: (picture: string) => void;
}

/** A group's picture, to choose or to take away. It is uploaded at once and belongs to the group when that is saved. */
export function GroupPicture({ id, name, picture, onChange }: GroupPictureProps) {
  const chooser = useRef<HTMLInputElement>(null);
  const upload = useRef<AbortController | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const words = text.value.groups;
  useEffect(() => () => upload.current?.abort(), []);
  const choose = async (file: File | undefined) => {
    if (!file) return;
    if (!file.type.startsWith("image/")) return setProblem(words.notAPicture);
    setProblem(null);
    setBusy(true);
    const { signal } = upload.current = new AbortController();
    try {
      const { url } = await client.uploadFile(file, { purpose: "avatar", signal });
      if (!signal.aborted) onChange(url);
    } catch (error) {
      if (!signal.aborted) setProblem(tell(error));
    }
    setBusy(false);
  };
  return (
    <div class="picture-field">
      <Avatar id={id} name={name} group picture={picture} size="large" />
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
        {picture !== "" && (
          <button type="button" class="button small" onClick={() => onChange("")}>
            {words.removePicture}
          </button>
        )}
      </div>
      <input
        ref={chooser}
        type="file"
        accept="image/*"
        hidden
        aria-label={words.picture}
        data-testid="picture-chooser"
        onChange={(event) => {
          void choose(event.currentTarget.files?.[0]);
          event.currentTarget.value = "";
        }}
      />
      {problem && <p class="error" role="alert">{problem}</p>}
    </div>
  );
}
