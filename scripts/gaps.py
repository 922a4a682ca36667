"""Reads an LCOV file, and prints the lines that no test runs. scripts/coverage calls this script."""

import collections
import os
import sys

GAPS = 10


def read(path):
    """Yields the name of each source file, and how often each of its lines ran."""
    with open(path, encoding="utf-8") as file:
        for line in file:
            kind, _, value = line.strip().partition(":")
            if kind == "SF":
                name, counts = os.path.relpath(value), {}
            elif kind == "DA":
                number, count = value.split(",")[:2]
                counts[int(number)] = int(count)
            elif kind == "end_of_record" and name.startswith("src/") and "/tests" not in name:
                yield name, counts


def gaps(counts):
    """Yields each sequence of lines that never ran: the number of lines, the first line and the last line."""
    gap = []
    for number in sorted(counts):
        if counts[number] == 0:
            gap.append(number)
        elif gap:
            yield len(gap), gap[0], gap[-1]
            gap = []
    if gap:
        yield len(gap), gap[0], gap[-1]


def main(path):
    lines, missed, found = collections.Counter(), collections.Counter(), []
    for name, counts in read(path):
        parts = name.split("/")
        module = parts[1] if len(parts) > 2 else "src/*.rs"
        lines[module] += len(counts)
        missed[module] += sum(count == 0 for count in counts.values())
        found += [(size, name, first, last) for size, first, last in gaps(counts)]
    print("module          lines  not run")
    for name, count in [*missed.most_common(), ("all", missed.total())]:
        total = lines[name] or lines.total()
        print(f"{name:14}{total:7}{count:8}  {100 * count / total:4.1f} %")
    print("\nThe largest gaps:")
    for size, name, first, last in sorted(found, reverse=True)[:GAPS]:
        print(f"{size:4} lines  {name}:{first}-{last}")


main(sys.argv[1])
