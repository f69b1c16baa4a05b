#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: arm64.sh [TEST_PATTERN]
#
# Build for arm64 and run the unit tests and corpus replays by qemu-user.  The libraries of arm64
# are unpacked into build/arm64-sysroot; apt gets a state of its own for that, so nothing is
# installed on this system.  Status 77: the packages cannot be had.
set -euo pipefail
cd "$(dirname "$0")/.."
sysroot=$PWD/build/arm64-sysroot state=$PWD/build/arm64-apt
packages=(libc6-dev libpcap-dev libmaxminddb-dev libmariadb-dev libssl-dev libconfig-dev \
    libsystemd-dev
    libsqlite3-dev zlib1g-dev libzstd-dev liblz4-dev liblzma-dev libcbor-dev libidn2-dev \
        libpsl-dev libc-ares-dev libzip-dev
    libcurl4-openssl-dev libxlsxwriter-dev libgfshare-dev libqrencode-dev libhpdf-dev
    libmicrohttpd-dev libcrypt-dev libcmocka-dev)

for program in aarch64-linux-gnu-gcc qemu-aarch64-static; do
    command -v $program > /dev/null || { echo "skipped: no $program"; exit 77; }
done
if [ ! -e "$sysroot/complete" ]; then
    rm -rf "$sysroot" "$state"
    mkdir -p "$sysroot"/usr/{bin,sbin,lib} "$state"/{lists,cache/archives}/partial
    for dir in bin sbin lib; do ln -s usr/$dir "$sysroot/$dir"; done
    : > "$state/status"
    apt=(apt-get -qq -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o \
        APT::Sandbox::User=root
        -o Dir::State="$state" -o Dir::State::status="$state/status" -o Dir::Cache="$state/cache")
    if ! { "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends --download-only \
        "${packages[@]}"; } > build/arm64-apt.log 2>&1; then
        tail -n 3 build/arm64-apt.log
        echo "skipped: the packages of arm64 cannot be had (build/arm64-apt.log)"
        exit 77
    fi
    for deb in "$state"/cache/archives/*.deb; do
        dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink -C "$sysroot"
    done
    : > "$sysroot/complete"
fi
cmake --preset arm64
cmake --build --preset arm64 -j "$(nproc)"
# qemu-user has no packet sockets with time stamps, as capture.live wants them
env -u NTA_SHARED ctest --test-dir build/arm64 -j "$(nproc)" --output-on-failure -L 'unit|fuzz' -E \
    'capture\.live' ${1:+-R "$1"}
