import type { TargetedEvent } from "preact";
import { useRef } from "preact/hooks";
import { offerFiles } from "../state/offered_files.ts";
import { text } from "../state/settings.ts";
import { Icon } from "./icon.tsx";

/** Opens the browser's own chooser. */
export function AttachButton({ conversationId }: { conversationId: string }) {
  const chooser = useRef<HTMLInputElement>(null);
  const { attachFile } = text.value;
  const onChange = ({ currentTarget }: TargetedEvent<HTMLInputElement>) => {
    offerFiles(conversationId, currentTarget.files ?? []);
    // The same file may be chosen again.
    currentTarget.value = "";
  };
  return (
    <>
      <input ref={chooser} type="file" multiple hidden data-testid="file-chooser" onChange={onChange} />
      <button
        type="button"
        class="attach"
        aria-label={attachFile}
        title={attachFile}
        onClick={() => chooser.current?.click()}
      >
        <Icon name="attach" />
      </button>
    </>
  );
}
