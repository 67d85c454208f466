"""Writes the results of the benchmarks into docs/benchmarks.md, between its markers, from the JSON that they have kept.

`<!-- begin KEY -->` and `<!-- end KEY -->` enclose what is generated: KEY is that of a section, or `machine`, `targets`, `peers`,
`instructions`. What stands around them is written by hand.
"""

import argparse
import glob
import json
import os
import re

from results import Column, limit_text, value_text

NOT_MEASURED = "*Not measured yet.*"


def sections_in(directory):
    """By key, in the order of the files and of what they hold."""
    found = {}
    for path in sorted(glob.glob(os.path.join(directory, "*.json"))):
        with open(path) as file:
            for section in json.load(file)["sections"]:
                found[section["key"]] = section
    return found


def table(section):
    columns = [Column(**column) for column in section["columns"]]
    lines = [
        f"| {section['title']} | " + " | ".join(column.title for column in columns) + " |",
        "|---|" + "---:|" * len(columns),
    ]
    for row in section["rows"]:
        lines.append(f"| {row['name']} | " + " | ".join(column.text(row.get(column.key)) for column in columns) + " |")
    text = "\n".join(lines)
    return f"{text}\n\n{section['note']}" if section["note"] else text


def targets(sections):
    """One line a promise; of each peer the row that is closest to the limit."""
    lines = ["| promise | measured | target | |", "|---|---:|---:|---|"]
    for key, section in sections.items():
        found = section["targets"]
        if key.startswith("peer-"):
            least = min(found, key=lambda target: target["value"])
            met = sum(target["met"] for target in section["targets"])
            found = [least | {"name": f"{least['name']} (the least of {len(section['targets'])} rows, {met} of which meet it)"}]
        for target in found:
            verdict = "met" if target["met"] else "**missed**"
            lines.append(f"| {target['name']} | {value_text(target)} | {limit_text(target)} | {verdict} |")
    return "\n".join(lines)


def machine(sections):
    """One sentence for each machine and commit that figures come from."""
    origins = []
    for section in sections.values():
        found = section["machine"]
        origin = (
            f"{found['cores']} cores of {found['cpu']}, {found['memory_gigabytes']} GB of memory, Linux {found['kernel']}, "
            f"{found['file_system']}, {found['network']}; commit {section['commit']}, {section['date']}")
        if origin not in origins:
            origins.append(origin)
    return "\n".join(f"- {origin}" for origin in origins) or NOT_MEASURED


def instructions(path):
    if not os.path.exists(path):
        return NOT_MEASURED
    with open(path) as file:
        counts = json.load(file)["paths"]
    return "\n".join(["| path | instructions |", "|---|---:|"] + [f"| {name} | {count:,} |" for name, count in counts.items()])


def fill(text, key, content):
    pattern = re.compile(rf"(<!-- begin {re.escape(key)} -->\n).*?(<!-- end {re.escape(key)} -->)", re.DOTALL)
    return pattern.sub(lambda match: f"{match[1]}\n{content}\n\n{match[2]}", text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--page", required=True)
    parser.add_argument("--results", required=True, help="directory of the JSON files")
    parser.add_argument("--instructions", required=True, help="JSON file of the counts of instructions")
    options = parser.parse_args()
    with open(options.page) as file:
        text = file.read()
    sections = sections_in(options.results)
    contents = {key: table(section) for key, section in sections.items()}
    contents["machine"] = machine(sections)
    contents["targets"] = targets(sections) if sections else NOT_MEASURED
    contents["instructions"] = instructions(options.instructions)
    contents["peers"] = "\n\n".join(
        table(section) for key, section in sections.items() if key.startswith("peer-")) or NOT_MEASURED
    for key in re.findall(r"<!-- begin (\S+) -->", text):
        text = fill(text, key, contents.get(key, NOT_MEASURED))
    with open(options.page, "w") as file:
        file.write(text)


if __name__ == "__main__":
    main()
