import { text } from "../state/settings.ts";
import { Field } from "./field.tsx";

interface CodeFieldProps {
  hint: string;
  error?: string;
  value: string;
  onText: (value: string) => void;
}

/** Where a code is typed: digits of the app's, or a recovery code, so it is a text. */
export function CodeField(props: CodeFieldProps) {
  return (
    <Field
      {...props}
      label={text.value.twoStep.code}
      name="code"
      autoComplete="one-time-code"
      autoCapitalize="none"
      spellcheck={false}
      maxLength={40}
      required
    />
  );
}
