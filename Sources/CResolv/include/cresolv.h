// A small C surface over glibc's resolver: one question to one name server, or to the machine's own.
#pragma once
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What came of a question.
typedef enum {
    CRESOLV_ANSWERED = 0,
    /// The name is there, and has no record of that type.
    CRESOLV_NO_DATA = 1,
    /// The name is not there.
    CRESOLV_NO_NAME = 2,
    CRESOLV_SERVER_FAILED = 3,
    CRESOLV_REFUSED = 4,
    /// Nobody answered in time, or the port is closed.
    CRESOLV_SILENT = 5,
    /// The answer cannot be read, or has another code.
    CRESOLV_STRANGE = 6,
    /// The question cannot be asked: no such address, no name.
    CRESOLV_IMPOSSIBLE = 7,
} cresolv_result;

/// The types that can be asked for (RFC 1035 §3.2.2, RFC 3596 §2.1).
enum { CRESOLV_A = 1, CRESOLV_NS = 2, CRESOLV_CNAME = 5, CRESOLV_TXT = 16, CRESOLV_AAAA = 28 };

/// Gets one record of the answer: the bytes of its value, which are an address or a name as people write it, or a text
/// with its parts joined. They are gone when it returns.
typedef void (*cresolv_record)(void *context, const char *value, size_t length);

/// Asks `server`, an IPv4 or IPv6 address, at `port`, or the machine's own resolver when it is NULL. UDP, and TCP when
/// the answer is cut short. `recursive` is 0 for a server that is to answer for its own zone only. Each of `tries` takes
/// `seconds` at most. Only records of that name and type are given to `record`. May be called on several threads.
cresolv_result cresolv_ask(
    const char *name, int type, const char *server, int port, int recursive, int seconds, int tries,
    cresolv_record record, void *context);

#ifdef __cplusplus
}
#endif
