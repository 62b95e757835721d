import { useEffect, useRef, useState } from "preact/hooks";
import { fileSize } from "../state/file_size.ts";
import {
  MAX_FILES,
  type OfferedFiles,
  sendOffered,
  withdrawFile,
  withdrawFiles,
} from "../state/offered_files.ts";
import { text } from "../state/settings.ts";
import { FileMark } from "./attaching_list.tsx";
import { Field } from "./field.tsx";
import { Icon } from "./icon.tsx";

/** What was chosen, pasted or dropped into the open conversation, to be looked at before it goes. */
export function SendFiles({ offer: { files, hasMore } }: { offer: OfferedFiles }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [caption, setCaption] = useState("");
  const { close, send, media } = text.value;
  useEffect(() => dialog.current?.showModal(), []);
  const submit = (event: Event) => {
    event.preventDefault();
    sendOffered(caption);
  };
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="send-files" onClose={withdrawFiles}>
      <header class="dialog-head">
        <h2 id="send-files">{media.sendFiles(files.length)}</h2>
        <button type="button" class="icon-button" aria-label={close} onClick={() => dialog.current?.close()}>
          <Icon name="close" />
        </button>
      </header>
      <form class="form" onSubmit={submit}>
        {hasMore && <p class="error" role="alert">{media.tooManyFiles(MAX_FILES)}</p>}
        <ul class="offered" tabIndex={0} aria-label={media.sendFiles(files.length)}>
          {files.map((file, index) => <OfferedRow key={`${index} ${file.name}`} file={file} />)}
        </ul>
        <Field label={media.caption} value={caption} onText={setCaption} maxLength={2000} autofocus />
        <button type="submit" class="button primary">{send}</button>
      </form>
    </dialog>
  );
}

function OfferedRow({ file }: { file: File }) {
  const [preview, setPreview] = useState<string>();
  useEffect(() => {
    if (!file.type.startsWith("image/")) return;
    const url = URL.createObjectURL(file);
    setPreview(url);
    return () => URL.revokeObjectURL(url);
  }, [file]);
  return (
    <li class="attaching">
      {preview ? <img class="file-mark" src={preview} alt="" /> : <FileMark />}
      <span class="attaching-main">
        <bdi class="attaching-name">{file.name}</bdi>
        <span class="muted">{fileSize(file.size)}</span>
      </span>
      <button
        type="button"
        class="icon-button"
        aria-label={text.value.media.withdraw(file.name)}
        onClick={() => withdrawFile(file)}
      >
        <Icon name="close" />
      </button>
    </li>
  );
}
