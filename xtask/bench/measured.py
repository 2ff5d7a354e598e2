"""Runs a program and says what it took: `measured.py OUTPUT PROGRAM ARGUMENT…`.

Prints CPU seconds (user and system), wall seconds and the peak of resident memory in KiB, as the kernel counted them.
The kernel counts this little program's own memory as the least, because the other begins as its copy.
"""

import os
import sys
import time

output, *words = sys.argv[1:]
to_output = (os.POSIX_SPAWN_OPEN, 1, output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
start = time.perf_counter()
process = os.posix_spawn(words[0], words, os.environ, file_actions=[to_output])
_, status, used = os.wait4(process, 0)
wall_s = time.perf_counter() - start
print(used.ru_utime + used.ru_stime, wall_s, used.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status) != 0)
