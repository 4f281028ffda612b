import Domain
import TestSupport
import Testing

@testable import SSH

/// What is decided from what tools say; the device-mapper that LVM needs is not everywhere that tests run.
struct FilesystemLayoutTests {
    private static let gibibyte: Int64 = 1 << 30

    /// A logical volume on a partition, as lsblk writes it.
    private static let lvm = """
        {"blockdevices": [{"name": "/dev/mapper/data-geth", "kname": "/dev/dm-0", "type": "lvm", "size": 10733223936,
          "children": [{"name": "/dev/sdb1", "kname": "/dev/sdb1", "type": "part", "size": "10736369664",
            "children": [{"name": "/dev/sdb", "kname": "/dev/sdb", "type": "disk", "size": 21474836480}]}]}]}
        """

    private func layout(
        canGrow: Bool = false, unused: Int64 = 1 << 20, free: Int64 = 0, size: Int64 = 10_733_223_936
    ) throws -> FilesystemLayout {
        let device = try #require(BlockDevice(lsblk: FilesystemLayoutTests.lvm))
        let part = device.below[0]
        var layout = FilesystemLayout(device: device, mount: "/geth", type: "ext4", size: size)
        layout.partitions = [.init(device: part, disk: part.below[0], number: "1", canGrow: canGrow)]
        layout.physicalVolumes = [.init(device: part, unused: unused)]
        layout.group = VolumeGroup(
            lvs:
                "{\"report\": [{\"lv\": [{\"vg_name\": \"data\", \"vg_free\": \"\(free)\", \"vg_extent_size\": \"4194304\"}]}]}"
        )
        try #require(layout.group != nil)
        return layout
    }

    private let partition = GrowthStep.partition("/dev/sdb1", disk: "/dev/sdb", number: "1")
    private let physical = GrowthStep.physicalVolume("/dev/sdb1")
    private let logical = GrowthStep.logicalVolume("/dev/mapper/data-geth")
    private let ext = GrowthStep.ext("/dev/mapper/data-geth", isMounted: true)

    @Test func `all layers are grown from the disk upwards, and those that were are left out`() throws {
        #expect(try layout().steps == [])
        #expect(try layout(canGrow: true).steps == [partition, physical, logical, ext])
        #expect(try layout(unused: 10 << 30).steps == [physical, logical, ext])
        #expect(try layout(free: 10 << 30).steps == [logical, ext])
        #expect(try layout(size: 5 << 30).steps == [ext])
    }

    @Test func `less than an extent of LVM is nothing`() throws {
        #expect(try layout(unused: (6 << 20) - 1, free: (4 << 20) - 1).steps == [])
        #expect(try layout(unused: 6 << 20).steps == [physical, logical, ext])
        #expect(try layout(free: 4 << 20).steps == [logical, ext])
    }

    @Test func `a filesystem may leave less than a group of blocks`() throws {
        #expect(try layout(size: 10_733_223_936 - FilesystemLayout.slack + 1).steps == [])
        #expect(try layout(size: 10_733_223_936 - FilesystemLayout.slack).steps == [ext])
    }

    @Test func `what no tool writes is not read`() {
        for text in ["", "{}", "{\"blockdevices\": []}", "{\"blockdevices\": [{\"name\": \"/dev/x\"}]}"] {
            #expect(BlockDevice(lsblk: text) == nil)
        }
        #expect(VolumeGroup(lvs: "{\"report\": [{\"lv\": []}]}") == nil)
        #expect(LVMReport.unused(pvs: "{\"report\": [{\"pv\": [{\"dev_size\": \"8\"}]}]}") == nil)
        #expect(LVMReport.unused(pvs: "{\"report\": [{\"pv\": [{\"dev_size\": \"8\", \"pv_size\": \"5\"}]}]}") == 3)
        #expect(FilesystemSize.ext("Block count: x\nBlock size: 4096\n") == nil)
        #expect(FilesystemSize.xfs("data = bsize=4096") == nil)
        #expect(DiskUsage("Filesystem\n") == nil)
    }

    @Test(
        arguments: [
            (0, "0 bytes"), (1, "1 byte"), (1023, "1023 bytes"), (1024, "1 KiB"), (1536, "1.5 KiB"),
            (10_484_711_424, "9.76 GiB"),
            (52_428_800, "50 MiB"), (1_181_116_006, "1.09 GiB"), (107_911_053_312, "100 GiB"),
            (2_308_974_418_330, "2.1 TiB"),
            (11_811_160_064 + 108_000_000, "11.1 GiB"),
        ] as [(Int64, String)])
    func `amounts are told to three digits`(bytes: Int64, text: String) {
        #expect(ByteText.human(bytes) == text)
    }

    @Test func `the patterns of inputs are there`() throws {
        let path = try #require(HostPath.pattern)
        #expect(path.matches("/var/lib/geth data") && !path.matches("var") && !path.matches("/a\nb"))
        let file = try #require(HostPath.file)
        #expect(file.matches("/etc/a b") && !file.matches("/etc/") && !file.matches("/"))
        let device = try #require(HostPath.device)
        #expect(device.matches("/dev/mapper/a-b") && !device.matches("/dev/sda;id") && !device.matches("/etc/x"))
        let mode = try #require(HostPath.mode)
        #expect(mode.matches("0644") && mode.matches("600") && !mode.matches("888") && !mode.matches("4755"))
        let owner = try #require(HostPath.owner)
        #expect(owner.matches("geth") && owner.matches("geth:adm") && !owner.matches("-R") && !owner.matches("a:b:c"))
        let unit = try #require(UnitTarget.pattern)
        #expect(unit.matches("geth@1.service") && !unit.matches("--all") && !unit.matches("a b"))
    }
}
