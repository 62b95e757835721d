import type { Text } from "./en.ts";

/** 两步登录。 */
export const twoStepZh: Text["twoStep"] = {
  title: "两步登录",
  why: "输入密码后，登录时还需要手机验证器中的验证码。别人即使知道你的密码，也无法登录。",
  setUp: "开始设置",
  scan: "用手机上的验证器应用扫描",
  qr: "供验证器应用扫描的二维码",
  byHand: "或在应用中手动输入密钥",
  code: "验证码",
  codeHint: "应用中显示的六位数字",
  turnOn: "开启",
  cancel: "取消",
  on: (since) => `已于${since}开启。`,
  isOn: "两步登录已开启。请妥善保存这些恢复码。",
  recovery: "手机不在身边时，每个恢复码可用于登录一次。离开此页后不再显示。",
  codes: "恢复码",
  copyAll: "全部恢复码",
  kept: "我已保存",
  turnOff: "关闭",
  wasTurnedOff: "两步登录已关闭。",
  ask: "请输入验证器中的验证码，或一个恢复码。",
  back: "使用其他账号",
};
