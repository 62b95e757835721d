import { Icon } from "./icon.tsx";

const HUES = 8;

/** A person's or a group's mark: the same id has the same colour everywhere. */
export function Avatar({ id, name, group = false }: { id: string; name: string; group?: boolean }) {
  // Ids made in a row differ in few digits, so all of them are stirred in (FNV-1a), and the well-stirred bits used.
  const hash = [...id].reduce(
    (sum, digit) => Math.imul(sum ^ digit.charCodeAt(0), 16_777_619),
    2_166_136_261,
  );
  const hue = (hash >>> 16) % HUES;
  return (
    <span class={`avatar hue-${hue}`} aria-hidden="true">
      {group ? <Icon name="group" /> : initial(name)}
    </span>
  );
}

/** The first character as people count them, not as UTF-16 does. */
function initial(name: string): string {
  const { value } = new Intl.Segmenter().segment(name.trim())[Symbol.iterator]().next();
  return value?.segment.toLocaleUpperCase() ?? "·";
}
