import { useState } from "preact/hooks";
import { Icon } from "./icon.tsx";

const HUES = 8;

interface AvatarProps {
  id: string;
  name: string;
  group?: boolean;
  /** The address of a picture, where there is one. */
  picture?: string | null;
  size?: "small" | "large";
}

/** A person's or a group's picture, or a mark: the same id has the same colour everywhere. */
export function Avatar({ id, name, group = false, picture, size }: AvatarProps) {
  const [broken, setBroken] = useState<string | null>(null);
  // Ids made in a row differ in few digits, so all of them are stirred in (FNV-1a), and the well-stirred bits used.
  const hash = [...id].reduce(
    (sum, digit) => Math.imul(sum ^ digit.charCodeAt(0), 16_777_619),
    2_166_136_261,
  );
  const hue = (hash >>> 16) % HUES;
  return (
    <span class={["avatar", `hue-${hue}`, size].filter(Boolean).join(" ")} aria-hidden="true">
      {picture && picture !== broken
        ? <img src={picture} alt="" loading="lazy" onError={() => setBroken(picture)} />
        : group
        ? <Icon name="group" />
        : initial(name)}
    </span>
  );
}

/** The first character as people count them, not as UTF-16 does. */
function initial(name: string): string {
  const { value } = new Intl.Segmenter().segment(name.trim())[Symbol.iterator]().next();
  return value?.segment.toLocaleUpperCase() ?? "·";
}
