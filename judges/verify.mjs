// Lets the JavaScript library `standardwebhooks` judge one webhook request.
//
// Reads `{"secret", "headers", "body"}` as JSON from stdin; `body` is the exact text that was sent.
// Exit code 0: the library accepts it. 1: the library refuses it, reason on stderr.
// 2: the question was malformed or the library broke, so there is no verdict.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const ACCEPTED = 0;
const REFUSED = 1;
const NO_VERDICT = 2;

/** Loads the library from `CAREHOOK_JUDGE_NODE_MODULES`: ES imports do not look outside this folder. */
function library() {
  const modules = process.env.CAREHOOK_JUDGE_NODE_MODULES;
  if (!modules) {
    throw new Error("CAREHOOK_JUDGE_NODE_MODULES is not set: run `cargo xtask test`");
  }
  return createRequire(path.join(modules, "judge.js"))("standardwebhooks");
}

/** Verifies, and keeps the library from failing on a body that is correctly signed but is not JSON. */
function judge({ Webhook, WebhookVerificationError }, { secret, headers, body }) {
  try {
    new Webhook(secret).verify(body, headers);
    return ACCEPTED;
  } catch (error) {
    if (error instanceof WebhookVerificationError) {
      console.error(error.message);
      return REFUSED;
    }
    // The library parses the body only after a signature has matched.
    if (error instanceof SyntaxError) {
      return ACCEPTED;
    }
    throw error;
  }
}

try {
  process.exitCode = judge(library(), JSON.parse(readFileSync(0, "utf8")));
} catch (error) {
  console.error(error);
  process.exitCode = NO_VERDICT;
}
