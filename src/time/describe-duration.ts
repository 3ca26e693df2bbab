/** Durations in words. */

const units: readonly { readonly name: string; readonly ms: number }[] = [
  { name: "week", ms: 604_800_000 },
  { name: "day", ms: 86_400_000 },
  { name: "hour", ms: 3_600_000 },
  { name: "minute", ms: 60_000 },
  { name: "second", ms: 1000 },
  { name: "millisecond", ms: 1 },
];

/** Up to this count a duration is said in one unit: 90 minutes, not 1 hour and 30 minutes. */
const singleUnitCountMax = 99;

/** `1 day and 3 hours`, `minute`, `1.5 milliseconds`: fit to follow `every`. */
export function describeDuration(ms: number): string {
  const whole = units.find(
    (unit) => ms >= unit.ms && ms % unit.ms === 0 && ms / unit.ms <= singleUnitCountMax,
  );
  if (whole !== undefined) return counted(ms / whole.ms, whole.name, true);
  const parts: string[] = [];
  let rest = ms;
  for (const unit of units) {
    const count = unit.ms === 1 ? rest : Math.floor(rest / unit.ms);
    if (count > 0) parts.push(counted(count, unit.name, false));
    rest -= count * unit.ms;
  }
  return joinWords(parts);
}

function counted(count: number, name: string, alone: boolean): string {
  if (count === 1) return alone ? name : `1 ${name}`;
  return `${count} ${name}s`;
}

/** `a`, `a and b`, `a, b and c`. */
export function joinWords(words: readonly string[]): string {
  if (words.length < 2) return words[0] ?? "";
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1) ?? ""}`;
}
