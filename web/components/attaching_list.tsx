import { attachingIn } from "../state/attaching.ts";
import { tell, text } from "../state/settings.ts";

/** Files on their way, above the line one writes in. */
export function AttachingList({ conversationId }: { conversationId: string }) {
  const { cancelUpload, uploading } = text.value;
  return (
    <>
      {attachingIn(conversationId).map(({ name, progress, error, cancel }, index) => (
        <div key={index} class="attaching">
          <span class="attaching-name" dir="auto">{name}</span>
          {error === undefined
            ? <progress aria-label={uploading(name)} value={progress} max={1} />
            : <span class="error" role="alert">{tell(error)}</span>}
          <button type="button" class="link" onClick={cancel}>{cancelUpload}</button>
        </div>
      ))}
    </>
  );
}
