import { useEffect, useState } from "preact/hooks";
import { offerFiles } from "../state/offered_files.ts";
import { text } from "../state/settings.ts";
import { Icon } from "./icon.tsx";

/** Takes files that are dropped on the page or pasted into it for the open conversation, and says so while they hover. */
export function DropZone({ conversationId }: { conversationId: string }) {
  const [hovers, setHovers] = useState(false);
  const [hasFolder, setHasFolder] = useState(false);
  useEffect(() => {
    // Each element that is entered is left later.
    let depth = 0;
    const hover = (next: number) => {
      depth = next;
      setHovers(depth > 0);
    };
    const listen: { [K in "dragenter" | "dragover" | "dragleave" | "drop"]: (event: DragEvent) => void } = {
      dragenter: () => hover(depth + 1),
      dragleave: () => hover(depth - 1),
      // Without this the browser would leave the page to show the file.
      dragover: (event) => event.preventDefault(),
      drop: (event) => {
        event.preventDefault();
        hover(0);
        const files = filesOf(event.dataTransfer!);
        setHasFolder(files.length < event.dataTransfer!.files.length);
        offerFiles(conversationId, files);
      },
    };
    const stop = new AbortController();
    for (const [name, take] of Object.entries(listen)) {
      const heard = (event: Event) => {
        if ((event as DragEvent).dataTransfer?.types.includes("Files")) take(event as DragEvent);
      };
      addEventListener(name, heard, stop);
    }
    addEventListener("paste", (event) => paste(event, conversationId), stop);
    return () => stop.abort();
  }, [conversationId]);
  return (
    <>
      {hovers && (
        <div class="drop-zone" data-testid="drop-zone">
          <Icon name="attach" />
          <p>{text.value.media.dropHere}</p>
        </div>
      )}
      {hasFolder && <p class="error drop-problem" role="alert">{text.value.media.noFolders}</p>}
    </>
  );
}

/** A folder comes as a file that cannot be read. */
function filesOf({ items, files }: DataTransfer): File[] {
  const found = Array.from(items)
    .filter((item) => item.kind === "file" && item.webkitGetAsEntry?.()?.isDirectory !== true)
    .flatMap((item) => item.getAsFile() ?? []);
  return items.length > 0 ? found : Array.from(files);
}

/** Words that come with a picture of themselves, as from a spreadsheet, are words. */
function paste(event: ClipboardEvent, conversationId: string): void {
  const data = event.clipboardData;
  if (!data || data.files.length === 0 || data.types.includes("text/plain")) return;
  event.preventDefault();
  offerFiles(conversationId, data.files);
}
