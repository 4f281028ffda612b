import Domain

/// An error of the registry (distribution specification, "Error Codes").
struct RegistryError: Error, Sendable {
    var status: Int
    var code: String
    var message: String
    var detail: JSONValue = .null
    var headers: [(String, String)] = []

    init(_ status: Int, _ code: String, _ message: String, detail: JSONValue = .null) {
        self.status = status
        self.code = code
        self.message = message
        self.detail = detail
    }

    var answer: SandboxAnswer {
        .json(
            status,
            ["errors": [["code": .string(code), "message": .string(message), "detail": detail]]], headers: headers)
    }
}
