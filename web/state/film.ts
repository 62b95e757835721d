/** How long a film is, and how large in pixels. */
export interface Film {
  durationMs: number;
  width: number;
  height: number;
}

/** A browser that has not found out by then is not asked any longer. */
const PATIENCE_MS = 5_000;

/** What this browser finds in a film; null when it cannot play it. */
export function measureFilm(file: Blob): Promise<Film | null> {
  const video = document.createElement("video");
  const url = URL.createObjectURL(file);
  let timer: ReturnType<typeof setTimeout>;
  return new Promise<Film | null>((resolve) => {
    timer = setTimeout(() => resolve(null), PATIENCE_MS);
    video.preload = "metadata";
    video.onerror = () => resolve(null);
    video.onloadedmetadata = () => {
      const { duration, videoWidth: width, videoHeight: height } = video;
      // A recording that was never finished does not know its length.
      const durationMs = Number.isFinite(duration) ? Math.round(duration * 1000) : 0;
      resolve(width > 0 && height > 0 ? { durationMs, width, height } : null);
    };
    video.src = url;
  }).finally(() => {
    clearTimeout(timer);
    video.removeAttribute("src");
    URL.revokeObjectURL(url);
  });
}
