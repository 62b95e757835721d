import { signal } from "@preact/signals";

/** The one sound that is heard at a time; it goes on while its message is scrolled away. */
export interface Playing {
  url: string;
  isPaused: boolean;
  positionMs: number;
  rate: number;
  /** The browser cannot play it, or it is gone. */
  failed?: boolean;
}

export const playing = signal<Playing | null>(null);

const RATES = [1, 1.5, 2];

let audio: HTMLAudioElement | undefined;

/** Plays, or pauses what plays. Another sound stops. */
export function togglePlaying(url: string): void {
  const now = playing.peek();
  if (now?.url !== url || now.failed) return start(url, now?.rate ?? RATES[0]);
  if (now.isPaused) void audio?.play().catch(() => {});
  else audio?.pause();
}

/** Also of a sound that does not play yet: then it begins there. */
export async function seek(url: string, toMs: number): Promise<void> {
  if (playing.peek()?.url !== url) start(url, playing.peek()?.rate ?? RATES[0]);
  const mine = audio!;
  change({ positionMs: toMs });
  if (mine.readyState === 0) await heard(mine, "loadedmetadata");
  // A recording does not know its length before its end was looked for.
  if (mine.duration === Infinity) {
    mine.currentTime = Number.MAX_SAFE_INTEGER;
    await heard(mine, "durationchange");
  }
  if (mine === audio) mine.currentTime = toMs / 1000;
}

/** The next of a few speeds. */
export function changeRate(): void {
  const rate = RATES[(RATES.indexOf(playing.peek()?.rate ?? RATES[0]) + 1) % RATES.length];
  if (audio) audio.playbackRate = rate;
  change({ rate });
}

export function stopPlaying(): void {
  audio?.pause();
  audio?.removeAttribute("src");
  audio = undefined;
  playing.value = null;
}

function start(url: string, rate: number): void {
  stopPlaying();
  const mine = audio = new Audio(url);
  mine.playbackRate = mine.defaultPlaybackRate = rate;
  playing.value = { url, isPaused: false, positionMs: 0, rate };
  const on = (name: string, listen: () => void) =>
    mine.addEventListener(name, () => mine === audio && listen());
  on("timeupdate", () => {
    // While the end is looked for, it says so; nobody else needs to hear.
    if (!mine.seeking) change({ positionMs: mine.currentTime * 1000 });
  });
  on("play", () => change({ isPaused: false }));
  on("pause", () => change({ isPaused: true }));
  on("ended", () => change({ isPaused: true, positionMs: 0 }));
  on("error", () => change({ isPaused: true, failed: true }));
  void mine.play().catch(() => {});
}

function change(next: Partial<Playing>): void {
  if (playing.peek()) playing.value = { ...playing.peek()!, ...next };
}

/** Or an error, or two seconds: whoever waits goes on. */
function heard(element: HTMLAudioElement, name: string): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, 2_000);
    for (const one of [name, "error"]) {
      element.addEventListener(one, () => (clearTimeout(timer), resolve()), { once: true });
    }
  });
}
