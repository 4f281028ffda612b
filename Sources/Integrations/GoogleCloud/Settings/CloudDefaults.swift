package import Domain

/// Where things are that a step does not place elsewhere.
package struct CloudDefaults: Sendable, Hashable {
    /// The project's id.
    package var project: String
    package var region: String?
    package var zone: String?
    /// The most that a disk is grown to, in GiB.
    package var largestDisk: Int

    package init(project: String, region: String? = nil, zone: String? = nil, largestDisk: Int = 8192) {
        self.project = project
        self.region = region
        self.zone = zone
        self.largestDisk = largestDisk
    }

    /// The zone that a step names, or else the settings'. Throws `ActionError` when there is none.
    package func zone(_ given: String?) throws(ActionError) -> CloudPlace {
        guard let zone = given ?? zone else {
            throw ActionError(
                "no zone is named", hint: "give the step 'zone', or the settings google_cloud.zone")
        }
        return .zone(zone)
    }

    /// The region that a step names, or else the settings'. Throws `ActionError` when there is none.
    package func region(_ given: String?) throws(ActionError) -> CloudPlace {
        guard let region = given ?? region ?? zone.map(CloudPlace.region(ofZone:)) else {
            throw ActionError(
                "no region is named", hint: "give the step 'region', or the settings google_cloud.region")
        }
        return .region(region)
    }
}
