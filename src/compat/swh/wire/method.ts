/**
 * A method as it travels: its path, its arguments by name, its result. The arguments are one
 * object on our side, the same in both dialects; a dialect that lacks one leaves it off the wire.
 */

import { SwhFault } from "../errors.ts";
import type { SwhScheduler } from "../scheduler.ts";
import { type Kind, nullable } from "./kinds.ts";
import { isWireObject, type WireObject, type WireValue } from "./wire-value.ts";
import { wireName } from "./wire-name.ts";

/** One argument. */
export interface Argument<T> {
  readonly kind: Kind<T>;
  /** What stands for one that is left out; without it the argument must be there. */
  readonly absent?: () => T;
  /** The dialect has no such argument: it is always what `absent` says. */
  readonly isMissing?: boolean;
}

/** An argument that must be given. */
export function required<T>(kind: Kind<T>): Argument<T> {
  return { kind };
}

/** An argument that may be null, and is when it is left out. */
export function optional<T>(kind: Kind<T>): Argument<T | null> {
  return { kind: nullable(kind), absent: () => null };
}

/** An argument with a default. */
export function defaulted<T>(kind: Kind<T>, value: NoInfer<T>): Argument<T> {
  return { kind, absent: () => value };
}

type Arguments<Given> = { readonly [Key in keyof Given]-?: Argument<Given[Key]> };

/** One method of the interface. */
export interface Method<Given extends object, Result> extends MethodParts<Given, Result> {
  /** @throws SwhFault for an argument that the dialect lacks */
  encodeArguments(given: Given): WireObject;
  /**
   * Calls the scheduler with the arguments of a body; answers the result as it travels.
   * @throws SwhFault for arguments that are unknown, missing or wrong, and what the method throws
   */
  answer(scheduler: SwhScheduler, body: WireValue): Promise<WireValue>;
}

/** What a method is made of. */
export interface MethodParts<Given extends object, Result> {
  /** Below the base address, as `task/create`. */
  readonly path: string;
  /** The dialect has no such method. @defaultValue false */
  readonly isMissing?: boolean;
  readonly takes: Arguments<Given>;
  /** Arguments that are taken, and mean nothing. @defaultValue none */
  readonly ignored?: readonly string[];
  readonly result: Kind<Result>;
  readonly invoke: (scheduler: SwhScheduler, given: Given) => Promise<Result>;
}

interface NamedArgument {
  readonly key: string;
  readonly wire: string;
  readonly argument: Argument<unknown>;
}

/** Makes a method; the wire's names of its arguments are ours in snake_case. */
export function method<Given extends object, Result>(
  parts: MethodParts<Given, Result>,
): Method<Given, Result> {
  const named = Object.entries<Argument<unknown>>(parts.takes).map(([key, argument]) => {
    const wire = wireName(key);
    return { key, wire, argument };
  });
  const present = named.filter(({ argument }) => argument.isMissing !== true);
  const ignored = parts.ignored ?? [];
  const known = new Set([...present.map(({ wire }) => wire), ...ignored]);
  return {
    ...parts,
    answer: async (scheduler, body) => {
      const given = decodeArguments(body, { path: parts.path, named, known });
      return parts.result.encode(await parts.invoke(scheduler, given as Given));
    },
    encodeArguments: (given) => ({
      ...encodeArguments(given, named),
      ...Object.fromEntries(ignored.map((wire) => [wire, null])),
    }),
  };
}

/** The same method in a dialect that lacks some of its arguments. */
export function withoutArguments<Given extends object, Result>(
  whole: Method<Given, Result>,
  names: readonly (keyof Given & string)[],
): Method<Given, Result> {
  const missing = new Set<string>(names);
  const takes = Object.entries<Argument<unknown>>(whole.takes).map(([name, argument]) => {
    return [name, missing.has(name) ? { ...argument, isMissing: true } : argument];
  });
  return method({ ...whole, takes: Object.fromEntries(takes) as Arguments<Given> });
}

function decodeArguments(
  body: WireValue,
  taken: {
    readonly path: string;
    readonly named: readonly NamedArgument[];
    readonly known: ReadonlySet<string>;
  },
): object {
  const { path, named, known } = taken;
  if (!isWireObject(body)) {
    throw new SwhFault("TypeError", `the arguments of ${path} must be a map of their names`);
  }
  const unknown = Object.keys(body).find((name) => !known.has(name));
  if (unknown !== undefined) {
    const shown = unknown.slice(0, 40);
    throw new SwhFault("TypeError", `${path} got an unexpected keyword argument '${shown}'`);
  }
  return Object.fromEntries(
    named.map(({ key, wire, argument }) => {
      const isGiven = argument.isMissing !== true && Object.hasOwn(body, wire);
      if (isGiven) {
        const place = { name: wire, inModel: false };
        return [key, argument.kind.decode(body[wire] ?? null, place)];
      }
      if (argument.absent !== undefined) return [key, argument.absent()];
      throw new SwhFault("TypeError", `${path} misses the required argument '${wire}'`);
    }),
  );
}

function encodeArguments(given: object, named: readonly NamedArgument[]): WireObject {
  const encoded: Record<string, WireValue> = {};
  for (const { key, wire, argument } of named) {
    const value: unknown = Reflect.get(given, key);
    if (argument.isMissing !== true) encoded[wire] = argument.kind.encode(value);
    else if (value !== argument.absent?.()) {
      throw new SwhFault("TypeError", `this dialect has no argument '${wire}'`, { field: wire });
    }
  }
  return encoded;
}
