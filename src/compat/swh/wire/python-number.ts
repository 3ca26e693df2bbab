/**
 * How the reference's runtime writes a fraction: the shortest digits that read back the same, as
 * here, but with a point or an exponent always, the exponent of two digits at least, and used
 * below 10^-4 and from 10^16 on.
 */

/** The text of a finite fraction. */
export function fractionText(value: number): string {
  const [mantissa = "", power = "0"] = value.toExponential().split("e");
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 16) {
    const size = String(Math.abs(exponent)).padStart(2, "0");
    return `${signed(value, mantissa)}e${exponent < 0 ? "-" : "+"}${size}`;
  }
  // Within these bounds the runtime writes no exponent, except for 10^-5 and less.
  const text = signed(value, String(Math.abs(value)));
  return text.includes(".") ? text : `${text}.0`;
}

/** Negative zero has a sign in Python and none here. */
function signed(value: number, digits: string): string {
  const bare = digits.replace(/^-/, "");
  return value < 0 || Object.is(value, -0) ? `-${bare}` : bare;
}
