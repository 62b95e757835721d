import { useEffect, useState } from "preact/hooks";
import { ImError, type Output } from "../../sdk/mod.ts";
import { attempt } from "../state/attempt.ts";
import { act, message } from "../state/friends.ts";
import { callOf } from "../state/naming.ts";
import { me, meet, metPerson } from "../state/people.ts";
import { presenceOf } from "../state/presence.ts";
import { type Relation, relations } from "../state/relations.ts";
import { client } from "../state/server.ts";
import { tell, text } from "../state/settings.ts";
import { lastSeen } from "../state/time.ts";
import { BefriendDialog } from "./befriend_dialog.tsx";
import { FriendForm } from "./friend_form.tsx";
import { Icon } from "./icon.tsx";
import { Failure, Loading, Notice } from "./notice.tsx";
import { PersonAvatar } from "./person_row.tsx";
import { useConfirm } from "./use_confirm.tsx";
import { usePresence } from "./use_presence.ts";

type Profile = Output<"user.get">;

/** A person, and what one may do towards them. */
export function PersonCard({ userId, inChat }: { userId: string; inChat?: boolean }) {
  const [profile, setProfile] = useState<Profile | null>(null);
  const [error, setError] = useState<unknown>(null);
  usePresence([userId]);
  const relation = relations.value.get(userId);
  const load = () => {
    setError(null);
    client.call("user.get", { userId }).then((one) => {
      meet([one]);
      setProfile(one);
    }, setError);
  };
  // Who they let see what depends on how one stands with them.
  useEffect(load, [userId, relation?.state]);
  if (error instanceof ImError && error.code.endsWith("not_found")) {
    return <Notice icon="person" title={text.value.contacts.goneTitle} />;
  }
  // Of whom one has met, the name and the picture are there at once, also without a connection.
  const person = profile ?? metPerson(userId);
  if (!person) return error === null ? <Loading /> : <Failure message={tell(error)} onRetry={load} />;
  return (
    <>
      <Face profile={person} remark={relation?.remark ?? null} />
      {error !== null && <p class="error" role="alert">{tell(error)}</p>}
      {!person.deleted && userId !== me.value?.id && (
        <Actions profile={person} relation={relation} inChat={inChat} />
      )}
      {relation?.state === "friends" && (
        <section class="card">
          <FriendForm relation={relation} />
        </section>
      )}
      {!person.deleted && userId !== me.value?.id && (
        <Endings id={userId} name={callOf(person)} state={relation?.state} />
      )}
    </>
  );
}

function Face({ profile, remark }: { profile: Profile; remark: string | null }) {
  const presence = presenceOf(profile.id);
  const seen = lastSeen(presence);
  return (
    <section class="face" data-testid="person-card">
      <PersonAvatar user={profile} size="large" />
      <h3>
        <bdi>{callOf(profile)}</bdi>
      </h3>
      {!profile.deleted && (
        <p class="muted">
          {remark !== null && (
            <>
              <bdi>{profile.displayName}</bdi>
              {" · "}
            </>
          )}
          <bdi>@{profile.username}</bdi>
        </p>
      )}
      {seen && <p class={presence?.online ? "seen online" : "seen"}>{seen}</p>}
      {profile.statusText && <p dir="auto">{profile.statusText}</p>}
      {profile.bio && <p class="bio" dir="auto">{profile.bio}</p>}
    </section>
  );
}

interface ActionsProps {
  profile: Profile;
  relation: Relation | undefined;
  /** Where one writes to them already. */
  inChat?: boolean;
}

function Actions({ profile, relation, inChat }: ActionsProps) {
  const [asks, setAsks] = useState(false);
  const { id } = profile;
  const words = text.value.contacts;
  const name = callOf(profile);
  const state = relation?.state;
  return (
    <section class="person-acts">
      {state === "invited" && relation && relation.note !== "" && (
        <p class="muted" dir="auto">{words.asksWith(relation.note)}</p>
      )}
      <div class="button-row">
        {!inChat && state !== "blocked" && (
          <button
            type="button"
            class="button primary"
            onClick={() => attempt(() => message(id))}
          >
            <Icon name="chat" />
            {words.message}
          </button>
        )}
        {state === undefined && !profile.bot && (
          <button
            type="button"
            class="button"
            onClick={() => setAsks(true)}
          >
            <Icon name="plusPerson" />
            {words.add}
          </button>
        )}
        {state === "invited" && (
          <>
            <Do
              label={words.accept}
              run={() => act("friend.accept", id)}
              done={() => words.nowFriends(name)}
            />
            <Do label={words.reject} run={() => act("friend.reject", id)} />
          </>
        )}
        {state === "requested" && <Do label={words.withdraw} run={() => act("friend.withdraw", id)} />}
        {state === "blocked" && (
          <Do
            label={words.unblock}
            run={() => act("block.remove", id)}
            done={() => words.unblockedDone(name)}
          />
        )}
      </div>
      {asks && <BefriendDialog user={profile} onClose={() => setAsks(false)} />}
    </section>
  );
}

function Do({ label, run, done }: { label: string; run: () => Promise<unknown>; done?: () => string }) {
  return <button type="button" class="button" onClick={() => attempt(run, done)}>{label}</button>;
}

/** What ends something between the two; asked before. */
function Endings({ id, name, state }: { id: string; name: string; state: Relation["state"] | undefined }) {
  const [ask, dialog] = useConfirm();
  const words = text.value.contacts;
  const remove = () =>
    ask({
      title: words.removeAsk(name),
      hint: words.removeHint,
      action: words.remove,
      onConfirm: () => act("friend.remove", id),
    });
  const block = () =>
    ask({
      title: words.blockAsk(name),
      hint: words.blockHint,
      action: words.block,
      onConfirm: () => act("block.add", id),
    });
  return (
    <div class="button-row">
      {state === "friends" && (
        <button type="button" class="button danger" onClick={remove}>{words.remove}</button>
      )}
      {state !== "blocked" && (
        <button type="button" class="button danger" onClick={block}>{words.block}</button>
      )}
      {dialog}
    </div>
  );
}
