import { decodedWaveform } from "../state/decoded_waveforms.ts";
import { changeRate, playing, seek, togglePlaying } from "../state/player.ts";
import { text } from "../state/settings.ts";
import { lengthText } from "../text/length_text.ts";
import type { Media } from "../text/media_content.ts";
import { Icon } from "./icon.tsx";
import { Waveform } from "./waveform.tsx";

/** Steps of the keyboard on the way through it. */
const STEP_MS = 1_000;

export function VoiceMessage({ url, size, durationMs, waveform }: Extract<Media, { kind: "voice" }>) {
  const { voiceMessage, play, pause, position, speed, cannotPlay } = text.value.media;
  const now = playing.value?.url === url ? playing.value : null;
  const isHeard = now !== null && !now.isPaused;
  const at = Math.min(now?.positionMs ?? 0, durationMs);
  const levels = waveform.length > 0 ? waveform : decodedWaveform(url, size);
  return (
    <span class="voice" role="group" aria-label={voiceMessage(lengthText(durationMs))}>
      <button
        type="button"
        class="voice-play"
        aria-label={isHeard ? pause : play}
        onClick={() => togglePlaying(url)}
      >
        <Icon name={isHeard ? "pause" : "play"} />
      </button>
      <span class="voice-track">
        <Waveform levels={levels} played={durationMs > 0 ? at / durationMs : 0} />
        <input
          type="range"
          aria-label={position}
          aria-valuetext={lengthText(at)}
          min={0}
          max={durationMs}
          step={STEP_MS}
          value={at}
          onInput={({ currentTarget }) => void seek(url, currentTarget.valueAsNumber)}
        />
      </span>
      <span class="voice-length">{lengthText(now ? at : durationMs)}</span>
      {now && !now.failed && (
        <button type="button" class="voice-rate" aria-label={speed(`${now.rate}×`)} onClick={changeRate}>
          {now.rate}×
        </button>
      )}
      {now?.failed && <span class="error" role="alert">{cannotPlay}</span>}
    </span>
  );
}
