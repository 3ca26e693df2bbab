/**
 * The plain values that records of this interface hold: JSON data that keeps whole numbers and
 * fractions apart, and whole numbers of any size.
 */

/**
 * A whole number: a `number` while it is a safe integer, a `bigint` beyond. Both are taken for any
 * size; what the interface answers is always in this form.
 */
export type Integer = number | bigint;

/**
 * A fraction whose value is whole, such as `1.0`, which Python and PostgreSQL tell from `1`. Other
 * fractions are plain numbers: a `number` that is a safe integer is a whole number, any other a
 * fraction.
 */
export class Float {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** JSON data as the reference keeps it. Objects have their keys in the order of arrival. */
export type SwhJson =
  | null
  | boolean
  | string
  | number
  | bigint
  | Float
  | readonly SwhJson[]
  | SwhJsonObject;

/** A JSON object of such values. */
export interface SwhJsonObject {
  readonly [key: string]: SwhJson;
}
