#!/bin/bash
# Makes a Debian instance a node of Ethereum: its disk, the secret of its engine API, Geth and Lighthouse as systemd
# units. Google runs it at each start of the instance (metadata "startup-script"); a second run changes nothing that is
# as it should be, and it never restarts a node that runs, nor formats a disk that holds anything.
#
# What it reads of the instance's metadata: geth-service, lighthouse-service (the units), geth-image, lighthouse-image,
# network, checkpoint-sync-url, geth-cache, and the name of the disk's device, data-device.
set -euo pipefail

DATA=/srv/ethereum
USER_ID=1000

say() { echo "ethereum: $*"; }

attribute() {
    curl --silent --show-error --fail --retry 5 --retry-connrefused --max-time 10 --header 'Metadata-Flavor: Google' \
        "http://metadata.google.internal/computeMetadata/v1/instance/attributes/$1"
}

install_packages() {
    local package missing=()
    for package in podman e2fsprogs cloud-guest-utils prometheus-node-exporter; do
        dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed ||
            missing+=("$package")
    done
    [ "${#missing[@]}" -gt 0 ] || return 0
    apt-get update
    DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "${missing[@]}"
}

mount_data() {
    local device uuid
    device=/dev/disk/by-id/google-$(attribute data-device)
    mkdir -p "$DATA"
    mountpoint --quiet "$DATA" && return 0
    udevadm settle --timeout=60
    [ -b "$device" ] || { say "there is no disk $device"; return 1; }
    if [ -z "$(wipefs --no-act "$device")" ]; then
        say "the disk is empty and gets a filesystem"
        mkfs.ext4 -q -m 0 -E lazy_itable_init=0,lazy_journal_init=0 "$device"
    fi
    uuid=$(blkid --output value --match-tag UUID "$device")
    grep -q "UUID=$uuid" /etc/fstab || echo "UUID=$uuid $DATA ext4 defaults,discard,nofail 0 2" >>/etc/fstab
    mount "$DATA"
}

make_secret() {
    local file=$DATA/jwt.hex
    if [ ! -s "$file" ]; then
        (umask 077 && head --bytes=32 /dev/urandom | od --address-radix=n --format=x1 | tr -d ' \n' >"$file.new")
        chown "$USER_ID:$USER_ID" "$file.new"
        mv "$file.new" "$file"
    fi
}

# Writes what the metadata says to a file; true when it was not so before.
write_unit() {
    local new
    new=$(attribute "$1-service")
    [ "$new" != "$(cat "/etc/systemd/system/$1.service" 2>/dev/null)" ] || return 1
    printf '%s\n' "$new" >"/etc/systemd/system/$1.service"
}

write_settings() {
    local new
    new=$(
        echo "GETH_IMAGE=$(attribute geth-image)"
        echo "LIGHTHOUSE_IMAGE=$(attribute lighthouse-image)"
        echo "NETWORK=$(attribute network)"
        echo "CHECKPOINT_SYNC_URL=$(attribute checkpoint-sync-url)"
        echo "GETH_CACHE=$(attribute geth-cache)"
    )
    printf '%s\n' "$new" >/etc/ethereum.env.new
    mv /etc/ethereum.env.new /etc/ethereum.env
}

install_packages
mount_data
for part in geth lighthouse; do
    mkdir -p "$DATA/$part"
    chown "$USER_ID:$USER_ID" "$DATA/$part"
done
make_secret
write_settings
for part in geth lighthouse; do
    if write_unit "$part"; then say "the unit $part is new"; fi
done
systemctl daemon-reload
# Starts what does not run; what runs with an older unit or image goes on until it is restarted on purpose.
systemctl enable --now geth.service lighthouse.service
say "done"
