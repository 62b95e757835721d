import type { ComponentChildren } from "preact";
import { text } from "../state/settings.ts";
import { Icon, type IconName } from "./icon.tsx";

interface NoticeProps {
  icon?: IconName;
  title: string;
  hint?: string;
  children?: ComponentChildren;
}

/** What stands where there is nothing else to show: an empty list, an error, a choice to make. */
export function Notice({ icon = "chat", title, hint, children }: NoticeProps) {
  return (
    <div class="notice">
      <span class="notice-icon">
        <Icon name={icon} />
      </span>
      <p class="notice-title">{title}</p>
      {hint && <p class="notice-hint">{hint}</p>}
      {children}
    </div>
  );
}

export function Failure({ message, onRetry }: { message: string; onRetry: () => void }) {
  return (
    <div role="alert">
      <Notice icon="warning" title={message}>
        <button type="button" class="button" onClick={onRetry}>{text.value.retry}</button>
      </Notice>
    </div>
  );
}

export function Loading() {
  return (
    <div class="loading" role="status">
      <span class="spinner" aria-hidden="true" />
      <span class="hidden">{text.value.loading}</span>
    </div>
  );
}
