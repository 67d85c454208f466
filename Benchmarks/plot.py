"""Draws the plots of docs/benchmarks.md from the JSON that the benchmarks have kept. Needs matplotlib (`make bench-peers-deps`)."""

import argparse
import os

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as pyplot  # noqa: E402

from report import sections_in  # noqa: E402

OURS, OTHERS, FLOOR, LIMIT = "#1f6f8b", "#b0b7bd", "#e3a857", "#b23a48"


def bars_to_floor(axes, section):
    rows = section["rows"][::-1]
    colors = [OURS if row["to_floor"] <= 1.3 else OTHERS for row in rows]
    axes.barh([row["name"] for row in rows], [row["to_floor"] for row in rows], color=colors)
    axes.axvline(1, color=FLOOR, label="the floor")
    axes.axvline(1.3, color=LIMIT, linestyle="--", label="1.3 times")
    for index, row in enumerate(rows):
        axes.text(row["to_floor"], index, f" {row['to_floor']:.2f}", va="center", fontsize=8)
    axes.set_title("CPU of the broker, in multiples of the floor's")
    axes.legend(loc="lower right")


def produce_costs(axes, section):
    rows = [row for row in section["rows"] if row["cpu"] < 5][::-1]
    names = [row["name"].split(":")[0] for row in rows]
    axes.barh(names, [row["user"] for row in rows], color=OURS, label="user")
    axes.barh(names, [row["system"] for row in rows], left=[row["user"] for row in rows], color=FLOOR, label="system")
    axes.set_xlabel("CPU seconds of the broker for a GB of values")
    axes.set_title("Produce, one factor at a time")
    axes.legend()


BATCHES = {
    "batches of 1 record": 1100, "batches of 4 KiB": 4 << 10, "batches of 16 KiB": 16 << 10,
    "base: 1 KiB, 1 producer, 6 partitions, acks=1, 64 KiB": 64 << 10, "batches of 256 KiB": 256 << 10, "batches of 1 MiB": 1 << 20,
}


def costs_by_batch(axes, section):
    rows = {row["name"]: row for row in section["rows"]}
    points = [(size, rows[name]["cpu"]) for name, size in BATCHES.items() if name in rows]
    axes.loglog([size for size, _ in points], [cost for _, cost in points], color=OURS, marker="o")
    for size, cost in points:
        axes.annotate(f"{cost:.2f}", (size, cost), textcoords="offset points", xytext=(4, 6), fontsize=8)
    axes.set_xticks([size for size, _ in points], ["1 record", "4 KiB", "16 KiB", "64 KiB", "256 KiB", "1 MiB"][: len(points)])
    axes.minorticks_off()
    axes.set_ylabel("CPU seconds for a GB")
    axes.margins(0.08, 0.15)
    axes.set_title("Produce 1 KiB records, by size of the batch")


def latencies(axes, section):
    keys = [("p50", "p50"), ("p99", "p99"), ("p999", "p99.9"), ("max", "max")]
    for index, (row, color) in enumerate(zip(section["rows"], (OURS, FLOOR))):
        places = [place + 0.4 * index for place in range(len(keys))]
        drawn = axes.bar(places, [row[key] for key, _ in keys], width=0.38, color=color, label=row["name"])
        axes.bar_label(drawn, fmt="%.1f", fontsize=8)
    axes.axhline(5, color=LIMIT, linestyle="--", label="target of p99")
    axes.set_yscale("log")
    axes.set_xticks([place + 0.2 for place in range(len(keys))], [title for _, title in keys])
    axes.set_ylabel("milliseconds until the acknowledgement")
    axes.set_title("20 MB/s of 1 KiB records, acks=all, open loop")
    axes.legend(fontsize=8, ncols=3, loc="upper center", bbox_to_anchor=(0.5, -0.08))


def peers(figure, sections):
    """A row of bars for each load: how many times Martlet's CPU each peer takes."""
    names = list(dict.fromkeys(row["name"] for section in sections for row in section["rows"]))
    axes = figure.subplots()
    height = 0.8 / len(sections)
    for index, section in enumerate(sections):
        ratios = {row["name"]: row["ratio"] for row in section["rows"]}
        taken = [(place, ratios[name]) for place, name in enumerate(names[::-1]) if name in ratios]
        drawn = axes.barh(
            [place + 0.4 - height * (index + 0.5) for place, _ in taken], [ratio for _, ratio in taken], height=height * 0.9,
            label=section["title"], color=pyplot.get_cmap("tab10")(index))
        axes.bar_label(drawn, fmt=" %.1f", fontsize=7)
    axes.axvline(1, color=OURS, label="Martlet")
    axes.axvline(3, color=LIMIT, linestyle="--", label="target")
    axes.set_xscale("log")
    axes.set_yticks(range(len(names)), names[::-1])
    axes.set_xlabel("times Martlet's CPU")
    axes.set_title("CPU of the server for the same work")
    axes.legend(fontsize=8, ncols=3, loc="upper center", bbox_to_anchor=(0.2, -0.08))


PLOTS = [
    ("floor", bars_to_floor, (9, 5)), ("produce", produce_costs, (9, 5)), ("batches", costs_by_batch, (7, 4)),
    ("latency", latencies, (7, 4)),
]
SOURCES = {"batches": "produce"}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", required=True, help="directory of the JSON files")
    parser.add_argument("--images", required=True, help="directory of the plots")
    options = parser.parse_args()
    os.makedirs(options.images, exist_ok=True)
    sections = sections_in(options.results)

    def save(figure, name):
        figure.tight_layout()
        # Without the date and the version in it, the same results make the same file.
        figure.savefig(os.path.join(options.images, f"benchmarks-{name}.png"), dpi=110, metadata={"Software": None})
        pyplot.close(figure)

    for name, draw, size in PLOTS:
        section = sections.get(SOURCES.get(name, name))
        if section:
            figure = pyplot.figure(figsize=size)
            draw(figure.subplots(), section)
            save(figure, name)
    compared = [section for key, section in sections.items() if key.startswith("peer-")]
    if compared:
        figure = pyplot.figure(figsize=(9, 1 + 0.9 * max(len(section["rows"]) for section in compared)))
        peers(figure, compared)
        save(figure, "peers")


if __name__ == "__main__":
    main()
