"""Sorts the races that ThreadSanitizer has reported: `tsan_report.py LOG`.

The slow path of Swift's `Mutex` on Linux waits in a library that is not instrumented, so ThreadSanitizer does not learn that
whoever waited comes after whoever unlocked: accesses inside of `withLock` on both sides are reported although they take turns.
Those are counted; every other race is printed, and fails.
"""

import re
import sys
from pathlib import Path

REPORT = re.compile(r"WARNING: ThreadSanitizer: (?:data race|Swift access race).*?(?:^SUMMARY: .*?$)", re.S | re.M)
# A closure that takes its argument `inout sending` and gives its result `sending`: the body of `withLock`, itself inlined.
LOCKED = re.compile(r"zYu\w*?YTXE")
SIDE = re.compile(
    r"^\s+(?:Write|Read|Modifying access|Previous|Atomic)\b.*?(?=^\s*$)", re.S | re.M | re.I)


def main() -> int:
    text = Path(sys.argv[1]).read_text(errors="replace")
    guarded, others = 0, []
    for report in REPORT.findall(text):
        sides = SIDE.findall(report)
        if len(sides) >= 2 and all(LOCKED.search(side) for side in sides[:2]):
            guarded += 1
        else:
            others.append(report)
    for report in others:
        print(report, end="\n\n")
    print(f"{guarded} reports of accesses inside of locks on both sides, {len(others)} others")
    return 1 if others else 0


if __name__ == "__main__":
    sys.exit(main())
