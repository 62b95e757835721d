import { signal } from "@preact/signals";
import { attachAll } from "./attaching.ts";
import { waveformOf } from "./waveform.ts";

/** A voice message while it is spoken. */
export interface Recording {
  conversationId: string;
  /** `asking` for the microphone; `full` at the longest there may be, to be sent or thrown away. */
  state: "asking" | "running" | "full";
  elapsedMs: number;
  /** How loud it is, from 0 to 1; the newest last, and no more of them than can be seen. */
  levels: readonly number[];
}

/** Why there is no recording. */
export type RecordingProblem =
  | "microphoneRefused"
  | "microphoneMissing"
  | "recordingFailed"
  | "recordingUnsupported";

export const recording = signal<Recording | null>(null);
export const recordingProblem = signal<RecordingProblem | null>(null);

export const MAX_RECORDING_MS = 10 * 60_000;
const LEVEL_MS = 80;
const SHOWN_LEVELS = 40;
const BITS_PER_SECOND = 32_000;
/** What browsers record, and what such a file is called. */
const FORMATS = [
  ["audio/webm;codecs=opus", "webm"],
  ["audio/mp4", "m4a"],
  ["audio/ogg;codecs=opus", "ogg"],
] as const;

interface Session {
  finish(): Promise<void>;
  cancel(): void;
}
let session: Session | undefined;

/** Asks for the microphone and records until it is finished or cancelled. What goes wrong is told as the problem. */
export async function startRecording(conversationId: string): Promise<void> {
  if (recording.peek()) return;
  recordingProblem.value = null;
  const format = FORMATS.find(([type]) => globalThis.MediaRecorder?.isTypeSupported(type));
  // Without TLS a browser has no microphone for anybody.
  if (!format || !navigator.mediaDevices) return void (recordingProblem.value = "recordingUnsupported");
  const asked: Recording = { conversationId, state: "asking", elapsedMs: 0, levels: [] };
  recording.value = asked;
  let stream: MediaStream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  } catch (error) {
    if (recording.peek() === asked) {
      recording.value = null;
      recordingProblem.value = problemOf(error);
    }
    return;
  }
  // It was called off while the browser asked.
  if (recording.peek() !== asked) return release(stream);
  try {
    session = run(conversationId, stream, format);
  } catch {
    release(stream);
    recording.value = null;
    recordingProblem.value = "recordingFailed";
  }
}

/** Sends what was said. */
export async function finishRecording(): Promise<void> {
  await session?.finish();
}

export function cancelRecording(): void {
  session?.cancel();
  session = undefined;
  recording.value = null;
}

function run(conversationId: string, stream: MediaStream, [type, ending]: typeof FORMATS[number]): Session {
  const recorder = new MediaRecorder(stream, { mimeType: type, audioBitsPerSecond: BITS_PER_SECOND });
  const pieces: Blob[] = [];
  const stopped = Promise.withResolvers<void>();
  const { read, close } = meter(stream);
  const levels: number[] = [];
  let elapsedMs = 0;
  const from = performance.now();
  const timer = setInterval(() => {
    levels.push(read());
    elapsedMs = Math.min(performance.now() - from, MAX_RECORDING_MS);
    const shown = levels.slice(-SHOWN_LEVELS);
    recording.value = { conversationId, state: "running", elapsedMs, levels: shown };
    if (elapsedMs >= MAX_RECORDING_MS) {
      recording.value = { conversationId, state: "full", elapsedMs, levels: shown };
      stop();
    }
  }, LEVEL_MS);
  const stop = () => {
    clearInterval(timer);
    if (recorder.state !== "inactive") recorder.stop();
    release(stream);
    close();
  };
  recorder.ondataavailable = ({ data }) => pieces.push(data);
  recorder.onstop = () => stopped.resolve();
  recorder.onerror = () => {
    cancelRecording();
    recordingProblem.value = "recordingFailed";
  };
  recorder.start();
  recording.value = { conversationId, state: "running", elapsedMs, levels: [] };
  return {
    async finish() {
      if (recording.peek()?.state === "running") elapsedMs = performance.now() - from;
      stop();
      session = undefined;
      recording.value = null;
      await stopped.promise;
      const file = new File(pieces, `voice.${ending}`, { type });
      const voice = { durationMs: Math.round(elapsedMs), waveform: waveformOf(levels) };
      if (file.size > 0) await attachAll(conversationId, [file], { voice });
    },
    cancel: stop,
  };
}

/** How loud it is at the moment, from 0 to 1. */
function meter(stream: MediaStream): { read(): number; close(): void } {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  return {
    read() {
      analyser.getFloatTimeDomainData(samples);
      return Math.min(1, samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0));
    },
    // Once: of one that stopped by itself the second time would be an error.
    close: () => void (context.state !== "closed" && context.close()),
  };
}

/** The light that says "this page listens" goes out. */
function release(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

function problemOf(error: unknown): RecordingProblem {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "microphoneRefused";
  return name === "NotFoundError" ? "microphoneMissing" : "recordingFailed";
}
