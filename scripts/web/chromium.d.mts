/** The path of Chromium; undefined where there is none. */
export const chromium: string | undefined;
/** What is said where there is none. */
export const LEFT_OUT: string;
