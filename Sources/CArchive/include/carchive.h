// A small C surface over libarchive: reads a gzip-compressed tar archive, and nothing else, entry by entry.
#pragma once
#include <stdint.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct carchive_reader carchive_reader;

/// What an entry is.
typedef enum {
    CARCHIVE_FILE = 0,
    CARCHIVE_FOLDER = 1,
    /// A symbolic or hard link.
    CARCHIVE_LINK = 2,
    /// A device, a pipe, a socket, or what nobody knows.
    CARCHIVE_SPECIAL = 3
} carchive_kind;

typedef struct {
    carchive_kind kind;
    /// As the archive says it; NULL when it cannot be read as UTF-8. Lives until the next call.
    const char *path;
    /// Bytes of the file, as the header says; 0 when it does not say.
    int64_t size;
} carchive_entry;

/// Reads from a file descriptor, which stays the caller's. NULL only when memory is gone. The thread that opens a
/// reader must use and close it: names are read in a locale of UTF-8 that is set for that thread until then.
carchive_reader *carchive_open(int descriptor);
void carchive_close(carchive_reader *reader);

/// The next entry: 1 when there is one, 0 at the end, -1 when the archive is broken; then ask carchive_error.
int carchive_next(carchive_reader *reader, carchive_entry *entry);

/// Bytes of the present entry: how many were put into `buffer`, 0 at its end, -1 when the archive is broken.
long carchive_read(carchive_reader *reader, void *buffer, size_t count);

/// Bytes that were taken from the file, and that came out of the decompression, so far.
int64_t carchive_compressed(carchive_reader *reader);
int64_t carchive_unpacked(carchive_reader *reader);

/// What was wrong; lives until the next call. Never NULL.
const char *carchive_error(carchive_reader *reader);

/// syncfs(2), which Swift does not show: what was written to the file system of a descriptor is on the disk when it
/// returns 0.
int carchive_flush(int descriptor);

#ifdef __cplusplus
}
#endif
