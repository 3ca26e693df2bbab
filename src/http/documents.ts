/** The OpenAPI document and a page to read it, without a file from anywhere else. */

import { createOpenApiDocument } from "../api/openapi.ts";
import { apiPrefix } from "../api/routes.ts";
import type { Surface, SurfaceResponse } from "../api/surface.ts";
import { getOnly } from "./get-only.ts";
import { referencePageScript, referencePageStyle } from "./reference-page-assets.ts";
import { renderReferencePage } from "./reference-page.ts";
import { pagePolicy } from "./security-headers.ts";

/** What the documents say of the server. */
export interface DocumentsOptions {
  readonly version: string;
  /** Whether requests need a token, so that the examples show one. */
  readonly tokenNeeded: () => boolean;
}

/** What stands directly below the API's prefix and is no route: open to all, it is no secret. */
export function createDocuments({ version, tokenNeeded }: DocumentsOptions): Surface {
  const document = createOpenApiDocument({ version });
  const text = JSON.stringify(document);
  const page = (): SurfaceResponse =>
    served({
      mediaType: "text/html",
      body: renderReferencePage(document, { tokenNeeded: tokenNeeded() }),
    });
  const files: Readonly<Record<string, () => SurfaceResponse>> = {
    "": page,
    "/": page,
    "/openapi.json": () => served({ mediaType: "application/json", body: text }),
    "/reference.css": () => served({ mediaType: "text/css", body: referencePageStyle }),
    "/reference.js": () => served({ mediaType: "text/javascript", body: referencePageScript }),
  };
  return {
    prefix: apiPrefix,
    role: null,
    handle: async (request) => {
      const file = Object.hasOwn(files, request.path) ? files[request.path] : undefined;
      return file === undefined ? undefined : getOnly(request, file);
    },
  };
}

function served({
  mediaType,
  body,
}: {
  readonly mediaType: string;
  readonly body: string;
}): SurfaceResponse {
  const headers = {
    "content-type": `${mediaType}; charset=utf-8`,
    "content-security-policy": pagePolicy,
  };
  return { status: 200, headers, body };
}
