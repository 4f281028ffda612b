import Domain
import Testing

@testable import Registry

@Suite struct ImageReferenceTests {
    @Test(
        arguments: [
            ("registry.example.com/acme/api:1.2.3", "registry.example.com", "acme/api", "1.2.3", nil),
            ("registry.example.com:5000/api:latest", "registry.example.com:5000", "api", "latest", nil),
            ("localhost/a/b/c:x", "localhost", "a/b/c", "x", nil),
            ("[::1]:5000/a:x", "[::1]:5000", "a", "x", nil),
            ("Registry.Example.com/acme/api:V1", "registry.example.com", "acme/api", "V1", nil),
            ("registry.example.com/a__b/c---d/e.f_g:_x-y.z", "registry.example.com", "a__b/c---d/e.f_g", "_x-y.z", nil),
            (
                "registry.example.com/acme/api@\(Fixture.digest)", "registry.example.com", "acme/api", nil,
                Fixture.digest
            ),
            (
                "registry.example.com/acme/api:1@\(Fixture.digest)", "registry.example.com", "acme/api", "1",
                Fixture.digest
            ),
        ] as [(String, String, String, String?, String?)])
    func anImageIsTakenApart(text: String, registry: String, repository: String, tag: String?, digest: String?) throws {
        let image = try ImageReference(text)
        #expect(image.registry == registry)
        #expect(image.repository == repository)
        #expect(image.tag == tag)
        #expect(image.digest == digest)
    }

    @Test(
        arguments: [
            ("", "registry"), ("api:1", "registry"), ("acme/api:1", "registry"), ("ghcr/api:1", "registry"),
            ("-registry.example.com/api:1", "registry"), ("registry.example.com:abc/api:1", "registry"),
            ("https://registry.example.com/a:1", "registry"),
            ("registry.example.com/acme/api", "no tag"), ("registry.example.com/acme/api:", "tag"),
            ("registry.example.com/acme/api:-x", "tag"),
            ("registry.example.com/acme/api:a b", "tag"), ("registry.example.com/acme/api:ä", "tag"),
            ("registry.example.com/acme/api:1\n", "tag"),
            ("registry.example.com/Acme/api:1", "repository"), ("registry.example.com/acme//api:1", "repository"),
            ("registry.example.com/../api:1", "repository"), ("registry.example.com/acme/api/:1", "repository"),
            ("registry.example.com/:1", "repository"),
            ("registry.example.com/acme_-api:1", "repository"), ("registry.example.com/a%2fb:1", "repository"),
            ("registry.example.com/a@sha256:abc", "digest"),
            ("registry.example.com/a@md5:\(String(repeating: "a", count: 64))", "digest"),
            ("registry.example.com/a@sha256:\(String(repeating: "A", count: 64))", "digest"),
            ("registry.example.com/a@\(Fixture.digest)0", "digest"),
        ])
    func whatNamesNoImageIsRefusedWithTheReason(text: String, word: String) {
        let error = #expect(throws: ImageReference.Invalid.self) { try ImageReference(text) }
        #expect(error?.message.contains(word) == true, "\(error?.message ?? "")")
        #expect(error?.fix.isEmpty == false)
    }

    @Test(arguments: [(128, true), (129, false)]) func aTagHasABound(count: Int, isFine: Bool) {
        let image = try? ImageReference("registry.example.com/a:" + String(repeating: "x", count: count))
        #expect((image != nil) == isFine)
    }

    @Test(arguments: [(234, true), (235, false)]) func aNameHasABound(count: Int, isFine: Bool) {
        // 255 characters with the registry and the slash.
        let image = try? ImageReference("registry.example.com/" + String(repeating: "x", count: count) + ":1")
        #expect((image != nil) == isFine)
    }

    @Test func aDefinitionWithAnotherTextIsAProblem() {
        #expect(throws: Problem.self) { try Fixture.action("acme/api:1", RegistryDirectory()) }
        #expect(throws: Problem.self) { try Fixture.action(.null, RegistryDirectory()) }
    }

    @Test func aTemplateIsNoProblemWhileItIsChecked() {
        var reader = InputReader.checking(LocatedValue(["image": "registry.example.com/acme/api:{{steps.a.commit}}"])) {
            _ in
            .text(nil)
        }
        _ = ImageAction(&reader, RegistryDirectory())
        reader.finish()
        #expect(reader.problems.isEmpty)
    }
}
