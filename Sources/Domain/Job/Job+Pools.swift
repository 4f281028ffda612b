extension Job {
    /// Which pools it is about: those whose locks it takes (`pool/<name>/…`), and the one that it is asked for.
    package var pools: Set<String> {
        var pools: Set<String> = []
        for lock in locks {
            let parts = lock.path.split(separator: "/")
            if parts.count >= 2, parts[0] == "pool" { pools.insert(String(parts[1])) }
        }
        if let pool = arguments["pool"]?.stringValue { pools.insert(pool) }
        return pools
    }
}
