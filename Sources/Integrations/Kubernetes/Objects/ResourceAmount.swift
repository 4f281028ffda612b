import Domain

/// An amount as Kubernetes writes it: `500m`, `1.5`, `2Gi`, `128974848`, `12e6`
/// (kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity).
enum ResourceAmount {
    private static let units: [(String, Double)] = [
        ("Ki", 1024), ("Mi", 1_048_576), ("Gi", 1_073_741_824), ("Ti", 1_099_511_627_776),
        ("Pi", 1_125_899_906_842_624), ("Ei", 1_152_921_504_606_846_976), ("n", 1e-9), ("u", 1e-6), ("m", 1e-3),
        ("k", 1e3), ("M", 1e6), ("G", 1e9), ("T", 1e12), ("P", 1e15), ("E", 1e18),
    ]

    /// In cores, bytes or pieces; nil for what is no amount.
    static func parse(_ value: JSONValue?) -> Double? {
        let text: String
        switch value {
        case .int(let number)?: return Double(number)
        case .double(let number)?: return number
        case .string(let string)?: text = string
        default: return nil
        }
        guard text.utf8.count <= 64 else { return nil }
        for (unit, factor) in units where text.hasSuffix(unit) {
            return Double(text.dropLast(unit.count)).map { $0 * factor }
        }
        return Double(text).flatMap { $0.isFinite ? $0 : nil }
    }
}
