import Testing

@testable import ACME

@Suite struct DirectoryTests {}
