import { useEffect, useState } from "preact/hooks";
import { readSelf, self, setPrivacy } from "../state/account.ts";
import { attempt } from "../state/attempt.ts";
import { tell, text } from "../state/settings.ts";
import { Failure, Loading } from "./notice.tsx";
import { SelectField } from "./select_field.tsx";

/** Who finds, writes to and sees one; each choice takes hold at once. */
export function PrivacySettings() {
  const [error, setError] = useState<unknown>(null);
  const load = () => {
    setError(null);
    readSelf().catch(setError);
  };
  useEffect(load, []);
  const privacy = self.value?.privacy;
  const { findBy, writeBy, seenBy, everyone, friends, nobody, privacySaved } = text.value.own;
  if (!privacy) return error === null ? <Loading /> : <Failure message={tell(error)} onRetry={load} />;
  const save = (change: Partial<typeof privacy>) =>
    void attempt(() => setPrivacy(change), () => privacySaved);
  const two = [["everyone", everyone], ["friends", friends]] as const;
  const three = [...two, ["nobody", nobody]] as const;
  return (
    <>
      <SelectField
        label={findBy}
        value={privacy.findBy}
        options={three}
        onChoose={(findBy) => save({ findBy })}
      />
      <SelectField
        label={writeBy}
        value={privacy.writeBy}
        options={two}
        onChoose={(writeBy) => save({ writeBy })}
      />
      <SelectField
        label={seenBy}
        value={privacy.seenBy}
        options={three}
        onChoose={(seenBy) => save({ seenBy })}
      />
    </>
  );
}
