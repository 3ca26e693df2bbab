import { describe, expect, it } from "vitest";
import type { OrreryConfig } from "../../app/config.ts";
import {
  databasePlaceOf,
  drainMsOf,
  type ListenOptions,
  listenPlaceOf,
  type ProcessOptions,
  type SettingsSources,
} from "./settings.ts";

function sources(
  options: ProcessOptions & ListenOptions,
  others: { readonly env?: Record<string, string>; readonly config?: OrreryConfig } = {},
): SettingsSources<ProcessOptions & ListenOptions> {
  const loaded = {
    path: "/conf/orrery.config.ts",
    directory: "/conf",
    config: others.config ?? {},
  };
  return { options, env: others.env ?? {}, loaded, directory: "/here" };
}

const everywhere = {
  env: { DATABASE_URL: "postgres://env/db", ORRERY_DATA: "env-data", ORRERY_PORT: "7002" },
  config: { databaseUrl: "postgres://conf/db", dataDirectory: "conf-data", port: 7003 },
};

describe("databasePlaceOf", () => {
  it("is embedded below the working directory where nothing is said", () => {
    expect(databasePlaceOf(sources({}))).toEqual({
      kind: "embedded",
      dataDirectory: "/here/.orrery",
    });
  });

  it("takes options, then the environment, then the configuration", () => {
    const urlOf = (options: ProcessOptions, others: typeof everywhere): unknown =>
      databasePlaceOf(sources(options, others));
    expect(urlOf({ databaseUrl: "postgres://option/db" }, everywhere)).toMatchObject({
      databaseUrl: "postgres://option/db",
    });
    expect(urlOf({ data: "option-data" }, everywhere)).toMatchObject({
      dataDirectory: "/here/option-data",
    });
    expect(urlOf({}, everywhere)).toMatchObject({ databaseUrl: "postgres://env/db" });
    expect(
      databasePlaceOf(sources({}, { env: { ORRERY_DATA: "x" }, config: everywhere.config })),
    ).toMatchObject({ dataDirectory: "/here/x" });
    expect(databasePlaceOf(sources({}, { config: everywhere.config }))).toMatchObject({
      databaseUrl: "postgres://conf/db",
    });
  });

  it("reads a directory of the configuration relative to its file", () => {
    expect(databasePlaceOf(sources({}, { config: { dataDirectory: "data" } }))).toEqual({
      kind: "embedded",
      dataDirectory: "/conf/data",
    });
  });

  it("refuses an address that is none without repeating it", () => {
    const wrong = sources({}, { env: { DATABASE_URL: "mysql://me:secret@host/db" } });
    expect(() => databasePlaceOf(wrong)).toThrow(/^DATABASE_URL must begin with postgres:/);
    expect(() => databasePlaceOf(wrong)).not.toThrow(/secret/);
  });
});

describe("listenPlaceOf", () => {
  it("is loopback and the usual port where nothing is said", () => {
    expect(listenPlaceOf(sources({}))).toEqual({ host: "127.0.0.1", port: 8420 });
  });

  it("takes the port of the option, then the environment, then the configuration", () => {
    expect(listenPlaceOf(sources({ port: "7001" }, everywhere)).port).toBe(7001);
    expect(listenPlaceOf(sources({}, everywhere)).port).toBe(7002);
    expect(listenPlaceOf(sources({}, { config: { port: 7003 } })).port).toBe(7003);
  });

  it.each(["", "x", "-1", "65536", "80.5"])("refuses the port %j", (port) => {
    expect(() => listenPlaceOf(sources({ port }))).toThrow(/^--port must be a whole number/);
  });
});

describe("drainMsOf", () => {
  it("takes the option, then the configuration, then 10 s", () => {
    const config = { worker: { drainMs: 5 } };
    expect(drainMsOf(sources({ drain: "2s" }, { config }))).toBe(2_000);
    expect(drainMsOf(sources({}, { config }))).toBe(5);
    expect(drainMsOf(sources({}))).toBe(10_000);
  });
});
