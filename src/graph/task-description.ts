/** How a task is named in texts for people. */

/**
 * The name of a function, also of one that was bound; anything else as it prints itself.
 * @example
 * ```ts
 * taskDescription(function* createServer() {}); // createServer
 * taskDescription(new DependencyTaskGroup(dependencies, { task, name: "deploy" }));
 * // DependencyTaskGroup(deploy)
 * ```
 */
export function taskDescription(task: unknown): string {
  if (typeof task !== "function") return String(task);
  const name = task.name.replace(/^(bound )+/, "");
  return name === "" ? "<anonymous>" : name;
}
