// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

// Products of other packages, named once.
let log = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioCertificateReloading = Target.Dependency.product(name: "NIOCertificateReloading", package: "swift-nio-extras")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")
let swiftASN1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let asyncAlgorithms = Target.Dependency.product(name: "AsyncAlgorithms", package: "swift-async-algorithms")
let collections = Target.Dependency.product(name: "Collections", package: "swift-collections")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let jwtKit = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")

/// A library target of ours: its folder below Sources, and what it may import.
func module(_ name: String, path: String? = nil, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, path: path, swiftSettings: settings)
}

/// The tests of one module.
func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

let package = Package(
    name: "Defimon",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "defimon", targets: ["defimon"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-async-algorithms", from: "1.1.4"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        // System libraries behind small C headers.
        .systemLibrary(name: "CZlib", path: "Sources/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(
            name: "CCurl", path: "Sources/CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .target(name: "CRE2", path: "Sources/CRE2", linkerSettings: [.linkedLibrary("re2")]),
        .target(name: "CResolv", path: "Sources/CResolv", linkerSettings: [.linkedLibrary("resolv")]),
        .target(name: "CArchive", path: "Sources/CArchive", linkerSettings: [.linkedLibrary("archive")]),

        // Words, ports and the small languages of definitions; knows nobody.
        module("Domain", ["CRE2", crypto, log]),
        module("YAML", ["Domain", yams]),
        module("Definitions", ["Domain", "YAML"]),
        module("Ledger", ["Domain", "CZlib", grdb, sqlite, crypto, log, serviceLifecycle]),
        module("Engine", ["Domain", log, metrics, serviceLifecycle, asyncAlgorithms, collections]),
        module(
            "Ingress",
            [
                "Domain", hummingbird, .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"), nioCore, nioPosix, nioHTTP1, nioSSL,
                nioCertificateReloading, httpTypes, log, metrics, coreMetrics, serviceLifecycle, mustache, crypto, x509,
                swiftASN1,
            ]),
        module(
            "Outbound",
            [
                "Domain", "CArchive", "CCurl", "CResolv", asyncHTTPClient, nioCore, nioPosix, nioHTTP1, nioSSL, crypto,
                x509, swiftASN1, log, subprocess, systemPackage,
            ]),

        // One folder per outside system.
        module("Alertmanager", path: "Sources/Integrations/Alertmanager", ["Domain", "Outbound"]),
        module("Slack", path: "Sources/Integrations/Slack", ["Domain", "Outbound"]),
        module(
            "Kubernetes", path: "Sources/Integrations/Kubernetes",
            ["Domain", "YAML", "Outbound", crypto, x509, swiftASN1]),
        module("Ethereum", path: "Sources/Integrations/Ethereum", ["Domain", "Outbound", jwtKit]),
        module("HTTPCheck", path: "Sources/Integrations/HTTPCheck", ["Domain", "Outbound"]),
        module(
            "GitHub", path: "Sources/Integrations/GitHub",
            ["Domain", "Outbound", jwtKit, crypto, log, serviceLifecycle]),
        module("SSH", path: "Sources/Integrations/SSH", ["Domain", "Outbound", crypto]),
        module(
            "GoogleCloud", path: "Sources/Integrations/GoogleCloud", ["Domain", "YAML", "Outbound", jwtKit, crypto]),
        module("Hetzner", path: "Sources/Integrations/Hetzner", ["Domain", "YAML", "Outbound"]),
        module(
            "ACME", path: "Sources/Integrations/ACME",
            ["Domain", "Outbound", crypto, cryptoExtras, x509, swiftASN1]),
        module("Prometheus", path: "Sources/Integrations/Prometheus", ["Domain", "Outbound"]),
        module("Registry", path: "Sources/Integrations/Registry", ["Domain", "Outbound"]),
        module("Email", path: "Sources/Integrations/Email", ["Domain", "Outbound", mustache]),
        module("OutgoingWebhook", path: "Sources/Integrations/OutgoingWebhook", ["Domain", "Outbound"]),

        // Stand-ins over real HTTP; does not know Integrations, so that it does not share a client's mistakes.
        module(
            "Sandbox",
            [
                "Domain", "YAML", hummingbird, .product(name: "HummingbirdTLS", package: "hummingbird"), nioCore,
                nioPosix, nioHTTP1, nioSSL, httpTypes, crypto, cryptoExtras, x509, swiftASN1, log, serviceLifecycle,
                asyncAlgorithms,
            ]),

        // Composition root and command line.
        module(
            "App",
            [
                "Domain", "YAML", "Definitions", "Ledger", "Engine", "Ingress", "Outbound", "Alertmanager", "Slack",
                "Kubernetes", "Ethereum", "HTTPCheck", "GitHub", "Prometheus", "Registry", "Email", "OutgoingWebhook",
                "SSH", "GoogleCloud", "Hetzner", "ACME", "Sandbox",
                argumentParser, configuration, systemPackage, log,
                metrics,
                coreMetrics, serviceLifecycle, unixSignals,
            ]),
        .executableTarget(name: "defimon", dependencies: ["App"], swiftSettings: settings),

        // What several test targets share: virtual time, temporary folders, processes, the wire data where it is there.
        .target(
            name: "TestSupport",
            dependencies: [
                "Domain", "Outbound", subprocess, systemPackage, hummingbird, httpTypes, log, asyncAlgorithms, nioCore,
                nioPosix, nioSSL, crypto, x509, swiftASN1,
            ],
            path: "Tests/TestSupport",
            swiftSettings: settings),
        tests("DomainTests", ["Domain", "TestSupport"]),
        tests("YAMLTests", ["YAML", "Domain", "TestSupport"]),
        .testTarget(
            name: "DefinitionsTests", dependencies: ["Definitions", "Domain", "YAML", "TestSupport"],
            exclude: ["Fixtures"],
            swiftSettings: settings),
        tests("LedgerTests", ["Ledger", "Domain", "TestSupport", grdb, log, serviceLifecycle]),
        tests("EngineTests", ["Engine", "Domain", "Ledger", "Definitions", "TestSupport", log, serviceLifecycle]),
        tests(
            "IngressTests",
            [
                "Ingress", "Domain", "Outbound", "TestSupport", coreMetrics, nioCore, nioPosix, nioSSL, log,
                serviceLifecycle, hummingbird, httpTypes, crypto, x509, swiftASN1,
            ]),
        tests(
            "OutboundTests",
            [
                "Outbound", "Domain", "TestSupport", hummingbird,
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"), nioCore, nioSSL, httpTypes, log,
                serviceLifecycle,
            ]),
        tests(
            "AlertmanagerTests",
            ["Alertmanager", "Domain", "Outbound", "TestSupport", hummingbird, httpTypes, nioCore, log]),
        tests(
            "SlackTests",
            ["Slack", "Domain", "Outbound", "TestSupport", "Sandbox", hummingbird, httpTypes, nioCore, log]),
        tests(
            "KubernetesTests",
            [
                "Kubernetes", "Domain", "YAML", "Outbound", "Sandbox", "TestSupport", hummingbird,
                .product(name: "HummingbirdHTTP2", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"), httpTypes, nioCore, nioSSL, log,
                serviceLifecycle,
            ]),
        tests(
            "EthereumTests",
            ["Ethereum", "Domain", "Outbound", "Sandbox", "TestSupport", hummingbird, httpTypes, nioCore, log]),
        tests(
            "HTTPCheckTests",
            ["HTTPCheck", "Domain", "Outbound", "TestSupport", hummingbird, httpTypes, nioCore, nioSSL, log, nioPosix]),
        tests(
            "GitHubTests",
            [
                "GitHub", "Domain", "Ledger", "Outbound", "Sandbox", "TestSupport", hummingbird, httpTypes, nioCore,
                jwtKit, crypto, cryptoExtras, log,
                serviceLifecycle,
            ]),
        tests("SSHTests", ["SSH", "Domain", "Outbound", "TestSupport"]),
        tests(
            "GoogleCloudTests",
            [
                "GoogleCloud", "ACME", "Domain", "Outbound", "Sandbox", "TestSupport", jwtKit, crypto, cryptoExtras,
                log,
                serviceLifecycle,
            ]),
        tests("HetznerTests", ["Hetzner", "ACME", "Domain", "Outbound", "Sandbox", "TestSupport", serviceLifecycle]),
        .testTarget(
            name: "ACMETests",
            dependencies: [
                "ACME", "Domain", "Outbound", "Sandbox", "TestSupport", crypto, cryptoExtras, x509, swiftASN1,
                hummingbird,
                httpTypes, nioCore, log, serviceLifecycle,
            ],
            exclude: ["acme2certifier_server.py", "zone_server.py"], swiftSettings: settings),
        tests("PrometheusTests", ["Prometheus", "Domain", "Outbound", "TestSupport"]),
        tests(
            "RegistryTests",
            [
                "Registry", "Domain", "Outbound", "Sandbox", "TestSupport", hummingbird, httpTypes, nioCore, log,
                serviceLifecycle,
            ]),
        .testTarget(
            name: "EmailTests", dependencies: ["Email", "Domain", "Outbound", "TestSupport"],
            exclude: ["mail_server.py", "dialogue_server.py"], swiftSettings: settings),
        tests(
            "OutgoingWebhookTests",
            ["OutgoingWebhook", "Domain", "Outbound", "TestSupport", hummingbird, httpTypes, nioCore, crypto, log]),
        .testTarget(
            name: "SandboxTests",
            dependencies: [
                "Sandbox", "Domain", "Outbound", "TestSupport", hummingbird, httpTypes, nioCore, log, serviceLifecycle,
                crypto, cryptoExtras, x509, swiftASN1,
            ],
            exclude: [
                "acme_client_test.py", "github_client_test.py", "google_client_test.py", "hetzner_client_test.py",
            ],
            swiftSettings: settings),
        .testTarget(
            name: "AppTests",
            dependencies: [
                "App", "Definitions", "Domain", "Ingress", "Ledger", "Outbound", "Sandbox", "TestSupport",
                systemPackage, log, serviceLifecycle,
            ],
            exclude: ["page_test.py"], swiftSettings: settings),
    ],
    cxxLanguageStandard: .cxx17
)
