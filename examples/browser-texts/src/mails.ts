import type { WebRow } from "@engraft/web";

const SPAM = [
  "win a free prize now",
  "claim your cash reward today",
  "cheap pills online offer",
  "you won the lottery, click here",
  "limited offer, buy now and save",
  "free money is waiting for you",
  "exclusive deal, act fast",
  "earn dollars from home quickly",
  "your account won a bonus",
  "click to get a free cruise",
];
const HAM = [
  "the meeting moved to tuesday morning",
  "please review the attached report",
  "lunch with the team at noon",
  "the build failed on the main branch",
  "notes from the weekly planning call",
  "can you send me the slides",
  "the train is late, start without me",
  "thanks for the feedback on the draft",
  "the printer on floor two is broken",
  "I will be on holiday next week",
];

/** Twenty mails with labels. */
export const MAILS: readonly WebRow[] = [
  ...SPAM.map((text): WebRow => [text, "spam"]),
  ...HAM.map((text): WebRow => [text, "ham"]),
];
