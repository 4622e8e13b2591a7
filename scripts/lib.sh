# Sourced by the scripts in this folder, which set `here` to it first. Finds the
# Swift toolchain, installs the Debian packages that are missing, and builds the
# release binary when it is older than its sources.
#
# Standard output belongs to the program that a script runs: everything here
# speaks on standard error, and only when there is something to say.
# shellcheck shell=bash

root=${here:?}
root=${root%/*}
binary=$root/.build/release/portwatch
stamp=$root/.build/portwatch.stamp

# Debian packages to build with; a script adds what else it needs. Of alternatives the
# first is installed if none is there.
packages=(
    libpcap-dev libmnl-dev
    zlib1g-dev libzstd-dev             # for compressed captures
    libcrypt-dev nettle-dev            # for the passwords and tokens of the auth service
    'pkg-config|pkgconf'               # tells SwiftPM where they are
    'libstdc++-12-dev|libstdc++-dev'   # brings libc6-dev and libgcc-12-dev: all that Swift links with
    binutils
    libcurl4 libxml2 libsqlite3-0 libncurses6   # a Swift toolchain's own libraries
)

say() { printf '%s\n' "$*" >&2; }

die() {
    say "scripts/${0##*/}: $1"
    shift
    (($# == 0)) || printf '%s\n' "$@" >&2
    exit 1
}

# The comment at the head of the calling script is its help.
show_help() { awk 'NR > 1 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "$0"; }

# Runs a command with its output held back, shown whole if it fails.
quietly() {
    local log status=0
    log=$("$@" 2>&1 </dev/null) || status=$?
    ((status == 0)) || printf '%s\n' "$log" >&2
    return "$status"
}

# ---- Debian packages ---------------------------------------------------------

# Prints those of the packages named that are neither installed nor provided.
missing_packages() {
    dpkg-query -W -f '${db:Status-Status}, ${Package}, ${Provides}\n' | awk -v wanted="$*" '
        BEGIN { FS = ", *" }
        $1 == "installed" { for (i = 2; i <= NF; i++) { sub(/[ :].*/, "", $i); there[$i] } }
        END {
            count = split(wanted, packages, " ")
            for (p = 1; p <= count; p++) {
                found = 0
                alternatives = split(packages[p], names, "|")
                for (n = 1; n <= alternatives; n++) if (names[n] in there) found = 1
                if (!found) print names[1]
            }
        }'
}

require_packages() {
    command -v dpkg-query >/dev/null || return 0 # no Debian: what is missing shows when it is used
    local -a missing privileged=()
    mapfile -t missing < <(missing_packages "$@")
    ((${#missing[@]})) || return 0
    if ((EUID != 0)); then
        sudo -n apt-get --version &>/dev/null || ask_for "${missing[@]}"
        privileged=(sudo -n)
    fi
    say "installing ${missing[*]}…"
    quietly "${privileged[@]}" apt-get update || say "(apt-get update failed; trying with what is known)"
    quietly "${privileged[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends "${missing[@]}" ||
        die "the packages could not be installed"
}

# Without the right to install: one line that somebody can type, and the end.
ask_for() {
    local become="su - -c"
    if command -v sudo >/dev/null; then become="sudo sh -c"; fi
    die "Debian packages are missing; this line installs them:" \
        "$become 'apt-get update && apt-get install -y --no-install-recommends $*'"
}

# ---- The toolchain -----------------------------------------------------------

# Under sudo everything is built as the user who called, so that .build stays theirs.
builder=
choose_builder() {
    ((EUID == 0)) && [[ ${SUDO_USER:-root} != root ]] || return 0
    runuser -u "$SUDO_USER" -- test -w "$root" || return 0
    builder=$SUDO_USER
    give_back_build
}

as_builder() {
    if [[ -n $builder ]]; then
        runuser -u "$builder" -- env HOME="$(home_of "$builder")" "$@"
    else
        "$@"
    fi
}

# bash -c "$with_own_folders" bash COMMAND… runs a command with a folder for temporary files
# that is the user's own, which is their home too if they have none that they can write.
# SwiftPM keeps locks among the temporary files under names that do not tell users apart
# (where root has built, others no longer could) and caches in the home.
# shellcheck disable=SC2016 # for the inner shell, which may be another user's
with_own_folders='
    export TMPDIR=/tmp/portwatch-$UID
    [[ -d $TMPDIR ]] || mkdir -m 755 -- "$TMPDIR"
    [[ -O $TMPDIR && ! -L $TMPDIR ]] || { echo "$TMPDIR belongs to somebody else" >&2; exit 1; }
    [[ -w ${HOME:-} ]] || export HOME=$TMPDIR
    exec "$@"'

home_of() { getent passwd "$1" | cut -d: -f6; }

# What root has left in .build belongs to whom the checkout belongs.
give_back_build() {
    ((EUID != 0)) || [[ ! -d $root/.build ]] || chown -hR --from=root --reference="$root" "$root/.build"
}

toolchain_folders() {
    if [[ -n $builder ]]; then
        # sudo has a PATH of its own; the user's is what their login shell says.
        # shellcheck disable=SC2016 # it is the other shell that expands it
        runuser -l "$builder" -c 'printf "%s\n" "$PATH"' </dev/null 2>/dev/null | tail -n 1 | tr : '\n'
    fi
    tr : '\n' <<<"$PATH"
    printf '%s\n' /opt/swift/usr/bin /usr/bin
    local home
    for home in ${builder:+"$(home_of "$builder")"} "${HOME:-/root}"; do
        printf '%s\n' "$home/.local/share/swiftly/bin" "$home/.swiftly/bin"
    done
}

# Sets `toolchain` to the folder of swift. (A swift without a swiftc is OpenStack's client.)
find_toolchain() {
    local folder
    while IFS= read -r folder; do
        [[ -x $folder/swift && -x $folder/swiftc ]] || continue
        toolchain=$folder
        # A toolchain in root's own home is no good to another user: then root builds.
        as_builder test -x "$folder/swift" || builder=
        return
    done < <(toolchain_folders)
    die "no Swift toolchain, on PATH or in /opt/swift/usr/bin, /usr/bin, ~/.local/share/swiftly/bin, ~/.swiftly/bin" \
        "Install Swift 6.2 or later (https://www.swift.org/install/linux/) and try again."
}

# ---- The release binary ------------------------------------------------------

# What the binary was built with, and the binary itself, by name, size and time.
identity() { stat -L -c '%n %s %Y' -- "$1" "$binary"; }

# Takes some milliseconds: it starts no swift. Folders count, so that a removed file does too.
up_to_date() {
    [[ -x $binary && -r $stamp ]] || return 1
    local built_with newer
    built_with=$(<"$stamp")
    newer=$(find "$root/Package.swift" "$root/Sources" "$here/lib.sh" -newer "$stamp" -print -quit)
    [[ -z $newer && $(identity "${built_with%%/swift *}/swift" 2>/dev/null) == "$built_with" ]]
}

# Makes the machine ready: the toolchain found, the packages there.
set_up() {
    choose_builder
    find_toolchain
    require_packages "${packages[@]}"
}

# Builds unless up to date. Of two started at once the second waits and finds it built:
# the lock is on this folder, so it leaves no file behind.
build_release() {
    if up_to_date; then return; fi
    (
        flock 9
        if up_to_date; then exit; fi
        set_up
        say "building portwatch (once)…"
        started=${EPOCHREALTIME/,/.}
        quietly as_builder bash -c "$with_own_folders" bash "$toolchain/swift" build \
            --package-path "$root" -c release --static-swift-stdlib --product portwatch ||
            die "the build failed"
        # A source that changes from here on is newer than the stamp.
        identity "$toolchain/swift" >"$stamp"
        touch -d "@$started" "$stamp"
        give_back_build
    ) 9<"$here"
}
