import Foundation
import Testing

/// Allocations of the program itself, counted by an interposed malloc: the same entry point as the user's.
///
/// The generator of the bench makes two captures with the same conversations, one with more frames. What the program
/// allocates for one and not for the other, it allocates for frames.
@Suite struct AllocationTests {
    private static let counter = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <stdio.h>
        #include <stdlib.h>
        static unsigned long count;
        __attribute__((destructor)) static void report(void)
        {
            const char *path = getenv("COUNT");
            FILE *file = path ? fopen(path, "w") : NULL;
            unsigned long counted = count;
            if (file) { fprintf(file, "%lu", counted); fclose(file); }
        }
        void *malloc(size_t size)
        {
            static void *(*real)(size_t);
            if (!real) real = (void *(*)(size_t))dlsym(RTLD_NEXT, "malloc");
            count++;
            return real(size);
        }
        int posix_memalign(void **place, size_t alignment, size_t size)
        {
            static int (*real)(void **, size_t, size_t);
            if (!real) real = (int (*)(void **, size_t, size_t))dlsym(RTLD_NEXT, "posix_memalign");
            count++;
            return real(place, alignment, size);
        }
        void *aligned_alloc(size_t alignment, size_t size)
        {
            static void *(*real)(size_t, size_t);
            if (!real) real = (void *(*)(size_t, size_t))dlsym(RTLD_NEXT, "aligned_alloc");
            count++;
            return real(alignment, size);
        }
        void *realloc(void *old, size_t size)
        {
            static void *(*real)(void *, size_t);
            if (!real) real = (void *(*)(void *, size_t))dlsym(RTLD_NEXT, "realloc");
            count++;
            return real(old, size);
        }
        """

    /// How many allocations 20,000 further frames cost.
    private func allocations(_ arguments: String, format: String = "") throws -> Int {
        let bench = Portwatch.repository.appendingPathComponent("scripts/bench.d/make-big.c").path
        let script = """
            cc=$(command -v cc || command -v clang)
            cat >$D/count.c; $cc -O1 -shared -fPIC -o $D/count.so $D/count.c -ldl; $cc -O1 -o $D/make \(bench)
            for frames in 20000 40000; do
                $D/make --frames $frames --conversations 20 \(format) $D/$frames.pcap >/dev/null
                COUNT=$D/count LD_PRELOAD=$D/count.so $P -r $D/$frames.pcap \(arguments) >/dev/null 2>&1
                cat $D/count; echo
            done
            """
        let finished = try Command.shell(script, input: Data(AllocationTests.counter.utf8))
        let counts = finished.lines.compactMap(Int.init)
        try #require(counts.count == 2, "\(finished.errors)")
        return counts[1] - counts[0]
    }

    @Test(arguments: ["-n", "-n -q --sockets", "-n -q", "-n -S -tt"])
    func `no frame costs an allocation`(_ arguments: String) throws {
        #expect(try allocations(arguments) == 0)
    }

    @Test(arguments: ["-n", "-n -q --sockets"]) func `nor does one of a pcapng file`(_ arguments: String) throws {
        #expect(try allocations(arguments, format: "--pcapng") == 0)
    }

    @Test func `the counter counts`() throws {
        #expect(try allocations("-n -v") > 20_000)
    }
}
