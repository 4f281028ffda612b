import Domain
import Foundation

package struct Endpoint: Sendable { init(_ text: String) throws(ActionError) {} }
struct EndpointProof { init(endpoints: [Endpoint]) {}; func prove(_ der: [UInt8], _ context: ActionContext) async throws(ActionError) -> [String] { [] } }
