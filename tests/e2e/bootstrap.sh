#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: bootstrap.sh PROJECT
#
# ./bootstrap package, install and uninstall, as they are, in a view of this machine in which all
# that is written goes to memory.  PROJECT/build/release must be built.  77: that cannot be had.
set -u
here=$(cd "$(dirname "$0")" && pwd)
project=$(cd "$1" && pwd)
. "$here/lib/check.sh"

skip()
{
    echo "SKIPPED: $*"
    exit 77
}
[ "$(id -u)" -eq 0 ] || skip "not root"
[ -x "$project/build/release/tools/nta" ] || skip "no release is built here"
if [ "${NTA_VIEW:-}" != inside ]; then
    NTA_VIEW=inside exec unshare --mount --net --pid --fork --kill-child "$0" "$@"
fi
work=$(mktemp -d /tmp/nta-bootstrap-XXXXXX)
view=$work/view
cleanup()
{
    cd /
    umount -R -l "$work"
    rmdir "$work"
}
trap cleanup EXIT
trap 'exit 1' INT TERM
layer() # layer FOLDER: what is written below it goes to memory
{
    local name
    name=$(mktemp -d "$work/XXXXXX") && mkdir "$name/changes" "$name/work" &&
        mount -t overlay overlay \
            -o "lowerdir=$1,upperdir=$name/changes,workdir=$name/work" "$view$1"
}
mount -t tmpfs tmpfs "$work" && mkdir "$view" && layer / && layer "$project" ||
    skip "no overlay file system"
mount --rbind /dev "$view/dev" && mount -t proc proc "$view/proc" || skip "no /dev or /proc"
inside() { chroot "$view" sh -c "cd '$project' && $1"; }

there() # all files of the system, but the admin's
{
    inside "find /etc /opt /srv /usr /var -xdev -path '$project' -prune -o \
        \( -type f -o -type l \) -print" |
        grep -v -e '^/var/lib/systemd/catalog/' -e '^/etc/nta/' -e '^/var/lib/nta/' | sort
}
cleanly() { ! grep -i -e error -e "No such file" "$work/said"; }
kept() { inside "cat /etc/nta/ntad.conf /var/lib/nta/store.db" | grep -x "mine" | grep -c mine; }

there > "$work/before"
ok "./bootstrap package" inside "./bootstrap package > /run/said 2>&1 || { cat /run/said; exit 1; }"
for name in daemon tools exporter notify verify doc; do
    ok "makes nta-$name" inside "ls build/packages/nta-$name*.deb"
done
ok "./bootstrap install" inside "./bootstrap install > /run/said 2>&1 || { cat /run/said; exit 1; }"
ok "nta runs from where it is installed" inside "/usr/local/bin/nta --version"
ok "and what it becomes" inside "/usr/local/bin/nta lists --help"
ok "and ntad" inside "\$(find /usr/local -name ntad -type f -perm -100) --version"
ok "its manual is found" inside "man -w nta-lists"
inside "mkdir -p /etc/nta /var/lib/nta; echo mine > /etc/nta/ntad.conf; echo mine > /var/lib/nta/store.db"
ok "./bootstrap uninstall" inside "./bootstrap uninstall > /run/said 2>&1 || { cat /run/said; exit 1; }"
cp "$view/run/said" "$work/said"
ok "says nothing of an error" cleanly
there > "$work/after"
ok "nothing of it is left" diff "$work/before" "$work/after"
ok "but configuration and records" [ "$(kept)" = 2 ]
ok "a second one says that there is nothing" inside \
    "! ./bootstrap uninstall 2>&1 | grep -v 'was it installed from here'"
conclude
