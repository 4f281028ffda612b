/// What `df --output=source,fstype,size,used,avail,pcent,ipcent,target` of coreutils says of one filesystem.
package struct DiskUsage: Sendable, Hashable {
    package var device: String
    package var type: String
    /// Bytes.
    package var size: Int64
    package var used: Int64
    package var available: Int64
    package var percent: Int64
    package var inodesPercent: Int64
    package var mount: String

    /// What asks for it; a device that is mounted counts as the filesystem on it.
    package static func command(_ path: String) -> [String] {
        ["env", "LC_ALL=C", "df", "-B1", "--output=source,fstype,size,used,avail,pcent,ipcent,target", "--", path]
    }

    /// Nil when it is something else. Only the last column may hold spaces.
    package init?(_ text: String) {
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
