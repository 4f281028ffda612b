extension HostPrograms {
    /// By their names. Each runs in the folder that keeps what is so.
    static let scripts = [
        // Of a unit that was never touched 'unit' tells how it is.
        "systemctl": """
        verb=${1-}
        for unit; do :; done
        case $unit in */* | .*) echo "Unit $unit not found." >&2; exit 4 ;; esac
        . ./unit
        run=1
        if [ -e "unit-$unit" ]; then . "./unit-$unit"; fi
        case $verb in
        show)
          echo "LoadState=loaded"; echo "ActiveState=$active"; echo "SubState=$sub"; echo "UnitFileState=enabled"
          echo "Result=success"; echo "Type=simple"; echo "InvocationID=$run"
          echo "ExecMainStartTimestampMonotonic=$run"
          exit 0 ;;
        start | restart) active=active sub=running run=$((run + 1)) ;;
        stop) active=inactive sub=dead ;;
        reset-failed) ;;
        *) echo "Unknown command verb $verb." >&2; exit 1 ;;
        esac
        echo "$*" >>asked
        while [ "$verb" = reset-failed ] && [ -e hold ]; do sleep 0.1; done
        if [ "$verb" = start ] && [ -e broken ]; then
          printf 'active=failed sub=failed run=%s\\n' "$run" >"unit-$unit"
          echo "Job for $unit failed" >&2
          exit 1
        fi
        printf 'active=%s sub=%s run=%s\\n' "$active" "$sub" "$run" >"unit-$unit"
        """,
        "journalctl": """
        echo "the journal: $*"
        """,
        // Of Google's guest agent.
        "google_metadata_script_runner": """
        echo "google_metadata_script_runner $*" >>asked
        """,
        "findmnt": """
        mount=$(cat mount)
        case "$*" in
        *"--mountpoint $mount" | *"--source /dev/sdb") ;;
        *) exit 1 ;;
        esac
        echo '{"filesystems":[{"source":"/dev/sdb","target":"'"$mount"'","fstype":"ext4"}]}'
        """,
        "lsblk": """
        echo lsblk >>looked
        echo '{"blockdevices":[{"name":"/dev/sdb","kname":"/dev/sdb","type":"disk","size":'"$(cat disk)"'}]}'
        """,
        "blockdev": """
        if [ "$*" != "--getsize64 /dev/sdb" ]; then echo "blockdev: cannot open $*" >&2; exit 1; fi
        cat disk
        """,
        "dumpe2fs": """
        echo "Block count: $(($(cat filesystem) / 4096))"
        echo "Block size: 4096"
        """,
        "resize2fs": """
        echo "resize2fs $*" >>asked
        cp disk filesystem
        """,
        "df": """
        size=$(cat filesystem) used=$(cat used)
        if [ "$used" -gt "$size" ]; then used=$size; fi
        echo "Filesystem Type 1B-blocks Used Avail Use% IUse% Mounted on"
        echo "/dev/sdb ext4 $size $used $((size - used)) $((used * 100 / size))% 1% $(cat mount)"
        """,
        // The host's own files, none of the machine's.
        "cat": """
        if [ "${1-}" = -- ]; then shift; fi
        case ${1-} in
        '') exec cat ;;
        /*..*) echo "cat: $1: No such file or directory" >&2; exit 1 ;;
        /*) exec cat -- "root$1" ;;
        *) echo "cat: $1: No such file or directory" >&2; exit 1 ;;
        esac
        """,
        "reboot": switchOff, "shutdown": switchOff, "poweroff": switchOff, "halt": switchOff,
    ]

    // They are in /sbin, which the bot looks through too.
    private static let switchOff = """
        echo "${0##*/} $*" >>asked
        """
}
