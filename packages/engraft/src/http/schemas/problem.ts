import type { Problem, ProblemDetail } from "@engraft/client";
import { z } from "zod";
import { PROBLEM_CODES } from "../problems.js";
import { type FieldsOf, wire } from "./wire.js";

const detail: z.ZodType<ProblemDetail> = z.object({
  where: z.string().register(wire, { description: "The input or field, as inputs.3." }),
  what: z.string(),
} satisfies FieldsOf<ProblemDetail>);

/** A problem document. */
export const problem: z.ZodType<Problem> = z
  .object({
    type: z.string(),
    title: z.string().register(wire, { description: "The name of the HTTP status." }),
    status: z.int().min(400).max(599),
    detail: z.string().register(wire, { description: "What happened, and what was expected." }),
    code: z.enum(PROBLEM_CODES).register(wire, { description: "Stable; for programs." }),
    errors: z
      .array(detail)
      .register(wire, { description: "What is wrong with single inputs or fields." })
      .optional(),
  } satisfies FieldsOf<Problem>)
  .register(wire, {
    id: "Problem",
    examples: [
      {
        type: "about:blank",
        title: "Too Many Requests",
        status: 429,
        detail: "Too many inputs wait already. Try again after the seconds in Retry-After.",
        code: "queue/full",
      },
    ],
  });
