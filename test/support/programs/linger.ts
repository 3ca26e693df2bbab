/**
 * Stays until it is ended. Says so over a connection to the test, which the system closes when the
 * process is gone. Arguments: the test's port, and `obey` or `ignore` SIGTERM.
 */

import { connect } from "node:net";

const [port, mode] = process.argv.slice(2);
if (mode === "ignore") process.on("SIGTERM", () => console.error("SIGTERM ignored"));
const connection = connect(Number(port), "127.0.0.1", () => {
  connection.write(`${process.pid}\n`);
  console.log("lingering");
  process.send?.("ready");
});
