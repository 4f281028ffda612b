import CCurl

/// One transfer's handle of libcurl. It is made, used and freed on one thread.
struct CurlHandle: ~Copyable {
    /// An option that this libcurl does not take.
    struct Refused: Error {
        var words: String
    }

    /// Once per process, before any handle (curl.se/libcurl/c/curl_global_init.html).
    private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    private let handle: UnsafeMutableRawPointer
    private let words: UnsafeMutablePointer<CChar>
    private var lists: [UnsafeMutablePointer<curl_slist>] = []

    /// Throws `Refused` when libcurl cannot be had.
    init() throws(Refused) {
        guard CurlHandle.isReady, let handle = curl_easy_init() else { throw Refused(words: "libcurl does not start") }
        let words = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
        words.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        guard ccurl_set_error_buffer(handle, words) == CURLE_OK else {
            words.deallocate()
            curl_easy_cleanup(handle)
            throw Refused(words: "libcurl takes no buffer for its errors")
        }
        self.handle = handle
        self.words = words
    }

    deinit {
        curl_easy_cleanup(handle)
        for list in lists { curl_slist_free_all(list) }
        words.deallocate()
    }

    func set(_ option: CURLoption, _ number: Int) throws(Refused) {
        try check(ccurl_set_number(handle, option, number), option)
    }

    func set(_ option: CURLoption, size: Int) throws(Refused) {
        try check(ccurl_set_size(handle, option, curl_off_t(size)), option)
    }

    /// Nil takes the default away.
    func set(_ option: CURLoption, _ text: String?) throws(Refused) {
        try check(ccurl_set_text(handle, option, text), option)
    }

    func set(_ option: CURLoption, bytes: [UInt8]) throws(Refused) {
        try check(ccurl_set_bytes(handle, option, bytes, bytes.count), option)
    }

    mutating func set(_ option: CURLoption, list texts: [String]) throws(Refused) {
        var list: UnsafeMutablePointer<curl_slist>?
        for text in texts {
            guard let longer = curl_slist_append(list, text) else {
                curl_slist_free_all(list)
                throw Refused(words: "no memory")
            }
            list = longer
        }
        if let list { lists.append(list) }
        try check(ccurl_set_list(handle, option, list), option)
    }

    /// Sets libcurl's callbacks, which get `context`.
    func set(
        read: @escaping curl_read_callback, heard: @escaping curl_write_callback,
        progress: @escaping curl_xferinfo_callback, context: UnsafeMutableRawPointer
    ) throws(Refused) {
        try check(ccurl_on_read(handle, read, context), CURLOPT_READFUNCTION)
        try check(ccurl_on_header(handle, heard, context), CURLOPT_HEADERFUNCTION)
        try check(ccurl_on_progress(handle, progress, context), CURLOPT_XFERINFOFUNCTION)
        try check(ccurl_on_write(handle) { _, size, count, _ in size * count }, CURLOPT_WRITEFUNCTION)
        try set(CURLOPT_NOPROGRESS, 0)
    }

    /// Runs the transfer; blocks this thread until it ends.
    func perform() -> CURLcode { curl_easy_perform(handle) }

    /// What went wrong, in libcurl's words; never the credentials.
    func explanation(of code: CURLcode) -> String {
        let said = String(cString: words)
        return said.isEmpty ? String(cString: curl_easy_strerror(code)) : said
    }

    private func check(_ code: CURLcode, _ option: CURLoption) throws(Refused) {
        guard code != CURLE_OK else { return }
        throw Refused(
            words: "libcurl does not take option \(option.rawValue): \(String(cString: curl_easy_strerror(code)))")
    }
}
