package import Domain

/// What can be done on hosts.
package enum SSHActions {
    /// For the catalogue. `root` is where the files stand that `ssh.upload` sends.
    package static func types(_ hosts: any HostAccess, root: String) -> [ActionType] {
        [
            RunAction.type(hosts), UploadAction.type(hosts, root: root), FilesystemGrowAction.type(hosts),
            DiskUsageAction.type(hosts),
        ] + ServiceAction.types(hosts)
    }
}
