/** The words about two-step login. two_step_zh.ts has the same. */
export const twoStepEn = {
  title: "Two-step login",
  why:
    "After your password, a login asks for a code from an app on your phone. Whoever learns your password alone stays out.",
  setUp: "Set up",
  scan: "Scan this with an authenticator app",
  qr: "QR code for an authenticator app",
  byHand: "Or type this key into the app",
  code: "Code",
  codeHint: "Six digits from the app",
  turnOn: "Turn on",
  cancel: "Cancel",
  on: (since: string) => `On since ${since}.`,
  isOn: "Two-step login is on. Keep these recovery codes.",
  recovery: "Each of them lets you in once when you do not have your phone. They are not shown again.",
  codes: "Recovery codes",
  copyAll: "All of them",
  kept: "I have kept them",
  turnOff: "Turn off",
  wasTurnedOff: "Two-step login is off.",
  ask: "Enter the code from your authenticator app, or a recovery code.",
  back: "Another account",
};
