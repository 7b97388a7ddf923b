"""Turns what `edgecc conformance --json` wrote into a page.

usage: report.py TITLE=RESULTS.json… > PAGE.md

A suite is summed up in a line; every case that does not pass is listed with its reason.
"""

import collections
import json
import sys

HEAD = """Written by `make conformance`, which builds these suites and runs them on the interpreter.
A case that is skipped counts as not passed.

| suite | cases | passed | failed | skipped | passed of all |
|---|---:|---:|---:|---:|---:|"""


def reason(case):
    if case["outcome"] == "skipped":
        return case["reason"]
    return case["failures"][0] if case["failures"] else "failed"


def summary(title, report):
    total = len(report["cases"])
    share = 100 * report["passed"] / max(total, 1)
    cells = [title, total, report["passed"], report["failed"], report["skipped"], f"{share:.2f} %"]
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def misses(title, report):
    groups = collections.defaultdict(list)
    for case in report["cases"]:
        if case["outcome"] != "passed":
            groups[reason(case)].append(case["name"])
    if not groups:
        return []
    lines = ["", f"### Not passed: {title}", "", "| cases | why |", "|---|---|"]
    for why, names in sorted(groups.items(), key=lambda group: (-len(group[1]), group[1][0])):
        listed = ", ".join(f"`{name}`" for name in sorted(names))
        lines.append(f"| {listed} | {why.replace('|', chr(92) + '|')} |")
    return lines


def main(arguments):
    suites = []
    for argument in arguments:
        title, path = argument.split("=", 1)
        with open(path, encoding="utf-8") as file:
            suites.append((title, json.load(file)))
    lines = [HEAD] + [summary(*suite) for suite in suites]
    for suite in suites:
        lines += misses(*suite)
    print("\n".join(lines))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1:])
