import Domain

/// An amount as Kubernetes writes it, with exact sums: `500m`, `2Gi`, `10`
/// (`k8s.io/apimachinery/pkg/api/resource/quantity.go`). Amounts below a thousandth are rounded up, as there.
struct KubernetesQuantity: Sendable, Hashable, Comparable {
    private var thousandths: Int
    /// Whether it is written in powers of 1024.
    private var isBinary: Bool

    private static let binary: [(String, Int)] = [
        ("Ei", 1 << 60), ("Pi", 1 << 50), ("Ti", 1 << 40), ("Gi", 1 << 30), ("Mi", 1 << 20), ("Ki", 1 << 10),
    ]
    private static let decimal: [(String, Int)] = [
        ("E", 1_000_000_000_000_000_000), ("P", 1_000_000_000_000_000), ("T", 1_000_000_000_000),
        ("G", 1_000_000_000), ("M", 1_000_000), ("k", 1000),
    ]

    init(_ number: Int) {
        thousandths = number * 1000
        isBinary = false
    }

    /// Nil for what is no amount, and for what does not fit.
    init?(_ value: JSONValue?) {
        let text = value?.plainText ?? ""
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == "." || $0 == "-") }
        let unit = String(text.dropFirst(digits.count))
        guard !digits.isEmpty, let number = Double(digits) else { return nil }
        let factor: Double  // in thousandths
        isBinary = unit.hasSuffix("i")
        switch unit {
        case "": factor = 1000
        case "m": factor = 1
        default:
            guard let found = (KubernetesQuantity.binary + KubernetesQuantity.decimal).first(where: { $0.0 == unit })
            else { return nil }
            factor = Double(found.1) * 1000
        }
        guard let exact = Int(exactly: (number * factor).rounded(.up)) else { return nil }
        thousandths = exact
    }

    static func < (left: KubernetesQuantity, right: KubernetesQuantity) -> Bool { left.thousandths < right.thousandths }
    static func == (left: KubernetesQuantity, right: KubernetesQuantity) -> Bool {
        left.thousandths == right.thousandths
    }
    func hash(into hasher: inout Hasher) { hasher.combine(thousandths) }

    /// The sum, written as the first one that is not nothing.
    static func + (left: KubernetesQuantity, right: KubernetesQuantity) -> KubernetesQuantity {
        var sum = left.thousandths == 0 ? right : left
        let (total, isTooMuch) = left.thousandths.addingReportingOverflow(right.thousandths)
        sum.thousandths = isTooMuch ? .max : total
        return sum
    }

    var isZero: Bool { thousandths == 0 }

    /// The shortest exact form.
    var text: String {
        guard thousandths != 0 else { return "0" }
        guard thousandths % 1000 == 0 else { return "\(thousandths)m" }
        let whole = thousandths / 1000
        let units = isBinary ? KubernetesQuantity.binary : KubernetesQuantity.decimal
        guard let (unit, size) = units.first(where: { whole % $0.1 == 0 }) else { return String(whole) }
        return "\(whole / size)\(unit)"
    }
}
