/** A worker that runs one program, its arguments, and prints the outcome. */

import { createChildProcessExecutor } from "../../../src/executors/child-process/executor.ts";
import { testAttempt } from "../attempt-request.ts";
import { noGraphs } from "../no-graphs.ts";

const [file = "", ...args] = process.argv.slice(2);
const executor = createChildProcessExecutor({ environment: process.env, graphs: noGraphs });
const { request } = testAttempt({ kind: "child-process", command: () => ({ file, args }) });
console.log(JSON.stringify(await executor.execute(request)));
