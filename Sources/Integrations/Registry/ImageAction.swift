import Domain

/// `registry.image`: waits until an image is in its registry, and says its digest, so that what is rolled out is what
/// was looked at. It has no end of its own: the step's time-out ends it.
struct ImageAction: AwaitingAction {
    /// Registries tell nobody of a push in a way that all understand.
    static let lookAgainAfter = Duration.seconds(15)

    private let image: ImageReference?
    private let registries: RegistryDirectory

    init(_ input: inout InputReader, _ registries: RegistryDirectory) {
        let text = input.text(
            "image", "The image with its registry and its tag, such as registry.example.com/acme/api:1.2.3")
        self.registries = registries
        // Empty: it is missing, or a template that nothing has filled in yet.
        guard !text.isEmpty else {
            image = nil
            return
        }
        do throws(ImageReference.Invalid) {
            image = try ImageReference(text)
        } catch {
            image = nil
            input.report(error.message, field: "image", fix: error.fix)
        }
    }

    func look(_ context: ActionContext) async throws -> Awaited {
        guard let image else {
            throw ActionError("no image is named", hint: "give one, such as registry.example.com/acme/api:1.2.3")
        }
        let client = try registries.client(image.registry)
        guard let digest = try await client.digest(of: image, now: context.time.now) else {
            return .notYet("the image \(image.text) in its registry", lookAgainAfter: ImageAction.lookAgainAfter)
        }
        return .ready([
            "image": .string("\(image.name)@\(digest)"), "digest": .string(digest),
            "summary": .string("\(image.name)" + (image.tag.map { ":\($0)" } ?? "") + " is \(digest.prefix(19))…"),
        ])
    }
}
