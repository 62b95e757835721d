import { forgetAttaching } from "./attaching.ts";
import { lookedAt } from "./lightbox.ts";
import { withdrawFiles } from "./offered_files.ts";
import { stopPlaying } from "./player.ts";
import { cancelRecording } from "./recording.ts";

/** Nothing goes on being sent, recorded, heard or looked at by who has left. */
export function forgetMedia(): void {
  forgetAttaching();
  withdrawFiles();
  cancelRecording();
  stopPlaying();
  lookedAt.value = null;
}
