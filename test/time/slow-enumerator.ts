/**
 * A second opinion on cron, written without a look at the product's code: it walks every minute of
 * a stretch of time, reads the local clock from the runtime's formatter, and decides minute by
 * minute as a person, or as the cron daemon, would. Slow, and simple enough to be believed.
 */

/** A random job: what each field holds, and the line that says so. */
export interface Job {
  readonly expression: string;
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  /** 0 is Sunday. */
  readonly weekdays: ReadonlySet<number>;
}

/** What the clock on the wall shows. */
interface WallMinute {
  /** Seconds since the epoch. */
  readonly at: number;
  /** Minutes of the reading, counted as if it were UTC. */
  readonly wall: number;
}

const fieldRanges = [
  { name: "minutes", min: 0, max: 59 },
  { name: "hours", min: 0, max: 23 },
  { name: "days", min: 1, max: 31 },
  { name: "months", min: 1, max: 12 },
  { name: "weekdays", min: 0, max: 6 },
] as const;

/** A random job; `random` answers numbers in [0, 1). */
export function randomJob(random: () => number): Job {
  const fields = fieldRanges.map(({ min, max }, index) => randomField({ min, max, index }, random));
  const [minutes, hours, days, months, weekdays] = fields.map(({ values }) => new Set(values));
  const none = new Set<number>();
  return {
    expression: fields.map(({ text }) => text).join(" "),
    minutes: minutes ?? none,
    hours: hours ?? none,
    days: days ?? none,
    months: months ?? none,
    weekdays: weekdays ?? none,
  };
}

function randomField(
  { min, max, index }: { readonly min: number; readonly max: number; readonly index: number },
  random: () => number,
): { readonly text: string; readonly values: readonly number[] } {
  const whole = (low: number, high: number): number =>
    low + Math.floor(random() * (high - low + 1));
  const range = (first: number, last: number, step: number): readonly number[] =>
    Array.from({ length: last - first + 1 }, (_, offset) => first + offset).filter(
      (value) => (value - first) % step === 0,
    );
  // Dates are mostly left open, so that something fires near the change.
  const choice = index >= 2 && random() < 0.6 ? 0 : whole(0, 4);
  if (choice === 0) return { text: "*", values: range(min, max, 1) };
  if (choice === 1) {
    const step = whole(1, 20);
    return { text: `*/${step}`, values: range(min, max, step) };
  }
  if (choice === 2) {
    const first = whole(min, max);
    const last = whole(first, max);
    return { text: `${first}-${last}`, values: range(first, last, 1) };
  }
  const values = Array.from({ length: choice === 3 ? 1 : whole(2, 4) }, () =>
    // Small hours are where clocks are set.
    index === 1 && random() < 0.7 ? whole(0, 3) : whole(min, max),
  );
  return { text: values.join(","), values };
}

/** The minutes of a stretch of time as a zone's clock shows them. */
export function wallMinutes(zone: string, from: number, to: number): readonly WallMinute[] {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
  });
  const minutes: WallMinute[] = [];
  for (let at = from; at <= to; at += 60) {
    const [month = 0, day = 0, year = 0, hour = 0, minute = 0] = format
      .format(at * 1000)
      .split(/\D+/)
      .map(Number);
    minutes.push({ at, wall: Date.UTC(year, month - 1, day, hour, minute) / 60_000 });
  }
  return minutes;
}

function matches(job: Job, wall: number): boolean {
  const date = new Date(wall * 60_000);
  if (!job.minutes.has(date.getUTCMinutes()) || !job.hours.has(date.getUTCHours())) return false;
  if (!job.months.has(date.getUTCMonth() + 1)) return false;
  const [, , dayText = "", , weekdayText = ""] = job.expression.split(" ");
  const day = job.days.has(date.getUTCDate());
  const weekday = job.weekdays.has(date.getUTCDay());
  const star = dayText.startsWith("*") || weekdayText.startsWith("*");
  return star ? day && weekday : day || weekday;
}

/** Every minute whose reading matches. */
export function slowMatch(job: Job, minutes: readonly WallMinute[]): readonly number[] {
  return minutes.filter(({ wall }) => matches(job, wall)).map(({ at }) => at);
}

/** Every minute whose reading matches and has not been shown before. */
export function slowOnce(job: Job, minutes: readonly WallMinute[]): readonly number[] {
  const shown = new Set<number>();
  const fires: number[] = [];
  for (const { at, wall } of minutes) {
    if (!shown.has(wall) && matches(job, wall)) fires.push(at);
    shown.add(wall);
  }
  return fires;
}

/** The main loop of the daemon: it wakes every minute and compares the clock with what it ran. */
export function slowDaemon(job: Job, minutes: readonly WallMinute[]): readonly number[] {
  const fires = new Set<number>();
  const wild =
    job.expression.startsWith("*") || (job.expression.split(" ")[1] ?? "").startsWith("*");
  let ran = (minutes[0]?.wall ?? 0) - 1;
  for (const { at, wall } of minutes) {
    const step = wall - ran;
    const catchUp = (step > 1 && step <= 5) || (step > 5 && step <= 180 && !wild);
    const waiting = step <= 0 && step >= -180;
    if (catchUp) {
      for (let missed = ran + 1; missed <= wall; missed += 1) {
        if (matches(job, missed)) fires.add(at);
      }
    } else if ((!waiting || wild) && matches(job, wall)) {
      fires.add(at);
    }
    if (!waiting) ran = wall;
  }
  return [...fires];
}
