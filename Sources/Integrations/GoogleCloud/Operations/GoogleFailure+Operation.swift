import Domain

extension GoogleFailure {
    /// Why an operation that is over failed; nil when it did not. Compute Engine has `error.errors`, Kubernetes Engine
    /// `error` itself (google.rpc.Status).
    init?(operation answer: JSONValue) {
        guard let error = answer["error"], error.objectValue?.isEmpty == false else { return nil }
        let errors = error["errors"]?.arrayValue ?? [error]
        let words = errors.prefix(5).map { item in
            let code = item["code"]?.stringValue
            let message = OneLine.of(item["message"]?.stringValue ?? "")
            return [code, message.isEmpty ? nil : message].compactMap { $0 }.joined(separator: ": ")
        }
        self.init("Google began it, and it failed: " + words.joined(separator: "; "))
        for item in errors {
            let details = GoogleErrorDetails(operation: item)
            reasons.formUnion(details.reasons)
            if let quota = details.quota {
                message += " (\(quota))"
                hint = hint ?? GoogleFailure.moreQuota
            }
            let permission =
                details.permission ?? GoogleErrorDetails.permission(in: item["message"]?.stringValue ?? "")
            if let permission { hint = hint ?? GoogleFailure.grant(permission) }
        }
        if let status = answer["httpErrorStatusCode"]?.intValue, reasons.isEmpty { self.status = status }
        isTransient = !reasons.isDisjoint(with: GoogleFailure.passing)
        mayHaveTakenEffect = reasons.isDisjoint(with: GoogleFailure.withoutEffect)
        if reasons.contains(where: { $0.hasPrefix("ZONE_RESOURCE_POOL_EXHAUSTED") }) {
            isTransient = false
            hint = "the zone has none left of what was asked for: take another zone or machine type, or try again later"
        } else if reasons.contains("QUOTA_EXCEEDED") {
            hint = hint ?? GoogleFailure.moreQuota
        } else if reasons.contains("RESOURCE_IN_USE_BY_ANOTHER_RESOURCE") {
            hint = "take it out of what uses it first"
        }
    }

    static func forgotten(_ operation: CloudOperation) -> GoogleFailure {
        var failure = GoogleFailure("Google does not know its operation \(ResourcePath.name(operation.path)) any more")
        failure.mayHaveTakenEffect = true
        return failure
    }

    /// After these Google has changed nothing.
    static let withoutEffect: Set<String> = [
        "QUOTA_EXCEEDED", "ZONE_RESOURCE_POOL_EXHAUSTED", "ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS",
        "RESOURCE_NOT_FOUND", "RESOURCE_ALREADY_EXISTS", "PERMISSIONS_ERROR", "RESOURCE_IN_USE_BY_ANOTHER_RESOURCE",
        "RESOURCE_NOT_READY", "RESOURCE_OPERATION_RATE_EXCEEDED", "INVALID_FIELD_VALUE", "INVALID_USAGE",
    ]
}
