# SPDX-License-Identifier: Apache-2.0
# A small Debian 12 that systemd-nspawn boots.  To be sourced behind check.sh; $0 and its arguments
# are the test's own.
#
# The Debian is made once, in the cache folder; a run writes into a layer over it, in memory.
#   machine_make TEST BUILD...      a network and a $work folder of its own, the Debian in $root
#   machine_boot [OPTION...]        boots it, with these of systemd-nspawn; box COMMAND... runs in
#                                   there, $leader is its init
#   machine_pack FOLDER             Debian packages of what is built, in there
#   machine_end                     for the test's trap

PATH=$PATH:/usr/sbin:/sbin

# what the units call, and what a sensor has beside it
packages=systemd,systemd-sysv,dbus,iproute2,logrotate
packages+=,mariadb-server,libjs-leaflet,libjs-leaflet.markercluster
packages+=,libtss2-esys-3.0.2-0,libtss2-mu0,libtss2-rc0,libtss2-tcti-swtpm0
cache=${XDG_CACHE_HOME:-/var/cache}/nta-tests
work='' nspawn='' leader=''

# linked_packages BUILD: those of the libraries that our programs are linked with
linked_packages()
{
    local library
    ldd "$1"/daemon/ntad "$1"/tools/{nta-full,nta-notify,nta-exporter} |
        awk '$3 ~ /^\// { print $3 }' | sort -u | while read -r library; do
        library=$(realpath "$library")
        # a file is listed where it was before /lib became a link
        dpkg-query -S "$library" "${library#/usr}" "/usr$library" 2> /dev/null
    done | cut -d: -f1 | sort -u
}

skip()
{
    echo "SKIPPED: nothing was booted: $*"
    exit 77
}

gone() { ! kill -0 "$1"; }
box() { nsenter --target "$leader" --mount --uts --ipc --net --pid --cgroup -- "$@"; }

machine_make()
{
    local tool log
    [ "$(id -u)" -eq 0 ] || skip "not root"
    for tool in systemd-nspawn debootstrap unshare nsenter ip openssl python3; do
        command -v $tool > /dev/null || skip "no $tool (Debian: systemd-container debootstrap)"
    done
    packages+=,$(linked_packages "$2" | paste -sd,)
    debian=$cache/debian-12-$(printf '%s' "$packages" | sha256sum | cut -c1-12)
    if [ ! -d "$debian" ]; then
        echo "making $debian"
        mkdir -p "$cache"
        log=$cache/debootstrap.$$.log
        if ! debootstrap --variant=minbase --include="$packages" bookworm "$debian.$$" \
            > "$log" 2>&1; then
            tail -n 3 "$log"
            rm -rf "$debian.$$" "$log"
            skip "debootstrap could not make a Debian 12 (no network?)"
        fi
        rm -rf "$debian.$$"/var/cache/apt/archives/*.deb "$log"
        mv -T "$debian.$$" "$debian" || exit 1
    fi
    if [ "${NTA_BOOTED:-}" != inside ]; then
        # whatever is started ends with this
        NTA_BOOTED=inside exec unshare --net --mount --pid --fork --kill-child --mount-proc "$@"
    fi
    work=$(mktemp -d /tmp/nta-booted-XXXXXX)
    root=$work/root
    mount -t tmpfs tmpfs "$work" || exit 1
    mkdir "$work/changes" "$work/overlay" "$root"
    mount -t overlay overlay -o "lowerdir=$debian,upperdir=$work/changes,workdir=$work/overlay" \
        "$root" || skip "no overlay file system"
}

has_booted()
{
    gone "$nspawn" && return
    leader=$(pgrep -P "$nspawn" | head -n 1)
    [ -n "$leader" ] && box systemctl is-system-running | grep -E "^(running|degraded)"
}

# cgroup v2 is what Debian 12 boots with, whatever is mounted here
machine_boot()
{
    SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 systemd-nspawn --quiet --boot --directory="$root" "$@" \
        --private-network --register=no --keep-unit --machine="nta-$$" --console=pipe \
        > "$work/console" 2>&1 < /dev/null &
    nspawn=$!
    within 60 has_booted
    box true 2> /dev/null ||
        skip "systemd does not come up in a container here: $(tail -n 3 "$work/console")"
}

machine_pack()
{
    nice cpack --config "$build/CPackConfig.cmake" -G DEB -B "$1"
}

machine_end()
{
    [ -n "$work" ] || return 0
    if [ -n "$nspawn" ]; then
        kill "$nspawn" 2> /dev/null
        within 20 gone "$nspawn" || kill -KILL "$nspawn"
    fi
    wait
    umount -l "$work"
    rmdir "$work"
}
