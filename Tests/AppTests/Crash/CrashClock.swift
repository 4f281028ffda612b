import Foundation
import TestSupport
import Testing

/// A wall clock for the bot that a test sets: the program is started with a small library that moves what the system
/// says. Its other clocks go on as ever.
struct CrashClock: Sendable {
    private let library: String
    private let file: String

    /// Compiles the library with the compiler of Swift's toolchain.
    init(in folder: TemporaryFolder) async throws {
        library = folder.path("clock.so")
        file = folder.path("clock")
        let source = try folder.write(CrashClock.source, to: "clock.c")
        let built = try await RunningProgram.run(
            "/usr/bin/env", ["clang", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"])
        try #require(built.code == 0, "\(built.text)")
        try set(0)
    }

    /// With these the program sees this clock.
    var environment: [String: String] { ["LD_PRELOAD": library, "CRASH_CLOCK": file] }

    /// By how many seconds it is wrong from now on, also for a program that runs.
    func set(_ seconds: Int) throws {
        let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        var offset = Int64(seconds)
        // In place: the program has mapped the file.
        try #require(pwrite(descriptor, &offset, 8, 0) == 8)
    }

    private static let source = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <fcntl.h>
        #include <stdint.h>
        #include <stdlib.h>
        #include <sys/mman.h>
        #include <sys/time.h>
        #include <time.h>
        #include <unistd.h>

        static const volatile int64_t *offset;
        static int (*real)(clockid_t, struct timespec *);

        __attribute__((constructor)) static void start(void) {
            real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
            const char *path = getenv("CRASH_CLOCK");
            int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
            if (file < 0) return;
            void *found = mmap(0, 8, PROT_READ, MAP_SHARED, file, 0);
            if (found != MAP_FAILED) offset = found;
            close(file);
        }

        int clock_gettime(clockid_t clock, struct timespec *now) {
            if (!real) start();
            int result = real(clock, now);
            if (!result && offset && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += *offset;
            return result;
        }

        int gettimeofday(struct timeval *now, void *zone) {
            struct timespec exact;
            (void)zone;
            if (clock_gettime(CLOCK_REALTIME, &exact)) return -1;
            now->tv_sec = exact.tv_sec;
            now->tv_usec = exact.tv_nsec / 1000;
            return 0;
        }

        time_t time(time_t *result) {
            struct timespec exact;
            if (clock_gettime(CLOCK_REALTIME, &exact)) return (time_t)-1;
            if (result) *result = exact.tv_sec;
            return exact.tv_sec;
        }

        """
}
