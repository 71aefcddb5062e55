// Runs the `verify` of a receiver's example against requests.
//
// The example's file is the only argument. Reads a JSON list of `{"headers", "body", "secrets", "now"}`
// from stdin and prints a list of verdicts.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { verify } = await import(pathToFileURL(process.argv[2]));
const requests = JSON.parse(readFileSync(0, "utf8"));
const verdicts = requests.map(({ headers, body, secrets, now }) =>
  verify(headers, Buffer.from(body), secrets, now),
);
console.log(JSON.stringify(verdicts));
