import { announcements, closeAnnouncements } from "../state/announcements.ts";
import { text } from "../state/settings.ts";

/** What whoever runs the server tells everyone, until it is closed. */
export function AnnouncementBar() {
  const all = announcements.value;
  if (all.length === 0) return null;
  return (
    <section class="announcement" role="status" aria-label={text.value.announcement}>
      <div class="announcement-texts">
        {all.map(({ seq, text }) => <p key={seq}>{text}</p>)}
      </div>
      <button type="button" class="button small" onClick={closeAnnouncements}>{text.value.close}</button>
    </section>
  );
}
