/**
 * Records of the `seed` dialect that travel as plain maps: no tag, no strict types, keys that are
 * not known are passed over, and what is missing is what the database misses.
 */

import { SwhFault } from "../errors.ts";
import type { Kind } from "./kinds.ts";
import { isWireObject, type WireValue } from "./wire-value.ts";
import { wireName } from "./wire-name.ts";

/** One key of such a map. */
export interface MapKey<T> {
  readonly kind: Kind<T>;
  /** What stands for a key that is left out; without it the key must be there. */
  readonly absent?: () => T;
}

type MapKeys<T> = { readonly [Key in keyof T]-?: MapKey<T[Key]> };

interface NamedKey {
  readonly key: string;
  readonly wire: string;
  readonly at: MapKey<unknown>;
}

/** The kind of a record by its keys in the order in which they are written. */
export function plainMap<T extends object>(keys: MapKeys<T>): Kind<T> {
  const named: readonly NamedKey[] = Object.entries<MapKey<unknown>>(keys).map(([key, at]) => {
    return { key, wire: wireName(key), at };
  });
  return {
    decode: (value, place) => {
      if (!isWireObject(value)) throw new SwhFault("TypeError", `${place.name} must be a map`);
      const entries = named.map(({ key, wire, at }) => {
        const name = `${place.name}.${wire}`;
        const given = Object.hasOwn(value, wire) ? value[wire] : undefined;
        if (given !== undefined) return [key, at.kind.decode(given, { ...place, name })];
        if (at.absent !== undefined) return [key, at.absent()];
        throw new SwhFault("NotNullViolation", `${name} must be given`, { field: name });
      });
      return Object.fromEntries(entries) as T;
    },
    encode: (record) => {
      const map: Record<string, WireValue> = {};
      for (const { key, wire, at } of named) {
        const value: unknown = Reflect.get(record, key);
        map[wire] = at.kind.encode(value === undefined ? at.absent?.() : value);
      }
      return map;
    },
  };
}
