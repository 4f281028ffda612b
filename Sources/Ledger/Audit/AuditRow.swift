/// A record as it is stored, in place: good until the next one is read.
struct AuditRow {
    var sequence: Int64
    var record: UnsafeRawBufferPointer
    /// Nil when it is gone.
    var detail: UnsafeRawBufferPointer?
    var previous: UnsafeRawBufferPointer
    var hash: UnsafeRawBufferPointer
}
