package import Domain

/// What can be done at Google Cloud.
package enum GoogleCloudActions {
    /// For the catalogue. `root` is where the files of pools are.
    package static func types(_ cloud: CloudConnection, root: String) -> [ActionType] {
        [
            EnsureAction<Network>.type(cloud), EnsureAction<Subnetwork>.type(cloud),
            EnsureAction<Firewall>.type(cloud),
            EnsureAction<NATGateway>.type(cloud), EnsureAction<Address>.type(cloud), EnsureAction<Disk>.type(cloud),
            EnsureAction<Instance>.type(cloud),
            DiskResizeAction.type(cloud), DiskSnapshotAction.type(cloud), SnapshotsPruneAction.type(cloud),
            InstancePowerAction.type(.start, cloud), InstancePowerAction.type(.stop, cloud),
            InstancePowerAction.type(.reset, cloud), SetMachineTypeAction.type(cloud), AttachDiskAction.type(cloud),
            SerialOutputAction.type(cloud), DiskRestoreAction.type(cloud), SwapDiskAction.type(cloud),
            EnsureAction<HealthCheck>.type(cloud), EnsureAction<Backend>.type(cloud),
            EnsureAction<ForwardingRule>.type(cloud), EnsureAction<InstanceTemplate>.type(cloud),
            EnsureAction<InstanceGroup>.type(cloud), GroupResizeAction.type(cloud),
            EnsureAction<Autoscaler>.type(cloud), EnsureAction<UnmanagedGroup>.type(cloud),
            GroupMemberAction.type(.remove, cloud), GroupMemberAction.type(.add, cloud),
            AdoptAction.type(cloud, root: root), EnsureThingsAction.type(cloud, root: root),
            ContainerAction<Cluster>.type(cloud), ContainerAction<NodePool>.type(cloud),
            ContainerAction<NodePoolSize>.type(cloud), ContainerAction<NodePoolAutoscaling>.type(cloud),
            DNSRecordAction.type(cloud),
        ]
    }
}
