/** JSON parameters put together from parts that are JSON text already, and stay as they are. */

/** A JSON array of items. */
export function jsonArray(items: readonly string[]): string {
  return `[${items.join(",")}]`;
}

/** A JSON object of members; without those that are null. */
export function jsonObject(members: Readonly<Record<string, string | null>>): string {
  const texts = Object.entries(members).flatMap(([key, text]) =>
    text === null ? [] : [`"${key}":${text}`],
  );
  return `{${texts.join(",")}}`;
}

/** A text, or null. */
export function textJson(text: string | null): string | null {
  return text === null ? null : JSON.stringify(text);
}
