import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Confirm } from "./dialog.tsx";

interface Question {
  title: string;
  hint?: string;
  action: string;
  danger?: boolean;
  children?: ComponentChildren;
  onConfirm: () => Promise<unknown> | void;
}

/** A way to ask before something is done, and the dialog to render while it asks. */
export function useConfirm(): [ask: (question: Question) => void, dialog: ComponentChildren] {
  const [question, setQuestion] = useState<Question | null>(null);
  const dialog = question && <Confirm {...question} onClose={() => setQuestion(null)} />;
  return [setQuestion, dialog];
}
