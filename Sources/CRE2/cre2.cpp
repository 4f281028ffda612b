#include "cre2.h"

#include <re2/re2.h>

#include <map>
#include <string>
#include <vector>

struct cre2_regexp {
    re2::RE2 regexp;
    std::string error;
    std::map<int, std::string> names;

    cre2_regexp(const re2::StringPiece &pattern, const re2::RE2::Options &options) : regexp(pattern, options) {
        if (regexp.ok()) {
            names = regexp.CapturingGroupNames();
        } else {
            error = regexp.error();
        }
    }
};

extern "C" {

cre2_regexp *cre2_compile(const char *pattern, size_t length) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    // Alertmanager compiles with (?s): a dot matches a line feed too.
    options.set_dot_nl(true);
    return new cre2_regexp(re2::StringPiece(pattern, length), options);
}

void cre2_free(cre2_regexp *regexp) { delete regexp; }

const char *cre2_error(const cre2_regexp *regexp) {
    return regexp->regexp.ok() ? nullptr : regexp->error.c_str();
}

int cre2_group_count(const cre2_regexp *regexp) {
    return regexp->regexp.ok() ? regexp->regexp.NumberOfCapturingGroups() : 0;
}

const char *cre2_group_name(const cre2_regexp *regexp, int index) {
    auto found = regexp->names.find(index);
    return found == regexp->names.end() ? nullptr : found->second.c_str();
}

int cre2_full_match(
    const cre2_regexp *regexp, const char *text, size_t length, cre2_span *spans, int span_count) {
    if (!regexp->regexp.ok()) return 0;
    std::vector<re2::StringPiece> groups(static_cast<size_t>(span_count));
    re2::StringPiece input(text, length);
    if (!regexp->regexp.Match(input, 0, length, re2::RE2::ANCHOR_BOTH, groups.data(), span_count)) return 0;
    for (int i = 0; i < span_count; i++) {
        const auto &group = groups[static_cast<size_t>(i)];
        if (group.data() == nullptr) {
            spans[i] = {-1, 0};
        } else {
            spans[i] = {static_cast<long>(group.data() - text), static_cast<long>(group.size())};
        }
    }
    return 1;
}

}
