/// What `df --output=source,fstype,size,used,avail,pcent,ipcent,target` of coreutils says of one filesystem.
struct DiskUsage: Sendable, Hashable {
    var device: String
    var type: String
    /// Bytes.
    var size: Int64
    var used: Int64
    var available: Int64
    var percent: Int64
    var inodesPercent: Int64
    var mount: String

    /// Nil when it is something else. Only the last column may hold spaces.
    init?(_ text: String) {
        let lines = text.split(whereSeparator: \.isNewline)
        guard lines.count == 2 else { return nil }
        let words = lines[1].split(separator: " ", maxSplits: 7, omittingEmptySubsequences: true).map(String.init)
        guard words.count == 8, let size = Int64(words[2]), let used = Int64(words[3]), let available = Int64(words[4])
        else { return nil }
        device = words[0]
        type = words[1]
        self.size = size
        self.used = used
        self.available = available
        percent = Int64(words[5].filter(\.isNumber)) ?? 0
        // `-` where there is no bound.
        inodesPercent = Int64(words[6].filter(\.isNumber)) ?? 0
        mount = words[7]
    }
}
