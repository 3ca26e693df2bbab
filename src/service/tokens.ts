/**
 * API tokens. The secret is shown once and never stored; a caller's secret is hashed and looked up
 * by its hash, so that no comparison of ours takes a time that depends on the secret.
 */

import { NotFoundError } from "../kernel/errors.ts";
import { ifPresent, readFields, readNumber, readOneOf, readText } from "../kernel/fields.ts";
import { toId, type TokenId } from "../kernel/ids.ts";
import { addMillis } from "../kernel/instant.ts";
import { randomSecret, sha256Hex } from "../kernel/secrets.ts";
import { type ApiToken, tokenRoles } from "../model/worker.ts";
import type { ServiceContext } from "./context.ts";
import { nameLettersMax } from "./read-requests.ts";

/** What secrets begin with, so that people and scanners know one when they see it. */
const secretPrefix = "orr_";
/** The prefix and 32 bytes in base64url. */
const secretShape = /^orr_[\w-]{43}$/;
const dayMs = 86_400_000;
const daysMax = 3_650;

/** A new token with its secret, which nothing can show again. */
export interface NewToken {
  readonly token: ApiToken;
  readonly secret: string;
}

/**
 * Makes a token.
 * @throws InvalidInputError `ORR_INPUT_INVALID` `ORR_INPUT_TOO_LARGE`
 */
export async function createToken({ store }: ServiceContext, request: unknown): Promise<NewToken> {
  const given = readFields(request, "", ["name", "role", "expiresInDays"]);
  const name = readText(given["name"], { field: "name", max: nameLettersMax });
  const role = readOneOf(given["role"], { field: "role", words: tokenRoles });
  const days = ifPresent(given["expiresInDays"], (value) =>
    readNumber(value, { field: "expiresInDays", min: 1, max: daysMax, whole: true }),
  );
  const secret = randomSecret(secretPrefix);
  const hash = await sha256Hex(secret);
  const expiresAt = days === undefined ? null : addMillis(await store.system.now(), days * dayMs);
  return { token: await store.tokens.create({ name, role, hash, expiresAt }), secret };
}

/** All tokens, also revoked and expired ones. */
export function listTokens({ store }: ServiceContext): Promise<readonly ApiToken[]> {
  return store.tokens.list();
}

/** Makes a token worthless at once; idempotent. @throws NotFoundError `ORR_NOT_FOUND_TOKEN` */
export async function revokeToken({ store }: ServiceContext, id: unknown): Promise<void> {
  const tokenId = toId<TokenId>(id, "id");
  if (await store.tokens.revoke(tokenId)) return;
  throw new NotFoundError("ORR_NOT_FOUND_TOKEN", `no token has the id ${tokenId}`, {
    details: { field: "id", value: tokenId },
  });
}

/** The valid token that a caller's secret belongs to; notes its use. */
export async function findTokenBySecret(
  { store }: ServiceContext,
  secret: string,
): Promise<ApiToken | undefined> {
  if (!secretShape.test(secret)) return undefined;
  return store.tokens.findByHash(await sha256Hex(secret));
}
