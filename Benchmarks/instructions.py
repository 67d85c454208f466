"""Counts the instructions of each path of `Paths` under callgrind and compares them with those that are committed.

Times are noisy on a machine that others use, too; instructions are not. A path is run R and then 2 R times, in processes of their
own, and the difference belongs to R runs: start and preparation cancel out. Only the thread that runs the path counts. Hashes are
seeded alike every time. What memcpy and the like take depends on the processor, so counts compare on machines of one kind.

Fails if a path takes more than the tolerance above what is committed, or is not committed at all.
"""

import argparse
import concurrent.futures
import glob
import json
import os
import subprocess
import tempfile

TOLERANCE_PERCENT = 3


def paths(binary):
    lines = subprocess.run([binary], check=True, capture_output=True, text=True).stdout.splitlines()
    return [(name, int(repetitions)) for repetitions, name in (line.split("\t", 1) for line in lines)]


def counted(valgrind, binary, name, times):
    """Instructions of the first thread of a process that runs the path so many times."""
    with tempfile.TemporaryDirectory() as directory:
        output = os.path.join(directory, "counts")
        # Where a process finds its memory depends on its environment: it is the same for all.
        environment = {"SWIFT_DETERMINISTIC_HASHING": "1", "TMPDIR": directory, "PATH": os.environ["PATH"]}
        command = [
            valgrind, "--tool=callgrind", "--separate-threads=yes", f"--callgrind-out-file={output}", binary, name, str(times)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        found = glob.glob(output + "-01")
        if done.returncode != 0 or not found:
            raise SystemExit(f"error: {name}: {done.stderr.strip()[-500:]}")
        with open(found[0]) as file:
            return next(int(line.split()[1]) for line in file if line.startswith("totals:"))


def per_run(valgrind, binary, name, repetitions):
    few, many = (counted(valgrind, binary, name, times) for times in (repetitions, 2 * repetitions))
    return round((many - few) / repetitions)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True, help="Instructions, without debugging information")
    parser.add_argument("--committed", required=True, help="the JSON file to compare with")
    parser.add_argument("--update", action="store_true", help="write that file anew")
    parser.add_argument("--only", help="only paths whose name holds this")
    parser.add_argument("--valgrind", default="valgrind")
    options = parser.parse_args()
    chosen = [(name, times) for name, times in paths(options.binary) if not options.only or options.only in name]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        counts = list(pool.map(lambda path: per_run(options.valgrind, options.binary, *path), chosen))
    found = {name: count for (name, _), count in zip(chosen, counts)}
    committed = {}
    if os.path.exists(options.committed):
        with open(options.committed) as file:
            committed = json.load(file)["paths"]
    failures = report(found, committed)
    if options.update:
        kept = committed | found if options.only else found
        with open(options.committed, "w") as file:
            json.dump({"unit": "instructions for one run of the path", "paths": kept}, file, indent=1)
            file.write("\n")
        print(f"\nkept in {options.committed}")
    elif failures:
        raise SystemExit(
            f"\nerror: {', '.join(failures)}: more than {TOLERANCE_PERCENT} % above {options.committed}, or not in it. If that is "
            "meant, say why in the commit and run `make bench-instructions UPDATE=1`.")


def report(found, committed):
    """Prints a table; returns the paths that have grown."""
    width = max(map(len, found))
    failures = []
    print(f"{'instructions':{width}}  {'committed':>12}  {'now':>12}  change")
    for name, count in found.items():
        before = committed.get(name)
        if before is None:
            change, failed = "new", True
        else:
            percent = 100 * (count - before) / before
            failed = percent > TOLERANCE_PERCENT
            change = f"{percent:+.1f} %" + (" GREW" if failed else "")
        print(f"{name:{width}}  {before if before is not None else '':>12}  {count:>12}  {change}")
        failures += [name] if failed else []
    return failures


if __name__ == "__main__":
    main()
