import { type Attaching, attachingIn } from "../state/attaching.ts";
import { tell, text } from "../state/settings.ts";
import { Icon } from "./icon.tsx";

/** Files on their way, above the line one writes in. */
export function AttachingList({ conversationId }: { conversationId: string }) {
  const all = attachingIn(conversationId);
  if (all.length === 0) return null;
  return (
    <ul class="attaching-list">
      {all.map((one) => <AttachingRow key={one.key} one={one} />)}
    </ul>
  );
}

function AttachingRow({ one: { name, preview, progress, error, cancel, retry } }: { one: Attaching }) {
  const { retry: again, media } = text.value;
  return (
    <li class="attaching">
      {preview ? <img class="file-mark" src={preview} alt="" /> : <FileMark />}
      <span class="attaching-main">
        <bdi class="attaching-name">{name}</bdi>
        {error === undefined
          ? <progress aria-label={media.uploading(name)} value={progress} max={1} />
          : <span class="error" role="alert">{tell(error)}</span>}
      </span>
      {error !== undefined && <button type="button" class="button small" onClick={retry}>{again}</button>}
      <button type="button" class="button small" onClick={cancel}>{media.cancel}</button>
    </li>
  );
}

export function FileMark() {
  return (
    <span class="file-mark">
      <Icon name="file" />
    </span>
  );
}
