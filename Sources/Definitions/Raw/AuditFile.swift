import Domain

/// The map under `audit` of `defimon.yaml`.
struct AuditFile: Sendable {
    var key: Located<String>?
    var checkpoints: Located<String>?
    var reportTo: [Located<Place>]

    init(_ reader: inout KeyReader) {
        key = reader.one(
            "key", .text(nil),
            "The private key that signs checkpoints, made at the first start; the public one is beside it",
            default: "the ledger's name and .audit-key", Convert.text(nil, "'key'"))
        checkpoints = reader.one(
            "checkpoints", .text(nil), "The file that signed checkpoints are added to; best on another disk",
            default: "the ledger's name and .checkpoints", Convert.text(nil, "'checkpoints'"))
        reportTo =
            reader.many(
                "report_to", .place,
                "Where a checkpoint is told of each hour, in a message of its own; without, the places of"
                    + " 'report' have one message that is kept up to date", atMost: 10, Convert.place) ?? []
    }
}
