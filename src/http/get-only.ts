/** For surfaces that can only be read. */

import type { SurfaceRequest, SurfaceResponse } from "../api/surface.ts";
import { InvalidInputError } from "../kernel/errors.ts";
import { errorResponseOf } from "./error-reply.ts";

/** Answers GET and HEAD, refuses other methods. */
export async function getOnly(
  request: SurfaceRequest,
  answer: (request: SurfaceRequest) => Promise<SurfaceResponse> | SurfaceResponse,
): Promise<SurfaceResponse> {
  if (request.method === "GET" || request.method === "HEAD") return answer(request);
  return errorResponseOf(methodError(request.method, ["GET", "HEAD"]));
}

/** The error for a path that exists and a method that it does not take. */
export function methodError(method: string, allowed: readonly string[]): InvalidInputError {
  const allow = allowed.join(", ");
  return new InvalidInputError(
    "ORR_NOT_ALLOWED_METHOD",
    `this path takes ${allow}, not ${method.slice(0, 20)}`,
    { details: { field: "method", value: method.slice(0, 20), allow } },
  );
}
