import { useEffect, useRef } from "preact/hooks";
import {
  cancelRecording,
  finishRecording,
  type Recording,
  recording,
  recordingProblem,
  startRecording,
} from "../state/recording.ts";
import { text } from "../state/settings.ts";
import { lengthText } from "../text/length_text.ts";
import { Icon } from "./icon.tsx";

export function VoiceButton({ conversationId }: { conversationId: string }) {
  const { recordVoice } = text.value.media;
  return (
    <button
      type="button"
      class="attach"
      aria-label={recordVoice}
      title={recordVoice}
      disabled={recording.value !== null}
      onClick={() => startRecording(conversationId)}
    >
      <Icon name="voice" />
    </button>
  );
}

/** A voice message while it is spoken, above the line one writes in; or why there is none. */
export function VoiceRecorder({ conversationId }: { conversationId: string }) {
  const now = recording.value;
  const problem = recordingProblem.value;
  // Nobody is recorded behind a closed door.
  useEffect(() => () => {
    cancelRecording();
    recordingProblem.value = null;
  }, [conversationId]);
  if (now) return <RecordingBar {...now} />;
  return problem && <p class="error" role="alert">{text.value.media[problem]}</p>;
}

function RecordingBar({ state, elapsedMs, levels }: Recording) {
  const send = useRef<HTMLButtonElement>(null);
  const { recording, askingMicrophone, recordingFull, sendRecording, cancelRecording: cancel } =
    text.value.media;
  useEffect(() => send.current?.focus(), [state]);
  return (
    <div
      class="recording"
      role="group"
      aria-label={recording}
      onKeyDown={(event) => event.key === "Escape" && cancelRecording()}
    >
      <button
        type="button"
        class="icon-button"
        aria-label={cancel}
        title={cancel}
        onClick={cancelRecording}
      >
        <Icon name="close" />
      </button>
      {state === "asking" ? <p role="status">{askingMicrophone}</p> : (
        <>
          <span class="recording-time" role="timer">{lengthText(elapsedMs)}</span>
          <span class="recording-levels" aria-hidden="true">
            {levels.map((level, index) => (
              <span key={index} style={{ height: `${Math.round(8 + 92 * Math.sqrt(level))}%` }} />
            ))}
          </span>
          {state === "full" && <p role="status">{recordingFull}</p>}
          <button
            ref={send}
            type="button"
            class="send"
            aria-label={sendRecording}
            title={sendRecording}
            onClick={finishRecording}
          >
            <Icon name="send" />
          </button>
        </>
      )}
    </div>
  );
}
