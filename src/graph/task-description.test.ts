import { expect, it } from "vitest";
import { Dependencies } from "./dependencies.ts";
import { DependencyTaskGroup } from "./dependency-task-group.ts";
import { PollingTaskGroup } from "./polling-task-group.ts";
import { taskDescription } from "./task-description.ts";
import { TaskRunner } from "./task-runner.ts";

it("names a function, also one that was bound, and says when it has no name", () => {
  function* createServer() {}
  const server = { name: "db" };
  expect(taskDescription(createServer)).toBe("createServer");
  expect(taskDescription(createServer.bind(server).bind(server))).toBe("createServer");
  expect(taskDescription(() => undefined)).toBe("<anonymous>");
});

it("lets anything else print itself", () => {
  const dependencies = new Dependencies([["server", "volume"]]);
  function create(node: string): string {
    return node;
  }
  const group = new DependencyTaskGroup(dependencies, { task: create });
  expect(taskDescription(group)).toBe(
    "DependencyTaskGroup((create) {volume: {}, server: {volume}})",
  );
  const named = new DependencyTaskGroup(dependencies, { task: create, name: "deploy" });
  expect(String(new TaskRunner(named))).toBe("Task DependencyTaskGroup(deploy)");
  expect(taskDescription(new PollingTaskGroup<unknown>([function poll() {}, group]))).toBe(
    `PollingTaskGroup(poll, ${String(group)})`,
  );
});
