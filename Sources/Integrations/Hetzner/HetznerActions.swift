package import Domain

/// What can be done at Hetzner Cloud.
package enum HetznerActions {
    /// For the catalogue. `root` is where the files of pools are.
    package static func types(_ cloud: HetznerConnection, root: String) -> [ActionType] {
        [
            HetznerThingsAction.type(cloud, root: root), HetznerAdoptAction.type(cloud, root: root),
            HetznerEnsureAction<HetznerNetwork>.type(.network, cloud),
            HetznerEnsureAction<HetznerFirewall>.type(.firewall, cloud),
            HetznerEnsureAction<HetznerPlacementGroup>.type(.placementGroup, cloud),
            HetznerEnsureAction<HetznerSSHKey>.type(.sshKey, cloud),
            HetznerEnsureAction<HetznerPrimaryIP>.type(.primaryIP, cloud),
            HetznerEnsureAction<HetznerFloatingIP>.type(.floatingIP, cloud),
            HetznerEnsureAction<HetznerServer>.type(.server, cloud), HetznerThingsAction.servers(cloud),
            HetznerEnsureAction<HetznerVolume>.type(.volume, cloud),
            HetznerEnsureAction<HetznerLoadBalancer>.type(.loadBalancer, cloud),
            HetznerEnsureAction<HetznerCertificate>.type(.certificate, cloud),
            HetznerEnsureAction<HetznerZone>.type(.zone, cloud),
            HetznerEnsureAction<HetznerRecords>.type(.records, cloud),
            ServerRescaleAction.type(cloud), ServerRebuildAction.type(cloud), ServerDeleteAction.type(cloud),
            ServerSnapshotAction.type(cloud), SnapshotsPruneAction.type(cloud),
            VolumeAttachAction.type(cloud), VolumeResizeAction.type(cloud),
            SurplusAction.type(cloud), OrphansAction.type(cloud, root: root), CountAction.type(),
        ] + ServerPowerAction.Verb.allCases.map { ServerPowerAction.type($0, cloud) }
    }
}
