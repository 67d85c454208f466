// Damage to files, behind the broker's back.

import Glibc
import LogStorage
import Testing

/// Overwrites bytes of a file in place.
func overwrite(_ path: String, at position: Int, with bytes: [UInt8]) throws {
    let descriptor = open(path, O_WRONLY)
    try #require(descriptor >= 0, "\(path) can be opened")
    defer { close(descriptor) }
    let count = bytes.span.bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, position) }
    try #require(count == bytes.count)
}

func readFile(_ path: String) throws -> [UInt8] {
    try #require(try AtomicFile.read(path: path, fileSystem: PosixFileSystem()), "\(path) is there")
}

func writeFile(_ path: String, _ bytes: [UInt8]) throws {
    try AtomicFile.replace(path: path, with: bytes, fileSystem: PosixFileSystem())
}

/// Names in a directory, sorted.
func names(in path: String) -> [String] { PosixFileSystem().list(path).names.sorted() }
