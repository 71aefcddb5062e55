"""Prints what `json.dumps(json.loads(text))` gives, one text after another.

Each line of stdin is a JSON string that holds one text, so that a text may hold line ends.
Each line of stdout is the answer to one line. A text that Python refuses ends the program with its reason on stderr.
"""

import json
import sys

for line in sys.stdin.buffer:
    print(json.dumps(json.loads(json.loads(line))), flush=True)
