/**
 * Sees to it that programs do not outlive a worker that is killed. Nothing runs in the worker then,
 * and Node cannot ask the system for a signal at its parent's death; so a small shell in a session
 * of its own reads from a pipe which process groups are running. When the worker dies, however it
 * dies, the system closes the pipe, and the shell ends those groups. It lives only while there are
 * any.
 */

import { type ChildProcess, spawn } from "node:child_process";

/** Keeps watch over process groups on behalf of this process. */
export interface Guardian {
  /** Watches the group until the handle is disposed of. */
  watch(group: number): Disposable;
}

/**
 * Reads `+ group` and `- group` until the pipe closes. Two seconds between asking and killing are
 * well inside the ten after which another worker may take the runs up. Signals meant for the whole
 * service must not end the shell before its work is done.
 */
const script = [
  "trap '' HUP INT TERM",
  "groups=' '",
  "while read -r sign group; do",
  '  case "$sign" in',
  '    +) groups="$groups$group " ;;',
  '    -) groups="${groups%%" $group "*} ${groups#*" $group "}" ;;',
  "  esac",
  "done",
  'case "$groups" in *[0-9]*) ;; *) exit 0 ;; esac',
  'for group in $groups; do kill -TERM "-$group"; done',
  "sleep 2",
  'for group in $groups; do kill -KILL "-$group"; done',
].join("\n");

/** A guardian that has nothing to watch yet, and no shell either. */
export function createGuardian(): Guardian {
  return new ShellGuardian();
}

class ShellGuardian implements Guardian {
  readonly #groups = new Set<number>();
  #shell: ChildProcess | undefined;

  watch(group: number): Disposable {
    this.#groups.add(group);
    if (this.#shell === undefined) this.#start();
    else this.#shell.stdin?.write(`+ ${group}\n`);
    return { [Symbol.dispose]: () => this.#release(group) };
  }

  #start(): void {
    const shell = spawn("/bin/sh", ["-c", script, "orrery-guardian"], {
      cwd: "/",
      detached: true,
      env: { PATH: "/usr/bin:/bin" },
      stdio: ["pipe", "ignore", "ignore"],
    });
    const forget = (): void => {
      if (this.#shell === shell) this.#shell = undefined;
    };
    // Without a shell, in a container that has none, programs run all the same; only the worst
    // case is worse. Should it be killed, the next program brings a new one that knows all groups.
    shell.once("error", forget);
    shell.once("exit", forget);
    // EPIPE tells nothing that its exit does not.
    shell.stdin?.on("error", forget);
    this.#shell = shell;
    for (const group of this.#groups) shell.stdin?.write(`+ ${group}\n`);
  }

  #release(group: number): void {
    if (!this.#groups.delete(group)) return;
    this.#shell?.stdin?.write(`- ${group}\n`);
    if (this.#groups.size > 0) return;
    this.#shell?.stdin?.end();
    this.#shell = undefined;
  }
}
