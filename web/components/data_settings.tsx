import { useEffect, useRef, useState } from "preact/hooks";
import { exportData } from "../state/account.ts";
import { fileSize } from "../state/file_size.ts";
import { tell, text } from "../state/settings.ts";

/** All that is kept of oneself, as a file. */
export function DataSettings() {
  const [bytes, setBytes] = useState(0);
  const [state, setState] = useState<"idle" | "busy" | "done">("idle");
  const [error, setError] = useState<unknown>(null);
  const run = useRef<AbortController | null>(null);
  useEffect(() => () => run.current?.abort(), []);
  const words = text.value.own;
  const start = async () => {
    setBytes(0);
    setError(null);
    setState("busy");
    const { signal } = run.current = new AbortController();
    try {
      keep(await exportData(setBytes, signal));
      setState("done");
    } catch (problem) {
      setState("idle");
      if (!signal.aborted) setError(problem);
    }
  };
  return (
    <>
      <p class="hint">{words.dataHint}</p>
      <div class="button-row">
        <button type="button" class="button" disabled={state === "busy"} onClick={start}>
          {words.exportData}
        </button>
        {state === "busy" && (
          <button type="button" class="button" onClick={() => run.current?.abort()}>
            {text.value.cancel}
          </button>
        )}
      </div>
      {state === "busy" && <p class="hint">{words.exporting(fileSize(bytes))}</p>}
      {state === "done" && <p class="hint" role="status">{words.exported(fileSize(bytes))}</p>}
      {error !== null && <p class="error" role="alert">{tell(error)}</p>}
    </>
  );
}

/** Hands it to the browser's downloads. */
function keep(zip: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(zip);
  link.download = `imserver-${new Date().toISOString().slice(0, 10)}.zip`;
  link.click();
  // The browser reads it a moment later.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
