#define _GNU_SOURCE
#include "carchive.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

// Bytes that are read from the file at a time.
#define BLOCK_SIZE 65536

struct carchive_reader {
    struct archive *archive;
    int is_open;
    locale_t locale;
    locale_t locale_before;
};

carchive_reader *carchive_open(int descriptor) {
    carchive_reader *reader = calloc(1, sizeof(carchive_reader));
    if (!reader) return NULL;
    reader->archive = archive_read_new();
    if (!reader->archive) {
        free(reader);
        return NULL;
    }
    // libarchive reads names in the locale of the process, which in a service is often plain C.
    reader->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (reader->locale) reader->locale_before = uselocale(reader->locale);
    // Named, not guessed: no other format, no archive that is compressed twice.
    reader->is_open = archive_read_append_filter(reader->archive, ARCHIVE_FILTER_GZIP) == ARCHIVE_OK &&
                      archive_read_support_format_tar(reader->archive) == ARCHIVE_OK &&
                      archive_read_open_fd(reader->archive, descriptor, BLOCK_SIZE) == ARCHIVE_OK;
    return reader;
}

void carchive_close(carchive_reader *reader) {
    archive_read_free(reader->archive);
    if (reader->locale) {
        uselocale(reader->locale_before);
        freelocale(reader->locale);
    }
    free(reader);
}

static carchive_kind kind_of(struct archive_entry *entry) {
    if (archive_entry_hardlink(entry) || archive_entry_symlink(entry)) return CARCHIVE_LINK;
    switch (archive_entry_filetype(entry)) {
    case AE_IFREG:
        return CARCHIVE_FILE;
    case AE_IFDIR:
        return CARCHIVE_FOLDER;
    case AE_IFLNK:
        return CARCHIVE_LINK;
    default:
        return CARCHIVE_SPECIAL;
    }
}

int carchive_next(carchive_reader *reader, carchive_entry *entry) {
    struct archive_entry *found = NULL;
    if (!reader->is_open) return -1;
    int result = archive_read_next_header(reader->archive, &found);
    if (result == ARCHIVE_EOF) return 0;
    // A warning is about a name or a time that could not be read; a name without which we cannot do is NULL then.
    if (result != ARCHIVE_OK && result != ARCHIVE_WARN) return -1;
    entry->kind = kind_of(found);
    entry->path = archive_entry_pathname_utf8(found);
    if (!entry->path) entry->path = archive_entry_pathname(found);
    entry->size = archive_entry_size_is_set(found) ? archive_entry_size(found) : 0;
    return 1;
}

long carchive_read(carchive_reader *reader, void *buffer, size_t count) {
    la_ssize_t size = archive_read_data(reader->archive, buffer, count);
    return size < 0 ? -1 : (long)size;
}

int64_t carchive_compressed(carchive_reader *reader) { return archive_filter_bytes(reader->archive, -1); }

int64_t carchive_unpacked(carchive_reader *reader) { return archive_filter_bytes(reader->archive, 0); }

const char *carchive_error(carchive_reader *reader) {
    const char *words = archive_error_string(reader->archive);
    return words ? words : "it cannot be read";
}

int carchive_flush(int descriptor) { return syncfs(descriptor); }
