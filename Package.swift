// swift-tools-version: 6.2
import PackageDescription

// Warnings are errors, everywhere: a warning that may stay is one that nobody reads.
let common: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableExperimentalFeature("Lifetimes"),
]

let package = Package(
    name: "martlet",
    products: [
        .executable(name: "martlet", targets: ["martlet"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // The arrows below are the whole import graph; docs/architecture.md says what each module is for.
        .target(name: "CChecksum", cSettings: [.unsafeFlags(["-O2"])]),
        .target(name: "CPageGuard"),
        .systemLibrary(name: "CLZ4"),
        .systemLibrary(name: "CZstd"),
        .systemLibrary(name: "CZlib"),
        .systemLibrary(name: "CSnappy"),
        .target(
            name: "KafkaRecords",
            dependencies: ["CChecksum", "CLZ4", "CZstd", "CZlib", "CSnappy"],
            swiftSettings: common,
            // The archives, not the shared objects: the binary has to run on a machine without them.
            linkerSettings: [
                .linkedLibrary(":liblz4.a"), .linkedLibrary(":libzstd.a"), .linkedLibrary(":libz.a"),
                .linkedLibrary(":libsnappy.a"), .linkedLibrary("stdc++"),
            ]),
        .target(name: "KafkaProtocol", swiftSettings: common),
        .target(name: "LogStorage", dependencies: ["CPageGuard", "KafkaRecords"], swiftSettings: common),
        .target(
            name: "Broker",
            dependencies: [
                "KafkaProtocol", "KafkaRecords", "LogStorage",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "OrderedCollections", package: "swift-collections"),
            ],
            swiftSettings: common),
        .target(
            name: "Server",
            dependencies: [
                "Broker",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: common),
        .target(
            name: "KafkaClient",
            dependencies: [
                "KafkaProtocol", "KafkaRecords",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: common),
        .executableTarget(
            name: "martlet",
            dependencies: [
                "Server", "Broker", "KafkaClient", "KafkaProtocol", "KafkaRecords", "LogStorage",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Histogram", package: "hdrhistogram-swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: common),
        .executableTarget(name: "ProtocolGenerator", swiftSettings: common),
        .target(
            name: "TestSupport",
            dependencies: ["KafkaRecords", "LogStorage", .product(name: "Logging", package: "swift-log")],
            swiftSettings: common),
        .testTarget(
            name: "KafkaRecordsTests", dependencies: ["KafkaRecords", "TestSupport"], swiftSettings: common),
        .testTarget(name: "KafkaProtocolTests", dependencies: ["KafkaProtocol"], swiftSettings: common),
        .testTarget(name: "LogStorageTests", dependencies: ["LogStorage", "TestSupport"], swiftSettings: common),
        .testTarget(
            name: "BrokerTests", dependencies: ["Broker", "KafkaProtocol", "KafkaRecords", "TestSupport"],
            swiftSettings: common),
        .testTarget(
            name: "ServerTests",
            dependencies: [
                "Server", "KafkaClient", "KafkaProtocol", "KafkaRecords", "TestSupport",
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ],
            swiftSettings: common),
        .testTarget(name: "MartletTests", dependencies: ["martlet", "TestSupport"], swiftSettings: common),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)

// What measures the code from inside, and the package that it takes. Only where somebody asks for it: an ordinary build
// neither fetches nor compiles them.
if Context.environment["MARTLET_BENCHMARKS"] != nil {
    package.dependencies.append(
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []))
    package.targets += [
        .target(
            name: "Paths",
            dependencies: [
                "Broker", "KafkaProtocol", "KafkaRecords", "LogStorage", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Benchmarks/Paths", swiftSettings: common),
        .executableTarget(
            name: "Instructions", dependencies: ["Paths"], path: "Benchmarks/Instructions", swiftSettings: common),
        .executableTarget(
            name: "Micro", dependencies: ["Paths", .product(name: "Benchmark", package: "benchmark")],
            path: "Benchmarks/Micro", swiftSettings: common,
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
    ]
}
