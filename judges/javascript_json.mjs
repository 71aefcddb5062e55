// Prints what `JSON.stringify(JSON.parse(text))` gives, one text after another.
//
// Each line of stdin is a JSON string that holds one text, so that a text may hold line ends.
// Each line of stdout is the answer to one line. A text that JavaScript refuses ends the program with its reason on stderr.

import { createInterface } from "node:readline";

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(JSON.parse(JSON.parse(line)))}\n`);
}
