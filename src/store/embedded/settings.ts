/** The server's settings, given on its command line, where no file can contradict them. */

import { clusterName } from "./postmaster.ts";

/** What the settings depend on. */
export interface SettingsOptions {
  /** The absolute path of the socket's directory. */
  readonly socketDirectory: string;
  /** False gives up what is committed when the machine fails, for speed. */
  readonly durable: boolean;
  /** The caller's own settings, by PostgreSQL's names; they win. */
  readonly settings: Readonly<Record<string, string>>;
}

/** The defaults; all can be overridden except those that the launcher relies on. */
const defaultSettings: Readonly<Record<string, string>> = {
  // Several processes with a pool each, and room for a person.
  max_connections: "200",
  shared_buffers: "128MB",
  timezone: "UTC",
  log_timezone: "UTC",
  log_line_prefix: "%m [%p] ",
};

const volatileSettings: Readonly<Record<string, string>> = {
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
};

/**
 * The arguments of `postgres` for a server on `data`.
 * @returns name and value pairs in the form `-c name=value`
 */
export function serverArguments(data: string, options: SettingsOptions): readonly string[] {
  const settings = {
    ...defaultSettings,
    ...(options.durable ? {} : volatileSettings),
    ...options.settings,
    // No port: only this user's processes, through the socket.
    listen_addresses: "",
    port: "5432",
    unix_socket_directories: options.socketDirectory,
    unix_socket_permissions: "0700",
    // The log is the launcher's file.
    logging_collector: "off",
    log_destination: "stderr",
    cluster_name: clusterName,
  };
  const pairs = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  return ["-D", data, ...pairs];
}
