// libcurl's variadic calls as ordinary functions, which Swift can call (curl.se/libcurl/c/curl_easy_setopt.html).
#pragma once
// The checks are macros around the variadic call; the types of these functions say the same.
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

/// For options that take a long: flags, milliseconds, choices.
static inline CURLcode ccurl_set_number(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

/// For options that take a size in bytes.
static inline CURLcode ccurl_set_size(CURL *handle, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(handle, option, value);
}

/// For options that take text, which libcurl copies. NULL takes the default away.
static inline CURLcode ccurl_set_text(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

/// For options that take bytes in memory, which libcurl copies.
static inline CURLcode ccurl_set_bytes(CURL *handle, CURLoption option, const void *bytes, size_t count) {
    struct curl_blob blob = {(void *)bytes, count, CURL_BLOB_COPY};
    return curl_easy_setopt(handle, option, &blob);
}

/// For options that take a list, which must live as long as the handle.
static inline CURLcode ccurl_set_list(CURL *handle, CURLoption option, struct curl_slist *list) {
    return curl_easy_setopt(handle, option, list);
}

/// Where libcurl writes what went wrong: at least CURL_ERROR_SIZE bytes that live as long as the handle.
static inline CURLcode ccurl_set_error_buffer(CURL *handle, char *buffer) {
    return curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, buffer);
}

/// Asked for the bytes to send, until it gives none.
static inline CURLcode ccurl_on_read(CURL *handle, curl_read_callback read, void *context) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_READFUNCTION, read);
    return code == CURLE_OK ? curl_easy_setopt(handle, CURLOPT_READDATA, context) : code;
}

/// Told each line of the server's replies.
static inline CURLcode ccurl_on_header(CURL *handle, curl_write_callback heard, void *context) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, heard);
    return code == CURLE_OK ? curl_easy_setopt(handle, CURLOPT_HEADERDATA, context) : code;
}

/// Told whatever else the server sends, which would go to standard output.
static inline CURLcode ccurl_on_write(CURL *handle, curl_write_callback write) {
    return curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, write);
}

/// Called about once a second; the transfer ends when it does not give 0.
static inline CURLcode ccurl_on_progress(CURL *handle, curl_xferinfo_callback progress, void *context) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, progress);
    return code == CURLE_OK ? curl_easy_setopt(handle, CURLOPT_XFERINFODATA, context) : code;
}
