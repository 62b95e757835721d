import { useState } from "preact/hooks";
import { text } from "../state/settings.ts";
import { FormDialog } from "./form_dialog.tsx";
import { SelectField } from "./select_field.tsx";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Long after anybody cares; whoever muted lifts it. */
const EVER_MS = 3650 * DAY_MS;

interface MuteDialogProps {
  title: string;
  /** `until` in milliseconds since 1970. */
  onMute: (until: number) => Promise<unknown>;
  onClose: () => void;
}

/** Asks for how long somebody, or everybody, may not write. */
export function MuteDialog({ title, onMute, onClose }: MuteDialogProps) {
  const [ms, setMs] = useState(String(60 * MINUTE_MS));
  const words = text.value.groups;
  const spans = [
    [String(10 * MINUTE_MS), words.tenMinutes],
    [String(60 * MINUTE_MS), words.oneHour],
    [String(DAY_MS), words.oneDay],
    [String(7 * DAY_MS), words.oneWeek],
    [String(30 * DAY_MS), words.thirtyDays],
    [String(EVER_MS), words.untilFurther],
  ] as const;
  const submit = () => onMute(Date.now() + Number(ms));
  return (
    <FormDialog title={title} action={words.muteDone} onSubmit={submit} onClose={onClose}>
      <SelectField label={words.muteFor} value={ms} options={spans} onChoose={setMs} />
    </FormDialog>
  );
}
