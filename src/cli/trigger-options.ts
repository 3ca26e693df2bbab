/** The options of `task add` that say when: each becomes the stored form of one trigger. */

import { InvalidInputError } from "../kernel/errors.ts";
import { formatInstant, parseInstant } from "../kernel/instant.ts";
import type { TaskTriggerSpec } from "../model/task.ts";
import type { ApsCronFields, ApsFieldName } from "../time/trigger-spec.ts";
import { parseDuration } from "./duration.ts";

/** The options as they were typed. */
export interface TriggerOptions {
  readonly cron?: readonly string[];
  readonly dialect?: "vixie" | "aps";
  readonly seconds?: "first" | "last";
  readonly timezone?: string;
  readonly clockChange?: "match" | "daemon" | "once";
  readonly every?: readonly string[];
  readonly at?: readonly string[];
  readonly adaptive?: boolean;
}

/** The positions of a five-field line in the `aps` dialect. */
const apsPositions: readonly ApsFieldName[] = ["minute", "hour", "day", "month", "day_of_week"];
/** The names that a field may have. */
const apsNames: readonly ApsFieldName[] = [
  "year",
  "month",
  "day",
  "week",
  "day_of_week",
  "hour",
  "minute",
  "second",
];

/**
 * The triggers in the order cron, every, at, adaptive; none when no such option was given.
 * Expressions and zones are checked by whoever stores them.
 * @throws InvalidInputError `ORR_INPUT_INVALID`, `ORR_INPUT_TRIGGER`
 */
export function triggersOf(options: TriggerOptions): readonly TaskTriggerSpec[] {
  return [
    ...(options.cron ?? []).map((expression) => cronSpec(expression, options)),
    ...(options.every ?? []).map((text) => ({
      kind: "interval",
      everyMs: parseDuration(text, "--every"),
    })),
    ...(options.at ?? []).map((text) => ({
      kind: "date",
      at: formatInstant(parseInstant(text, "--at")),
    })),
    ...(options.adaptive === true ? [{ kind: "adaptive" as const }] : []),
  ];
}

function cronSpec(expression: string, options: TriggerOptions): TaskTriggerSpec {
  const shared = {
    kind: "cron",
    zone: options.timezone ?? "UTC",
    clockChange: options.clockChange ?? "match",
  };
  if (options.dialect === "aps") {
    return { ...shared, dialect: "aps", fields: apsFields(expression) };
  }
  const fieldCount = expression.trim().split(/\s+/).length;
  if (fieldCount === 6 && options.seconds === undefined) {
    throw refused({
      expression,
      hint: "with six fields say where the seconds stand: --seconds first|last",
    });
  }
  const seconds = fieldCount === 6 && options.seconds !== undefined;
  return {
    ...shared,
    dialect: "vixie",
    expression: expression.trim(),
    ...(seconds ? { seconds: options.seconds } : {}),
  };
}

/** `minute=20 hour=3`, or five fields in the order of a crontab line. */
function apsFields(expression: string): ApsCronFields {
  const parts = expression.trim().split(/\s+/);
  const fields: { [Name in ApsFieldName]?: string } = {};
  if (!expression.includes("=")) {
    if (parts.length !== apsPositions.length) {
      throw refused({
        expression,
        hint: "the aps dialect takes five fields, or names: 'hour=3 minute=20'",
      });
    }
    apsPositions.forEach((name, index) => {
      fields[name] = parts[index] ?? "*";
    });
    return fields;
  }
  for (const part of parts) {
    const [name, value] = part.split("=", 2);
    const known = apsNames.find((each) => each === name);
    if (known === undefined || value === undefined || value === "") {
      throw refused({
        expression,
        hint: `each part is name=value with a name of ${apsNames.join(", ")}`,
      });
    }
    fields[known] = value;
  }
  return fields;
}

function refused({
  expression,
  hint,
}: {
  readonly expression: string;
  readonly hint: string;
}): InvalidInputError {
  return new InvalidInputError("ORR_INPUT_TRIGGER", `cannot read the cron rule "${expression}"`, {
    details: { field: "--cron", value: expression, hint },
  });
}
