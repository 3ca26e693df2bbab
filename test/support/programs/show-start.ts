/** Reads its whole standard input and hands back what it was started with as its output. */

import { json } from "node:stream/consumers";

const output = {
  stdin: await json(process.stdin),
  env: process.env,
  args: process.argv.slice(2),
  cwd: process.cwd(),
};
console.log(JSON.stringify({ orrery: { output } }));
