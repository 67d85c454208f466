"""Results of a benchmark: sections of rows with named figures, printed as a table and kept as JSON.

The JSON is what docs/benchmarks.md and its plots are made of (`report.py`, `plot.py`); it has everything that is printed.
"""

import json
import os
import platform
import subprocess
import time


class Column:
    def __init__(self, key, title, digits=2):
        self.key, self.title, self.digits = key, title, digits

    def text(self, value):
        return "" if value is None else value if isinstance(value, str) else f"{value:,.{self.digits}f}"


class Section:
    """One table. Its note says how to read it; its targets are what the project has promised."""

    def __init__(self, key, title, columns, note=""):
        self.key, self.title, self.columns, self.note = key, title, columns, note
        self.rows = []
        self.targets = []

    def add(self, name, **values):
        self.rows.append({"name": name, **values})

    def target(self, name, value, limit, unit="", at_least=False, digits=2):
        met = value >= limit if at_least else value <= limit
        self.targets.append(
            {"name": name, "value": value, "limit": limit, "unit": unit, "at_least": at_least, "met": met, "digits": digits})

    def as_dictionary(self):
        return {
            "key": self.key, "title": self.title, "note": self.note, "rows": self.rows, "targets": self.targets,
            "columns": [vars(column) for column in self.columns],
        }

    def print(self):
        widths = [max([len(column.title), 8] + [len(column.text(row.get(column.key))) for row in self.rows])
                  for column in self.columns]
        name_width = max([len(self.title)] + [len(row["name"]) for row in self.rows])
        print(f"\n{self.title:{name_width}}  " + "  ".join(f"{c.title:>{w}}" for c, w in zip(self.columns, widths)))
        for row in self.rows:
            cells = (f"{c.text(row.get(c.key)):>{w}}" for c, w in zip(self.columns, widths))
            print(f"{row['name']:{name_width}}  " + "  ".join(cells))
        for target in self.targets:
            print(target_sentence(target))
        print(end="", flush=True)


def target_sentence(target):
    verdict = "met" if target["met"] else "MISSED"
    return f"{verdict:7}{target['name']}: {value_text(target)}, target {limit_text(target)}"


def value_text(target):
    return f"{target['value']:,.{target['digits']}f}{target['unit']}"


def limit_text(target):
    return f"{'at least' if target['at_least'] else 'at most'} {target['limit']:,.10g}{target['unit']}"


def machine():
    with open("/proc/cpuinfo") as file:
        model = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "unknown")
    with open("/proc/meminfo") as file:
        memory_gigabytes = int(file.readline().split()[1]) / 1024 / 1024
    system = subprocess.run(["findmnt", "-n", "-o", "FSTYPE", "-T", "."], capture_output=True, text=True).stdout.strip()
    return {
        "cpu": model, "cores": os.cpu_count(), "memory_gigabytes": round(memory_gigabytes),
        "kernel": platform.release().split("-")[0], "file_system": system, "network": "loopback",
    }


def commit():
    found = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    return found.stdout.strip() or None


def write(path, name, sections):
    """Keeps the results in a file; without a path nothing is kept. Sections that were not measured this time stay as they are."""
    if not path:
        return
    kept = {}
    if os.path.exists(path):
        with open(path) as file:
            kept = {section["key"]: section for section in json.load(file)["sections"]}
    for section in sections:
        kept[section.key] = section.as_dictionary() | {
            "date": time.strftime("%Y-%m-%d", time.gmtime()), "commit": commit(), "machine": machine()}
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "w") as file:
        json.dump({"name": name, "sections": list(kept.values())}, file, indent=1, ensure_ascii=False)
        file.write("\n")
    print(f"\nkept in {path}")
