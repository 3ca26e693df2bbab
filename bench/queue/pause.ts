/** Waiting. */

/** Resolves after so many milliseconds; at once when they are negative. */
export async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, Math.max(ms, 0)));
}
