#!/bin/bash
# Makes a Debian machine at Hetzner a node of a k3s cluster: the binary, checked against its checksum; where k3s keeps its
# data; what only the machine itself knows of its addresses; the unit. cloud-init runs it at the first start. A second run
# changes nothing that is as it should be, and never formats anything.
#
# What it reads of /etc/default/install-k3s: ROLE (server, agent), K3S_VERSION, K3S_SHA256_AMD64, K3S_SHA256_ARM64 (empty:
# the checksum that the release itself lists), NODE_RANGE (the subnet of the nodes), and DATA (a folder that the machine's
# one volume is mounted at; none when it is not set).
set -euo pipefail

# shellcheck source=/dev/null # written by cloud-init
. /etc/default/install-k3s

say() { echo "k3s: $*"; }

fetch() {
    curl --silent --show-error --fail --location --retry 10 --retry-connrefused --max-time 300 "$@"
}

# Runs a command every two seconds until it says something, and prints that.
await() {
    local what=$1 answer
    shift
    for _ in $(seq 300); do
        answer=$("$@" || true)
        if [ -n "$answer" ]; then
            printf '%s\n' "$answer"
            return 0
        fi
        sleep 2
    done
    say "$what is not there after ten minutes" >&2
    return 1
}

install_binary() {
    local name wanted release
    release=https://github.com/k3s-io/k3s/releases/download/${K3S_VERSION/+/%2B}
    case $(dpkg --print-architecture) in
    amd64) name=k3s wanted=$K3S_SHA256_AMD64 ;;
    arm64) name=k3s-arm64 wanted=$K3S_SHA256_ARM64 ;;
    *) say "there is no k3s for this processor"; return 1 ;;
    esac
    if [ -z "$wanted" ]; then
        say "no checksum is pinned: the one of the release's own list is taken"
        wanted=$(fetch "$release/sha256sum-$(dpkg --print-architecture).txt" | sed -n "s/  $name\$//p")
    fi
    echo "$wanted  /usr/local/bin/k3s" | sha256sum --check --status 2>/dev/null && return 0
    fetch --output /usr/local/bin/k3s.new "$release/$name"
    echo "$wanted  /usr/local/bin/k3s.new" | sha256sum --check --status ||
        { say "the checksum of what was fetched is not $wanted"; return 1; }
    chmod 0755 /usr/local/bin/k3s.new
    mv /usr/local/bin/k3s.new /usr/local/bin/k3s
    ln --symbolic --force k3s /usr/local/bin/kubectl
}

# Hetzner formats the volume when it is made, and names it so: https://docs.hetzner.com/cloud/volumes/overview
mount_data() {
    local device
    mkdir -p "$DATA"
    mountpoint --quiet "$DATA" && return 0
    device=$(await "the volume" find /dev/disk/by-id -name 'scsi-0HC_Volume_*' -not -name '*-part*' -print -quit)
    grep -q "^$device " /etc/fstab || echo "$device $DATA ext4 defaults,discard,nofail 0 2" >>/etc/fstab
    mount "$DATA"
}

# By what a node proves that it is the one it was (https://docs.k3s.io/architecture#how-agent-node-registration-works): the
# next machine with this volume is the same node.
keep_password() {
    mkdir -p "$DATA/node" /etc/rancher
    ln --symbolic --force --no-dereference "$DATA/node" /etc/rancher/node
}

own_address() { ip -4 -oneline address show to "$NODE_RANGE" | awk '{ split($4, a, "/"); print $2, a[1]; exit }'; }

# https://docs.hetzner.cloud/reference/cloud#server-metadata
public_address() { fetch http://169.254.169.254/hetzner/v1/metadata/public-ipv4; }

write_addresses() {
    local interface address
    read -r interface address < <(await "an address in $NODE_RANGE" own_address)
    mkdir -p /etc/rancher/k3s/config.yaml.d
    {
        echo "node-ip: $address"
        echo "flannel-iface: $interface"
        if [ "$ROLE" = server ]; then
            echo "advertise-address: $address"
            echo "tls-san: [$address, $(public_address)]"
        fi
    } >/etc/rancher/k3s/config.yaml.d/addresses.yaml
}

install_binary
if [ -n "${DATA:-}" ]; then
    mount_data
    keep_password
fi
write_addresses
systemctl daemon-reload
systemctl enable --now k3s.service
say "done"
