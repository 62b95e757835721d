import { useEffect, useRef, useState } from "preact/hooks";
import { tell, text } from "../state/settings.ts";
import { dayName } from "../state/time.ts";
import { confirmTotp, disableTotp, readTwoStep, startTotp } from "../state/two_step.ts";
import { Form } from "./account_settings.tsx";
import { CodeField } from "./code_field.tsx";
import { CopyField } from "./copy_field.tsx";
import { Field } from "./field.tsx";
import { QrCode } from "./qr_code.tsx";

type Step =
  | { at: "loading" }
  | { at: "off"; wasOn?: true }
  | { at: "app"; secret: string; uri: string }
  | { at: "codes"; codes: string[] }
  | { at: "on"; since: number };

/** Turning the second factor of one's logins on and off. */
export function TwoStepLogin() {
  const [step, setStep] = useState<Step>({ at: "loading" });
  const [error, setError] = useState<unknown>(null);
  const load = () => {
    const show = (since: number | null) => setStep(since === null ? { at: "off" } : { at: "on", since });
    readTwoStep().then(show, setError);
  };
  useEffect(load, []);
  if (error !== null) return <p class="error" role="alert">{tell(error)}</p>;
  switch (step.at) {
    case "loading":
      return <p class="hint">{text.value.loading}</p>;
    case "off":
      return <Off wasOn={step.wasOn ?? false} onStart={(begun) => setStep({ at: "app", ...begun })} />;
    case "app":
      return (
        <App
          {...step}
          onCodes={(codes) => setStep({ at: "codes", codes })}
          onCancel={() => setStep({ at: "off" })}
        />
      );
    case "codes":
      return <RecoveryCodes codes={step.codes} onKept={load} />;
    case "on":
      return <On since={step.since} onOff={() => setStep({ at: "off", wasOn: true })} />;
  }
}

interface OffProps {
  wasOn: boolean;
  onStart: (begun: { secret: string; uri: string }) => void;
}

function Off({ wasOn, onStart }: OffProps) {
  const [password, setPassword] = useState("");
  const t = text.value.twoStep;
  return (
    <>
      {wasOn && <p role="status">{t.wasTurnedOff}</p>}
      <p class="hint">{t.why}</p>
      <Form label={t.setUp} onSubmit={async () => onStart(await startTotp(password))} fields={["password"]}>
        {(errorAt) => <OwnPassword value={password} onText={setPassword} error={errorAt("password")} />}
      </Form>
    </>
  );
}

interface AppProps {
  secret: string;
  uri: string;
  onCodes: (codes: string[]) => void;
  onCancel: () => void;
}

function App({ secret, uri, onCodes, onCancel }: AppProps) {
  const [code, setCode] = useState("");
  const t = text.value.twoStep;
  const title = useFocus<HTMLParagraphElement>();
  return (
    <>
      <p ref={title} tabIndex={-1}>{t.scan}</p>
      <QrCode text={uri} label={t.qr} />
      <CopyField label={t.byHand} value={secret} />
      <Form label={t.turnOn} onSubmit={async () => onCodes(await confirmTotp(code))} fields={["code"]}>
        {(errorAt) => <CodeField hint={t.codeHint} value={code} onText={setCode} error={errorAt("code")} />}
      </Form>
      <button type="button" class="button plain" onClick={onCancel}>{t.cancel}</button>
    </>
  );
}

function RecoveryCodes({ codes, onKept }: { codes: string[]; onKept: () => void }) {
  const t = text.value.twoStep;
  const title = useFocus<HTMLParagraphElement>();
  return (
    <>
      <p ref={title} tabIndex={-1}>{t.isOn}</p>
      <p class="hint">{t.recovery}</p>
      <ul class="recovery-codes" aria-label={t.codes}>
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <CopyField label={t.copyAll} value={codes.join(" ")} />
      <button type="button" class="button primary" onClick={onKept}>{t.kept}</button>
    </>
  );
}

function On({ since, onOff }: { since: number; onOff: () => void }) {
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const t = text.value.twoStep;
  const submit = async () => {
    await disableTotp(password, code);
    onOff();
  };
  return (
    <>
      <p>{t.on(dayName(since))}</p>
      <Form label={t.turnOff} danger onSubmit={submit} fields={["password", "code"]}>
        {(errorAt) => (
          <>
            <OwnPassword value={password} onText={setPassword} error={errorAt("password")} />
            <CodeField hint={t.ask} value={code} onText={setCode} error={errorAt("code")} />
          </>
        )}
      </Form>
    </>
  );
}

function OwnPassword(props: { value: string; onText: (value: string) => void; error?: string }) {
  return (
    <Field
      {...props}
      label={text.value.oldPassword}
      type="password"
      autoComplete="current-password"
      maxLength={256}
      required
    />
  );
}

/** The next step takes the focus, because the button that led to it is gone. */
function useFocus<Element extends HTMLElement>() {
  const ref = useRef<Element>(null);
  useEffect(() => ref.current?.focus(), []);
  return ref;
}
