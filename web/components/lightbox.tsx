import { useEffect, useRef, useState } from "preact/hooks";
import { lookedAt, type Picture, pictureIndex, pictures, turn } from "../state/lightbox.ts";
import { personName } from "../state/naming.ts";
import { text } from "../state/settings.ts";
import { fullTime } from "../state/time.ts";
import { savedUrl } from "../text/media_content.ts";
import { Icon, type IconName } from "./icon.tsx";
import { Loading } from "./notice.tsx";
import { useZoom } from "./use_zoom.ts";

/** The pictures of the open conversation, one at a time and as large as they go. */
export function Lightbox() {
  const index = pictureIndex.value;
  const picture = pictures.value[index];
  return picture ? <OpenLightbox picture={picture} index={index} count={pictures.value.length} /> : null;
}

function OpenLightbox({ picture, index, count }: { picture: Picture; index: number; count: number }) {
  const { url, name, senderId, at } = picture;
  const dialog = useRef<HTMLDialogElement>(null);
  const { zoom, zoomIn, zoomOut, reset, gestures } = useZoom(url);
  const { close, media } = text.value;
  useEffect(() => {
    dialog.current?.showModal();
    // Whatever else takes the picture away closes it as well.
    return () => dialog.current?.close();
  }, []);
  const keys: Record<string, () => void> = {
    ArrowLeft: () => turn(-1),
    ArrowRight: () => turn(1),
    "+": zoomIn,
    "=": zoomIn,
    "-": zoomOut,
    "0": reset,
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    keys[event.key]();
  };
  const leave = () => dialog.current?.close();
  return (
    <dialog
      ref={dialog}
      class="lightbox"
      aria-label={name}
      onClose={() => lookedAt.value = null}
      onKeyDown={onKeyDown}
    >
      <header class="lightbox-head">
        <p class="lightbox-title">
          <bdi>{personName(senderId)}</bdi>
          <span>{fullTime(at)}</span>
        </p>
        <span class="hidden" role="status">{`${media.picture(index + 1, count)}: ${name}`}</span>
        <span aria-hidden="true">{index + 1} / {count}</span>
        <LightboxButton icon="minus" label={media.zoomOut} onClick={zoomOut} disabled={zoom.scale === 1} />
        <LightboxButton icon="plus" label={media.zoomIn} onClick={zoomIn} />
        <a
          class="icon-button"
          href={savedUrl(url)}
          download={name}
          aria-label={media.save}
          title={media.save}
        >
          <Icon name="download" />
        </a>
        <LightboxButton icon="close" label={close} onClick={leave} />
      </header>
      <div class="lightbox-stage" onClick={(event) => event.target === event.currentTarget && leave()}>
        <Stage key={url} picture={picture} zoom={zoom} gestures={gestures} />
      </div>
      <LightboxButton
        icon="back"
        label={media.previousPicture}
        place="previous"
        onClick={() => turn(-1)}
        disabled={index === 0}
      />
      <LightboxButton
        icon="next"
        label={media.nextPicture}
        place="next"
        onClick={() => turn(1)}
        disabled={index === count - 1}
      />
    </dialog>
  );
}

type StageProps = Pick<ReturnType<typeof useZoom>, "zoom" | "gestures"> & { picture: Picture };

function Stage({ picture: { url, name }, zoom: { scale, x, y }, gestures }: StageProps) {
  const [state, setState] = useState<"loading" | "shown" | "failed">("loading");
  if (state === "failed") return <p role="alert">{text.value.media.cannotShow}</p>;
  return (
    <>
      {state === "loading" && <Loading />}
      <img
        class={`lightbox-picture ${scale > 1 ? "zoomed" : ""}`}
        src={url}
        alt={name}
        draggable={false}
        data-scale={scale.toFixed(2)}
        style={{ transform: `translate(${x}px, ${y}px) scale(${scale})` }}
        onLoad={() => setState("shown")}
        onError={() => setState("failed")}
        {...gestures}
      />
    </>
  );
}

interface LightboxButtonProps {
  icon: IconName;
  label: string;
  place?: "previous" | "next";
  disabled?: boolean;
  onClick: () => void;
}

function LightboxButton({ icon, label, place, disabled = false, onClick }: LightboxButtonProps) {
  return (
    <button
      type="button"
      class={`icon-button ${place ? `lightbox-${place}` : ""}`}
      aria-label={label}
      title={label}
      aria-disabled={disabled}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}
