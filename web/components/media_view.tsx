import { useState } from "preact/hooks";
import { fileSize } from "../state/file_size.ts";
import { lookedAt, pictures } from "../state/lightbox.ts";
import { text } from "../state/settings.ts";
import type { Media } from "../text/media_content.ts";
import { Icon } from "./icon.tsx";
import { VoiceMessage } from "./voice_message.tsx";

/** A file in a bubble, as what it is: looked at, listened to, or fetched. */
export function MediaView({ media }: { media: Media }) {
  switch (media.kind) {
    case "picture":
      return <PictureLink {...media} />;
    case "voice":
      return <VoiceMessage {...media} />;
    case "sound":
    case "film":
      return <Played {...media} />;
    case "file":
      return <FileLink {...media} mark="file" />;
  }
}

/** A link, so that it can also be opened elsewhere; by itself it opens the lightbox. */
function PictureLink({ url, small, name, width, height }: Extract<Media, { kind: "picture" }>) {
  const open = (event: MouseEvent) => {
    const isPlain = !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (!isPlain || !pictures.peek().some((one) => one.url === url)) return;
    event.preventDefault();
    lookedAt.value = url;
  };
  return (
    <a class="picture" href={url} target="_blank" rel="noopener" onClick={open}>
      <img src={small} width={width} height={height} alt={name} loading="lazy" />
    </a>
  );
}

/** What this browser cannot play is a file. */
function Played(media: Extract<Media, { kind: "sound" | "film" }>) {
  const { kind, url, name, mime } = media;
  const [failed, setFailed] = useState(false);
  const isFilm = kind === "film";
  const link = <FileLink {...media} mark={isFilm ? "video" : "voice"} />;
  if (failed || !canPlay(isFilm ? "video" : "audio", mime)) return link;
  const common = {
    controls: true,
    preload: "metadata",
    "aria-label": name,
    onError: () => setFailed(true),
  } as const;
  return (
    <>
      {isFilm
        // A moment in, where something is to be seen.
        ? <video class="film" src={`${url}#t=0.1`} playsInline {...sizeOf(media)} {...common} />
        : <audio class="sound" src={url} {...common} />}
      {link}
    </>
  );
}

function sizeOf(media: Media): { width?: number; height?: number } {
  return media.kind === "film" ? { width: media.width, height: media.height } : {};
}

const answers = new Map<string, boolean>();

function canPlay(tag: "audio" | "video", mime: string): boolean {
  const known = answers.get(tag + mime) ?? document.createElement(tag).canPlayType(mime) !== "";
  if (answers.size < 100) answers.set(tag + mime, known);
  return known;
}

interface FileLinkProps {
  url: string;
  name: string;
  size: number;
  mark: "file" | "video" | "voice";
}

function FileLink({ url, name, size, mark }: FileLinkProps) {
  return (
    <span class="file-link">
      <Icon name={mark} />
      <a href={url} download={name} title={text.value.media.save}>{name}</a>
      <span class="muted">{fileSize(size)}</span>
    </span>
  );
}
