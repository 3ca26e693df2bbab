/** Names that cron expressions may use for months and weekdays. */

/** January to December, three letters, lower case. */
export const monthNames: readonly string[] = [
  "jan",
  "feb",
  "mar",
  "apr",
  "may",
  "jun",
  "jul",
  "aug",
  "sep",
  "oct",
  "nov",
  "dec",
];

/** Monday to Sunday, three letters, lower case. */
export const weekdayNames: readonly string[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
