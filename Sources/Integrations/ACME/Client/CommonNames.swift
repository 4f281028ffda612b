import SwiftASN1
import X509

/// Common names in distinguished names.
enum CommonNames {
    /// The first one; nil: it has none.
    static func of(_ name: DistinguishedName) -> String? {
        for part in name {
            for attribute in part where attribute.type == .RDNAttributeType.commonName {
                return String(attribute.value.description.prefix(200))
            }
        }
        return nil
    }
}
