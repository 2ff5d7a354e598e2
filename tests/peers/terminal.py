"""Runs a program in a terminal of its own and presses Ctrl-C once `WORD` is to be seen: `terminal.py WORD PROGRAM [ARGS…]`.

Prints what was shown before and after, and how the program ended. Without a word to wait for, Ctrl-C is never pressed.
"""

import json
import os
import pty
import sys

word, *command = sys.argv[1:]
pid, terminal = pty.fork()
if pid == 0:
    os.environ["TERM"] = "xterm"
    os.execv(command[0], command)

before, after, pressed = "", "", False
while True:
    try:
        shown = os.read(terminal, 65536)
    except OSError:
        # The program has gone, and its side of the terminal with it.
        break
    if not shown:
        break
    if pressed:
        after += shown.decode(errors="replace")
        continue
    before += shown.decode(errors="replace")
    if word and word in before:
        os.write(terminal, b"\x03")
        pressed = True
_, status = os.waitpid(pid, 0)
print(json.dumps({"before": before, "after": after, "code": os.waitstatus_to_exitcode(status)}))
