import { join } from "node:path";
import type { BrowserContextOptions } from "playwright-core";
import { openBrowser } from "../support/browser.ts";
import { tempFolder } from "../support/server.ts";
import type { Person } from "./person.ts";
import { type Scene, stage } from "./stage.ts";
import { invite, setTimes, type Story, tell } from "./stories.ts";

/**
 * The pictures of the README, taken of the real thing:
 *
 *     IMSERVER_SCREENSHOTS=docs/images deno task test:browser
 *
 * For fonts as people have them: apt-get install fonts-inter fonts-noto-cjk fonts-noto-color-emoji
 */
const folder = Deno.env.get("IMSERVER_SCREENSHOTS");

const NAMES = {
  maya: "Maya Chen",
  tom: "Tom Becker",
  lena: "Lena Rossi",
  grandma: "Grandma",
  jonas: "Jonas",
  xiaoyu: "林小雨",
  daming: "周大明",
  siqi: "陈思琪",
  mama: "妈妈",
};

const HIKE: Story = {
  title: "Saturday hike 🥾",
  with: ["maya", "tom", "lena"],
  ago: 4,
  lines: [
    ["tom", "The forecast says sun until four. Still on for the ridge path?"],
    ["lena", "Yes! I can take everyone in the car."],
    ["lena", "Leaving from the station at 8:30?"],
    ["maya", "8:30 works. I’ll bring the map and a big flask of coffee ☕"],
    ["maya", "Who picks the music? It’s forty minutes each way."],
    ["lena", "Anyone but Tom 😄"],
    ["tom", "One accordion album, and nobody ever forgets it."],
    ["maya", "Then Lena picks. See you both at the station!"],
  ],
};

const CLIMB: Story = {
  title: "周六爬山 ⛰️",
  with: ["xiaoyu", "daming", "siqi"],
  ago: 3,
  lines: [
    ["daming", "天气预报说周六是晴天，咱们还去香山吗？"],
    ["siqi", "去！我可以开车，正好坐得下。"],
    ["siqi", "八点半在地铁站门口集合怎么样？"],
    ["xiaoyu", "没问题，我带地图和一大壶热茶 🍵"],
    ["xiaoyu", "路上听谁的歌？来回要一个多小时呢。"],
    ["siqi", "只要不是大明选就行 😄"],
    ["daming", "不就放过一次手风琴嘛……"],
    ["xiaoyu", "那就思琪来选。周六见！"],
  ],
};

const TRAIN: Story = {
  with: ["tom", "maya"],
  ago: 1,
  lines: [
    ["maya", "All packed?"],
    ["tom", "Nearly! Boots are by the door."],
    ["maya", "Did you find the trail map, or shall I print mine?"],
    ["tom", "Found it, under a stack of bike parts."],
    ["tom", "It even has coffee stains from last time."],
    ["maya", "Then it knows the way 😄"],
    ["tom", "Sandwiches: cheese or egg?"],
    ["maya", "Cheese, please. And one egg for Lena."],
    ["tom", "Two cheese, two egg, one spare 👍"],
    ["maya", "Perfect. See you at the station!"],
  ],
};

const OTHERS: Story[] = [
  {
    title: "Book club",
    with: ["maya", "lena", "jonas"],
    ago: 47,
    unread: 2,
    lines: [["lena", "Chapter nine!"], ["jonas", "No spoilers please, I’m on page 40."]],
  },
  { with: ["maya", "grandma"], ago: 130, lines: [["grandma", "The tomatoes are ripe. Come by on Sunday!"]] },
  { with: ["maya", "xiaoyu"], ago: 26 * 60, lines: [["xiaoyu", "谢谢！照片真好看。"]] },
  { with: ["maya", "jonas"], ago: 3 * 24 * 60, lines: [["maya", "Thank you for the lift yesterday."]] },
  {
    title: "读书会",
    with: ["xiaoyu", "siqi", "jonas"],
    ago: 52,
    unread: 3,
    lines: [["siqi", "第九章！"], ["jonas", "Wow"], ["jonas", "别剧透，我才看到第四十页。"]],
  },
  { with: ["xiaoyu", "mama"], ago: 95, lines: [["mama", "番茄熟了，周日回来吃饭吧。"]] },
  { with: ["xiaoyu", "daming"], ago: 4 * 24 * 60, lines: [["xiaoyu", "昨天多谢你捎我一程。"]] },
  { with: ["tom", "jonas"], ago: 200, unread: 1, lines: [["jonas", "Your wheel is ready to be picked up."]] },
];

Deno.test({
  name: "pictures for the README",
  ignore: !folder,
  fn: async () => {
    using fonts = preferInter();
    await using browser = await openBrowser({ FONTCONFIG_FILE: join(fonts.path, "fonts.conf") });
    await stage("pictures", browser, async (scene) => {
      const english = { deviceScaleFactor: 1.5 };
      const chinese: BrowserContextOptions = { deviceScaleFactor: 1.5, locale: "zh-CN", colorScheme: "dark" };
      const phone = {
        deviceScaleFactor: 1.5,
        viewport: { width: 390, height: 844 },
        hasTouch: true,
        isMobile: true,
      };
      const chats = await happen(scene, [HIKE, CLIMB, TRAIN, ...OTHERS]);
      const maya = await take(scene, "chat-en.png", english, "maya", chats.get(HIKE)!);
      await maya.page.setViewportSize({ width: 1440, height: 860 });
      await maya.button(maya.words.groups.details).click();
      await maya.page.getByTestId("details").getByText(NAMES.lena).waitFor();
      await maya.screenshot(join(folder!, "group-en.png"));
      await take(scene, "chat-zh.png", chinese, "xiaoyu", chats.get(CLIMB)!);
      await take(scene, "phone.png", phone, "tom", chats.get(TRAIN)!);
    });
  },
});

/** When the pictures are taken, by the clocks of those who are in them: a Friday evening. */
const NOW = Date.UTC(2026, 4, 15, 18, 52);

async function happen(scene: Scene, stories: Story[]): Promise<Map<Story, string>> {
  const members = await invite(scene.server.url, NAMES);
  const told = new Map<Story, string>();
  for (const story of stories) told.set(story, await tell(scene.server.url, members, story));
  await scene.restart(() => Promise.resolve(setTimes(scene.dataDir, NOW, told)));
  return told;
}

async function take(
  scene: Scene,
  file: string,
  options: BrowserContextOptions,
  username: string,
  chat: string,
): Promise<Person> {
  const person = await scene.arrive({ timezoneId: "UTC", ...options });
  await person.context.clock.setFixedTime(NOW);
  await person.page.goto(`${scene.server.url}/#/chat/${chat}`);
  await person.logIn({ username });
  await person.composer.waitFor();
  await person.page.getByTestId("message").first().waitFor();
  // Away from what shows more under a pointer.
  await person.page.mouse.move(600, 2);
  await person.screenshot(join(folder!, file));
  return person;
}

/** Bare Linux has a face for the system's font that few people ever see. */
function preferInter() {
  const folder = tempFolder();
  Deno.writeTextFileSync(
    join(folder.path, "fonts.conf"),
    `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include>/etc/fonts/fonts.conf</include>
  ${
      ["system-ui", "sans-serif"].map((family) =>
        `<match target="pattern">
    <test name="family"><string>${family}</string></test>
    <edit name="family" mode="prepend" binding="strong"><string>Inter</string></edit>
  </match>`
      ).join("\n  ")
    }
</fontconfig>
`,
  );
  return folder;
}
