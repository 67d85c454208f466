"""Writes the seeds of the fuzzers: what real clients sent, as Tests/KafkaProtocolTests/Recorded and RecordedBatches hold it.

    python3 Tests/Fuzz/seed.py
"""

import hashlib
import re
import struct
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CORPUS = Path(__file__).resolve().parent / "corpus"


def frames(path: Path) -> list[bytes]:
    """Every block of hexadecimal digits in triple quotes."""
    blocks = re.findall(r'"""\s*([0-9a-fA-F\s]+?)\s*"""', path.read_text())
    return [bytes.fromhex("".join(block.split())) for block in blocks]


def write(target: str, data: bytes) -> None:
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / hashlib.sha1(data).hexdigest()[:16]).write_bytes(data)


def main() -> None:
    for path in sorted((ROOT / "Tests/KafkaProtocolTests/Recorded").glob("*.swift")):
        for frame in frames(path):
            write("request", frame)
            # A body of the right API is a start for the fuzzer of its responses as well.
            write("response", bytes([frame[1], frame[3]]) + frame[-40:])
    batches = frames(ROOT / "Tests/KafkaRecordsTests/RecordedBatches.swift")
    for batch in batches:
        write("batch", batch)
        write("codec", bytes([batch[22] & 7]) + batch[61:])
        write("log", b"\0" + batch)
    write("log", b"\1" + b"".join(struct.pack(">q", 3 * i) + batches[0][8:] for i in range(4)) + bytes(200))
    write("files", b"\0" + b"0\n2\norders 0 57\norders 1 3\n")
    write("files", b"\1" + b"0\n2\n0 0\n3 57\n")
    write("files", b"\2" + b"cluster.id=abc\ndirectory.id=def\nnode.id=1\nversion=1\n")
    write("files", b"\3" + struct.pack(">hIi", 1, 0, 1) + struct.pack(">qhiqiqiq", 7, 0, 4, 9, 2, 1_700_000_000_000, -1, -1))
    write("files", b"\4martlet-catalogue 1\nbroker log.retention.ms 5\ntopic AAAAAAAAAAAAAAAAAAAAAA orders 2 1\nconfig retention.ms 7\n")
    key = struct.pack(">hh", 1, 7) + b"readers" + struct.pack(">h", 6) + b"orders" + struct.pack(">i", 0)
    value = struct.pack(">hqih", 3, 17, -1, 0) + struct.pack(">q", 1_700_000_000_000)
    write("files", b"\6" + bytes([len(key) + 1]) + key + value)
    write("frames", b"\1\0\1" + bytes([4, 0, 9, 1, 8, 1, 0, 2, 5, 3, 200, 7, 63]) + bytes(range(15)))
    write("frames", b"\3\2\1" + bytes([6, 200, 0, 1, 6, 255, 255, 2, 4, 0, 8, 3]))
    write("frames", b"\2\7\7" + bytes([19]) + b"GET ")
    # Two records of the journal that go on where half of a segment ends, one that does not, and one that lies.
    write("journal", b"\x80\0\1\1\0\20\7\0\1\2\1\0\27\7\0")
    write("journal", b"\x40\0\1\2\0\1\7\2\10\7\0\4\5\1\x50\20\7\0\0\1\0\xfe")
    write("index", bytes([4]) + b"".join(struct.pack(">ii", 5 + 3 * i, 210 * (i + 1)) for i in range(4)) + struct.pack(">qi", 1022, 8))


if __name__ == "__main__":
    main()
