/** The limits that have a number: lines, columns, function lines, positional parameters. */

import type { FunctionShape } from "./syntax.ts";
import {
  violationAt,
  isGenerated,
  isShipped,
  isTypeScript,
  type SourceFile,
  type Violation,
} from "./source-file.ts";

const fileLinesMax = 500;
const columnsMax = 100;
const functionLinesMax = 70;
const parametersMax = 3;

/**
 * Pairs with one natural order: what is compared; the ends of a range, smaller first; a name before
 * what it names; the two instants of a trigger's `next`, as its public interface has them.
 */
const orderedPairs = new Set([
  "a,b",
  "left,right",
  "low,high",
  "earlier,later",
  "one,other",
  "from,to",
  "name,text",
  "after,previous",
]);

/** A code file longer than its limit; `size` is its number of lines. */
export function fileLineViolations(file: SourceFile): readonly Violation[] {
  if (!isCode(file)) return [];
  const size = file.text.replace(/\n$/, "").split("\n").length;
  if (size <= fileLinesMax) return [];
  const message = `${size} lines, at most ${fileLinesMax}`;
  return [violationAt(file, 1, { rule: "file-lines", message, size })];
}

/** Lines wider than the limit, one violation each. */
export function columnViolations(file: SourceFile): readonly Violation[] {
  if (!isCode(file)) return [];
  return file.text.split("\n").flatMap((text, index) => {
    const columns = Array.from(text).length;
    if (columns <= columnsMax) return [];
    const message = `${columns} columns, at most ${columnsMax}`;
    return [violationAt(file, index + 1, { rule: "columns", message })];
  });
}

/** Functions longer than the limit; `size` is the function's number of lines. */
export function functionLineViolations(file: SourceFile): readonly Violation[] {
  return functionsOf(file)
    .filter((shape) => shape.lines > functionLinesMax && !shape.groupsTests)
    .map((shape) => {
      const message = `${shape.name} has ${shape.lines} lines, at most ${functionLinesMax}`;
      return violationAt(file, shape.line, { rule: "function-lines", message, size: shape.lines });
    });
}

/** Functions that take more positional parameters than the limit. */
export function parameterViolations(file: SourceFile): readonly Violation[] {
  return functionsOf(file)
    .filter((shape) => shape.parameters.length > parametersMax)
    .map((shape) => {
      const size = shape.parameters.length;
      const message = `${shape.name} takes ${size} parameters, at most ${parametersMax}`;
      return violationAt(file, shape.line, { rule: "parameters", message, size });
    });
}

/** Shipped functions with two positional parameters of one type, which a caller can swap unseen. */
export function sameTypeViolations(file: SourceFile): readonly Violation[] {
  if (!isShipped(file.path)) return [];
  return functionsOf(file).flatMap((shape) => {
    const types = shape.parameters;
    const twice = types.find((type, at) => type !== undefined && types.indexOf(type) !== at);
    const names = shape.parameterNames.filter((_, at) => types[at] === twice);
    if (twice === undefined || orderedPairs.has(names.join(","))) return [];
    const message = `${shape.name} takes two of ${twice}: hand them over by name`;
    return [violationAt(file, shape.line, { rule: "same-type", message })];
  });
}

function functionsOf(file: SourceFile): readonly FunctionShape[] {
  return isGenerated(file) ? [] : (file.syntax?.functions ?? []);
}

function isCode(file: SourceFile): boolean {
  return (isTypeScript(file.path) || /\.(sql|mjs|js)$/.test(file.path)) && !isGenerated(file);
}
