import Domain
import Foundation

/// Everything the cluster holds. A value: a dry run works on a copy, which is thrown away.
struct ClusterState: Sendable {
    /// One change that a watch tells of.
    struct Change: Sendable {
        enum Kind: Sendable { case added, modified, deleted }
        let version: Int
        let resource: ResourceKind
        let kind: Kind
        let object: KubernetesObject
        let previous: KubernetesObject?
    }

    private(set) var objects: [ResourceKind: [String: KubernetesObject]] = [:]
    /// Keys of the objects that an owner controls, by its uid and their kind.
    private var controlled: [String: [ResourceKind: Set<String>]] = [:]
    private(set) var version = 1000
    private(set) var history: [Change] = []
    /// A watch can start at this version or later; what was before it is forgotten.
    private(set) var oldestVersion = 1000
    let historyLimit: Int
    /// What kubelet and controllers remember about an object beside it, by its uid.
    var runtimes: [String: PodRuntime] = [:]
    /// When a deployment last made progress, by its uid; finer than the seconds in its condition.
    var progress: [String: Date] = [:]
    /// Pod templates of stateful sets' revisions, by the set's uid.
    var templates: [String: [String: JSONValue]] = [:]
    /// How far claims are that grow, by their uid.
    var growth: [String: VolumeGrowth] = [:]
    /// Lines of pods' logs, by workload (`namespace/name`).
    var logLines: [String: [LogLine]] = [:]
    private var serial = 0
    private let makeUID: @Sendable () -> String

    init(historyLimit: Int, makeUID: @escaping @Sendable () -> String) {
        self.historyLimit = historyLimit
        self.makeUID = makeUID
    }

    func object(_ kind: ResourceKind, _ namespace: String, _ name: String) -> KubernetesObject? {
        objects[kind]?["\(namespace)/\(name)"]
    }

    /// Objects of one kind, in the order of their keys, as a list gives them.
    func list(_ kind: ResourceKind, namespace: String? = nil) -> [KubernetesObject] {
        let all = objects[kind] ?? [:]
        guard let namespace else { return all.sorted { $0.key < $1.key }.map(\.value) }
        return all.filter { $0.key.hasPrefix("\(namespace)/") }.sorted { $0.key < $1.key }.map(\.value)
    }

    /// The objects of a kind that an owner controls, in the order of their keys.
    func list(_ kind: ResourceKind, controlledBy uid: String) -> [KubernetesObject] {
        (controlled[uid]?[kind] ?? []).sorted().compactMap { objects[kind]?[$0] }
    }

    /// Puts an object in place and tells the watches. The object as stored comes back.
    @discardableResult
    mutating func put(_ kind: ResourceKind, _ object: KubernetesObject) -> KubernetesObject {
        var object = object
        version += 1
        object["metadata", "resourceVersion"] = .string(String(version))
        let previous = objects[kind]?[object.key]
        let key = object.key
        objects[kind, default: [:]][key] = object
        note(kind, key, of: object, instead: previous)
        record(
            Change(
                version: version, resource: kind, kind: previous == nil ? .added : .modified, object: object,
                previous: previous))
        return object
    }

    /// Takes an object away and tells the watches.
    mutating func remove(_ kind: ResourceKind, _ object: KubernetesObject) {
        guard var last = objects[kind]?.removeValue(forKey: object.key) else { return }
        let previous = last
        note(kind, last.key, of: nil, instead: last)
        version += 1
        last["metadata", "resourceVersion"] = .string(String(version))
        runtimes[last.uid] = nil
        progress[last.uid] = nil
        templates[last.uid] = nil
        growth[last.uid] = nil
        record(Change(version: version, resource: kind, kind: .deleted, object: last, previous: previous))
    }

    private mutating func note(
        _ kind: ResourceKind, _ key: String, of object: KubernetesObject?, instead old: KubernetesObject?
    ) {
        let before = old?.controller?["uid"]?.stringValue
        let after = object?.controller?["uid"]?.stringValue
        guard before != after else { return }
        if let before {
            controlled[before]?[kind]?.remove(key)
            if controlled[before]?[kind]?.isEmpty ?? false { controlled[before]?[kind] = nil }
            if controlled[before]?.isEmpty ?? false { controlled[before] = nil }
        }
        if let after { controlled[after, default: [:]][kind, default: []].insert(key) }
    }

    private mutating func record(_ change: Change) {
        history.append(change)
        // Dropped in lots, since an array shifts its rest each time.
        if history.count > historyLimit + historyLimit / 2 {
            let surplus = history.count - historyLimit
            oldestVersion = history[surplus - 1].version
            history.removeFirst(surplus)
        }
    }

    /// Forgets all past changes, as etcd's compaction does: watches must start at the current version.
    mutating func forgetHistory() {
        oldestVersion = version
        history.removeAll()
    }

    /// Changes after a version, nil when it is too old to tell.
    func changes(after version: Int) -> ArraySlice<Change>? {
        guard version >= oldestVersion else { return nil }
        // Versions grow through the history.
        var low = 0
        var high = history.count
        while low < high {
            let middle = (low + high) / 2
            if history[middle].version <= version { low = middle + 1 } else { high = middle }
        }
        return history[low...]
    }

    /// The objects of a kind as they were at a version, nil when it is too old to tell.
    func list(_ kind: ResourceKind, at version: Int) -> [KubernetesObject]? {
        guard let later = changes(after: version) else { return nil }
        var past = objects[kind] ?? [:]
        for change in later.reversed() where change.resource == kind {
            past[change.object.key] = change.previous
        }
        return past.values.sorted { $0.key < $1.key }
    }

    mutating func nextUID() -> String { makeUID() }

    /// Five letters and digits for a generated name, none twice in a row, from Kubernetes' alphabet without vowels.
    mutating func nextSuffix() -> String {
        serial += 1
        return KubernetesHash.text(UInt64(serial) &* 0x9E37_79B9_7F4A_7C15 >> 8, length: 5)
    }

    /// An address of the pod network or the service network.
    mutating func nextAddress(_ prefix: String) -> String {
        serial += 1
        return "\(prefix).\(serial / 250 % 250).\(serial % 250 + 2)"
    }
}

/// Short names out of numbers, in the alphabet of `k8s.io/apimachinery/pkg/util/rand`.
enum KubernetesHash {
    private static let alphabet = Array("bcdfghjklmnpqrstvwxz2456789")

    static func text(_ number: UInt64, length: Int) -> String {
        var rest = number
        var text = ""
        for _ in 0..<length {
            text.append(alphabet[Int(rest % UInt64(alphabet.count))])
            rest /= UInt64(alphabet.count)
        }
        return text
    }

    /// A name part that stays the same as long as the value does (FNV-1a over its canonical text).
    static func text(of value: JSONValue) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in value.canonicalBytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return text(hash, length: 10)
    }
}
