import { useEffect, useState } from "preact/hooks";
import type { Output } from "../../sdk/mod.ts";
import type { MessageDialog } from "../state/message_dialog.ts";
import { personName } from "../state/naming.ts";
import { me, personOf } from "../state/people.ts";
import { client } from "../state/server.ts";
import { tell, text } from "../state/settings.ts";
import { Avatar } from "./avatar.tsx";
import { Dialog } from "./dialog.tsx";
import { Loading } from "./notice.tsx";

type Receipts = Output<"receipt.list">["receipts"];

/** Who in a group has read a message, who has it, who not. */
export function ReceiptsDialog(
  { conversationId, message: { seq }, onClose }: MessageDialog & { onClose: () => void },
) {
  const [receipts, setReceipts] = useState<Receipts | null>(null);
  const [error, setError] = useState<unknown>(null);
  const words = text.value.message;
  useEffect(() => {
    client.call("receipt.list", { conversationId }).then(({ receipts }) => setReceipts(receipts), setError);
  }, []);
  const others = receipts?.filter(({ userId }) => userId !== me.value?.id) ?? [];
  const parts = [
    { title: words.hasRead, who: others.filter(({ readSeq }) => readSeq >= seq) },
    {
      title: words.hasReceived,
      who: others.filter(({ readSeq, deliveredSeq }) => readSeq < seq && deliveredSeq >= seq),
    },
    {
      title: words.hasNot,
      who: others.filter(({ readSeq, deliveredSeq }) => readSeq < seq && deliveredSeq < seq),
    },
  ];
  return (
    <Dialog title={words.receipts} onClose={onClose}>
      {error !== null && <p class="error" role="alert">{tell(error)}</p>}
      {receipts === null && error === null && <Loading />}
      {parts.filter(({ who }) => who.length > 0).map(({ title, who }) => (
        <section key={title} class="receipt-part">
          <h3>{title}</h3>
          <ul>
            {who.map(({ userId }) => (
              <li key={userId} class="receipt">
                <Avatar id={userId} name={personName(userId)} picture={personOf(userId)?.avatar} />
                <bdi>{personName(userId)}</bdi>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </Dialog>
  );
}
