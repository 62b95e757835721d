import { en, type Text } from "./en.ts";
import { zh } from "./zh.ts";

/** Each language under its own name, so that whoever reads only that one finds it. */
export const LANGUAGES = { en: "English", "zh-CN": "中文" } as const;
export type Language = keyof typeof LANGUAGES;

export const DICTIONARIES: Record<Language, Text> = { en, "zh-CN": zh };
