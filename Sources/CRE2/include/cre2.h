// A small C surface over RE2 (libre2): linear-time regular expressions, as Alertmanager uses.
#pragma once
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cre2_regexp cre2_regexp;

/// Compiles `pattern` (UTF-8, `length` bytes). Never returns NULL unless memory is gone; ask cre2_error.
cre2_regexp *cre2_compile(const char *pattern, size_t length);
void cre2_free(cre2_regexp *regexp);

/// NULL when the pattern compiled, else what was wrong with it. Lives as long as the regexp.
const char *cre2_error(const cre2_regexp *regexp);

/// The number of capturing groups, not counting the whole match.
int cre2_group_count(const cre2_regexp *regexp);

/// The name of group `index` (from 1), or NULL when it has none. Lives as long as the regexp.
const char *cre2_group_name(const cre2_regexp *regexp, int index);

/// One group of a match: byte offset into the text and byte length; offset is -1 when the group took no part.
typedef struct {
    long offset;
    long length;
} cre2_span;

/// Matches the whole of `text`. Fills up to `span_count` spans (0 is the whole match). 1 on a match, else 0.
int cre2_full_match(
    const cre2_regexp *regexp, const char *text, size_t length, cre2_span *spans, int span_count);

#ifdef __cplusplus
}
#endif
