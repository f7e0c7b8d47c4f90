import { InvalidArgumentError } from "@commander-js/extra-typings";

/** How an option's text is read as a number. */
type ParseNumber = (text: string) => number;

/** 0, 1, 2, ... */
export const wholeNumber: ParseNumber = numberThat(
  (value) => Number.isInteger(value) && value >= 0,
  "Expected a whole number, 0 or more.",
);

/** 1, 2, 3, ... */
export const positiveWholeNumber: ParseNumber = numberThat(
  (value) => Number.isInteger(value) && value > 0,
  "Expected a whole number above 0, for example 50.",
);

/** Any number from 0 on. */
export const notNegative: ParseNumber = numberThat(
  (value) => value >= 0,
  "Expected a number, 0 or more.",
);

/** Any number above 0. */
export const positive: ParseNumber = numberThat((value) => value > 0, "Expected a number above 0.");

/** From 0 to 1. */
export const share: ParseNumber = numberThat(
  (value) => value >= 0 && value <= 1,
  "Expected a number from 0 to 1.",
);

/** Between 0 and 1, without them. */
export const properShare: ParseNumber = numberThat(
  (value) => value > 0 && value < 1,
  "Expected a number between 0 and 1, for example 0.02.",
);

/** Numbers beyond this are slips of the finger, in whichever unit. */
const LARGEST = 1e9;

function numberThat(isRight: (value: number) => boolean, message: string): ParseNumber {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && value < LARGEST && isRight(value)) return value;
    throw new InvalidArgumentError(message);
  };
}
