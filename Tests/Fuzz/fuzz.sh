#!/usr/bin/env bash
# Fuzzes every decoder with libFuzzer and AddressSanitizer: `Tests/Fuzz/fuzz.sh SECONDS [TARGET...]`, seconds for each target.
# The modules are compiled anew, instrumented, in a directory of their own; the normal build is not touched. What is found
# new grows in .build-fuzz/corpus; inputs that fail are left in .build-fuzz/failures. The seed is printed by libFuzzer.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-60}
shift || true
targets=${*:-request response batch codec files index log journal frames}
build=.build-fuzz
swiftc=${SWIFTC:-swiftc}
clang=${CLANG:-$(dirname "$(readlink -f "$(command -v "$swiftc")")")/clang}
sanitize="fuzzer,address"
mkdir -p $build/failures

if ! echo '@_cdecl("LLVMFuzzerTestOneInput") public func f(_ s: UnsafeRawPointer?, _ n: Int) -> Int32 { 0 }' |
    "$swiftc" -parse-as-library -sanitize=$sanitize -module-name probe -o $build/probe - 2>$build/probe.log; then
    echo "this toolchain has no libFuzzer (see $build/probe.log): nothing was fuzzed" >&2
    exit 3
fi

flags=(-O -g -wmo -parse-as-library -swift-version 6 -package-name martlet -enable-testing -sanitize=$sanitize
    -enable-experimental-feature Lifetimes -I $build -I Sources/CChecksum/include -I Sources/CPageGuard/include
    -I Sources/CLZ4 -I Sources/CZstd -I Sources/CZlib -I Sources/CSnappy)
for module in CChecksum CPageGuard; do
    [ -f Sources/$module/include/module.modulemap ] && continue
    mkdir -p $build/$module
    echo "module $module { umbrella \"$PWD/Sources/$module/include\" export * }" > $build/$module/module.modulemap
    flags+=(-Xcc -fmodule-map-file=$build/$module/module.modulemap)
done
"$clang" -c -O2 -g -fsanitize=address -ISources/CChecksum/include Sources/CChecksum/*.c -o $build/CChecksum.o
"$clang" -c -O2 -g -fsanitize=address -D_GNU_SOURCE -ISources/CPageGuard/include Sources/CPageGuard/*.c -o $build/CPageGuard.o
for module in KafkaProtocol KafkaRecords LogStorage; do
    # shellcheck disable=SC2046
    "$swiftc" "${flags[@]}" -module-name $module -emit-module -emit-module-path $build/$module.swiftmodule \
        -emit-object -o $build/$module.o $(find Sources/$module -name '*.swift' | sort)
done
# SwiftNIO's buffers, which the frames are cut from, as the package builds them: without instrumentation.
${SWIFT:-swift} build -c release --target NIOCore --scratch-path $build/package >$build/package.log 2>&1 || {
    tail -40 $build/package.log
    exit 1
}
package=$build/package/release
# An archive: the names of some objects have blanks.
rm -f $build/nio.a
find $package/*.build -name '*.o' -print0 | sort -z | xargs -0 ar rcs $build/nio.a
flags+=(-I $package/Modules)
for map in $package/*.build/module.modulemap; do
    # Those of our own modules are named above.
    case $map in */CChecksum.build/* | */CPageGuard.build/*) continue ;; esac
    flags+=(-Xcc "-fmodule-map-file=$map")
done
flags+=(-I $build/package/checkouts/swift-atomics/Sources/_AtomicsShims/include)
# Types of the broker and of the server that read what is stored or sent and need nothing else of them.
"$swiftc" "${flags[@]}" -module-name Fuzz -o $build/fuzz Tests/Fuzz/Targets/*.swift \
    Sources/Broker/Groups/GroupRecord.swift Sources/Broker/Topics/TopicCatalogue.swift \
    Sources/Server/{FrameReader,ForeignProtocol,ReceiveBuffer}.swift \
    $build/nio.a \
    $build/{KafkaProtocol,KafkaRecords,LogStorage,CChecksum,CPageGuard}.o \
    -Xlinker -l:liblz4.a -Xlinker -l:libzstd.a -Xlinker -l:libz.a -Xlinker -l:libsnappy.a -lstdc++ \
    2> >(grep -v "Cannot export local symbol" >&2)
rm -f Fuzz-*.swift{module,doc,sourceinfo}

failed=0
for target in $targets; do
    mkdir -p $build/corpus/"$target"
    echo "== $target, $seconds s"
    # Leaks are not looked for: the scratch of the targets lives as long as the process.
    if ! SWIFT_BACKTRACE=enable=no MARTLET_FUZZ_TARGET=$target ASAN_OPTIONS=detect_leaks=0 $build/fuzz $build/corpus/"$target" \
        Tests/Fuzz/corpus/"$target" -max_total_time="$seconds" -max_len=8192 -timeout=20 -rss_limit_mb=4096 \
        -artifact_prefix=$build/failures/"$target"- -print_final_stats=1 >$build/"$target".log 2>&1; then
        tail -60 $build/"$target".log
        failed=1
    fi
    grep -E "Seed:|stat::number_of_executed_units|DONE" $build/"$target".log || true
done
rm -rf /dev/shm/martlet-fuzz-*
exit $failed
