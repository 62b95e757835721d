import { computed } from "@preact/signals";
import { language } from "../state/settings.ts";
import { adminEn } from "./words_en.ts";
import { adminZh } from "./words_zh.ts";

/** The words of this page; they come with it and not with the client. */
export const words = computed(() => language.value === "zh-CN" ? adminZh : adminEn);
