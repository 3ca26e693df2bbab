/** How late the machine is with what is due, whatever the code under test does. */

import { ChildProgram } from "./child-program.ts";
import { numberIn } from "./parent-lines.ts";

/** A process that measures for as long as it lives. */
export class LatenessGauge extends ChildProgram {
  /** Starts to measure. */
  static async start(connectionString: string): Promise<LatenessGauge> {
    const gauge = new LatenessGauge("lateness-program.ts", { connectionString });
    await gauge.hears((line) => line.kind === "ready", "being ready");
    return gauge;
  }

  /** Milliseconds by which a timer, a little work and a few empty statements were late at worst. */
  async worstMs(): Promise<number> {
    this.order({ kind: "tell" });
    const line = await this.hears((each) => each.kind === "lateness", "telling its worst");
    return numberIn(line, "worstMs");
  }
}
