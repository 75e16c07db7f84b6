# shellcheck shell=bash
# shellcheck disable=SC2034 # used where this is sourced
# Shared by the scripts in this directory. Sourced, never run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
engine_dir=${ENGINE_DIR:-$root/.engine}
suite=${ENGINE_SUITE:-trixie}
registry=127.0.0.1:${ENGINE_REGISTRY_PORT:-5000}

suite_dir=$engine_dir/$suite # binaries and data of one suite
run_dir=$engine_dir/run      # sockets and pid files of running services
# The path of a Unix socket is limited to 107 bytes, and the engine creates some deep inside this directory.
if ((${#engine_dir} > 55)); then run_dir=/run/poetry-frontend-$(cksum <<<"$engine_dir" | cut -d ' ' -f 1); fi
suite_run_dir=$run_dir/$suite # those of the engine of one suite
log_dir=$engine_dir/log
socket=$suite_run_dir/docker.sock
ca_bundle=/etc/ssl/certs/ca-certificates.crt

say() { printf '%s\n' "$*" >&2; }

# die ERROR [LOG] [FIX]: prints one line and exits.
die() {
    say "${0##*/}: $1${2:+; log: $2}${3:+; fix: $3}"
    exit 1
}

# True if a Docker with buildx other than our own engines answers.
foreign_docker() {
    [[ ${DOCKER_HOST:-} != "unix://$run_dir/"* ]] &&
        docker version --format '{{.Server.Version}}' >/dev/null 2>&1 &&
        docker buildx version >/dev/null 2>&1
}

# Points this shell and its children at our own engine.
use_own_engine() {
    local bin=$suite_dir/root/usr/sbin:$suite_dir/root/usr/bin
    [[ $PATH = "$bin":* ]] || export PATH=$bin:$PATH
    export DOCKER_HOST=unix://$socket DOCKER_CONFIG=$suite_dir/docker-config
    unset DOCKER_CONTEXT
}

# Brings up an engine if none is there, and points this shell at it.
enter_engine() {
    local lines
    "$root/harness/engine" up
    lines=$("$root/harness/engine" env)
    eval "$lines"
}

# Exports FRONTEND_IMAGE, the name that the end-to-end tests build with. An engine without a registry beside it takes a
# loaded image.
name_frontend_image() {
    export FRONTEND_IMAGE=$registry/poetry-frontend:${FRONTEND_TAG:-dev}
    if foreign_docker && ! curl -fs -m 5 -o /dev/null "http://$registry/v2/"; then
        FRONTEND_IMAGE=poetry-frontend:test
    fi
}

# Lets the machine run programs of another architecture, and makes a base image for both.
emulate() {
    if foreign_docker; then # assumed to run other platforms by itself
        export PLATFORMS_IMAGE=python:3.13-slim-trixie
        return
    fi
    local qemu=$engine_dir/qemu log=$log_dir/emulation.log rules=/proc/sys/fs/binfmt_misc name=aarch64 line
    [[ $(dpkg --print-architecture) = amd64 ]] || name=x86_64
    if [[ ! -e $qemu ]]; then
        say "${0##*/}: fetching an emulator"
        mkdir -p "$log_dir"
        # Not the machine's own: Python takes ten times as long with QEMU 7.
        { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends arch-test &&
            unpack_packages sid "$qemu" qemu-user; } >"$log" 2>&1 ||
            die 'cannot fetch an emulator' "$log" "check the machine's apt sources"
        find "$qemu/usr/bin" -type f ! -name "qemu-$name" -delete # all of them take half a gigabyte
    fi
    [[ -e $rules/register ]] || mount -t binfmt_misc binfmt_misc $rules
    # The rule registered last wins.
    if [[ ! -e $rules/poetry-frontend-$name ]]; then
        line=$(grep -m 1 '^:' "$qemu/usr/share/qemu/binfmt.d/qemu-$name.conf")
        sed "s|^:[^:]*|:poetry-frontend-$name|; s|:/usr/bin/|:$qemu/usr/bin/|" <<<"$line" | tr -d '\n' >$rules/register
    fi
    "$root/harness/base-images" platforms
}

# apt_sources SUITE: prints the machine's Debian sources (deb822), switched to SUITE. sid has neither updates nor security.
apt_sources() {
    local codename uri release component
    # shellcheck disable=SC1091
    codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    apt-get indextargets --format "\$(REPO_URI) \$(RELEASE) \$(COMPONENT)" 'Created-By: Packages' | sort -u |
        while read -r uri release component; do
            [[ $component = main && $release =~ ^$codename(-updates|-security)?$ ]] || continue
            [[ $1 != sid || $release = "$codename" ]] || continue
            printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n\n' \
                "$uri" "$1${release#"$codename"}" /usr/share/keyrings/debian-archive-keyring.gpg
        done
}

# unpack_packages SUITE DIRECTORY PACKAGE..: unpacks packages of another suite without installing them.
unpack_packages() {
    local from=$1 target=$2 apt=$2.apt options deb
    shift 2
    rm -rf "$apt" "$target.tmp"
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/debs" "$target.tmp"
    apt_sources "$from" >"$apt/debian.sources"
    # Release dates are not checked, since the machine's mirror may be an old snapshot. Signatures are.
    options=(-o "Dir::Etc::SourceList=$apt/debian.sources" -o Dir::Etc::SourceParts=/dev/null
        -o "Dir::State::Lists=$apt/lists" -o "Dir::Cache=$apt/cache"
        -o APT::Sandbox::User=root -o Acquire::Languages=none
        -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false -o Acquire::Check-Valid-Until=false)
    apt-get "${options[@]}" update && (cd "$apt/debs" && apt-get "${options[@]}" download "$@") || return
    for deb in "$apt"/debs/*.deb; do dpkg -x "$deb" "$target.tmp" || return; done
    rm -rf "$apt" "$target"
    mv "$target.tmp" "$target"
}

# Prints the package index configured for pip on this machine; nothing if it is pip's default.
configured_index() {
    if [[ -n ${PIP_INDEX_URL:-} ]]; then
        echo "$PIP_INDEX_URL"
    else
        python3 -m pip config get global.index-url 2>/dev/null || true
    fi
}

# poetry_home VERSION: prints the path of an environment with that Poetry, creating it on first use. Run Poetry as
# `bin/python -m poetry`. Needs Python 3.11 or newer.
poetry_home() {
    local home=$engine_dir/poetry/$1 log=$log_dir/poetry-$1.log
    if [[ ! -x $home/bin/python ]]; then
        mkdir -p "$log_dir" "$engine_dir/poetry"
        rm -rf "$home"
        { python3 -m venv "$home.new" && "$home.new/bin/python" -m pip install "poetry==$1" poetry-plugin-pypi-mirror &&
            mv "$home.new" "$home"; } >"$log" 2>&1 || die "cannot install Poetry $1" "$log" "check that pip can reach its index"
    fi
    echo "$home"
}

# uv_home: prints the path of a directory with the pinned uv, creating it on first use. Run uv as `bin/uv`.
uv_home() {
    local pins=$root/src/scripts/pins/uv.txt log=$log_dir/uv.log home
    home=$engine_dir/uv/$(sed -n 's/^uv==\([^ ]*\).*/\1/p' "$pins")
    if [[ ! -x $home/bin/uv ]]; then
        mkdir -p "$log_dir" "$engine_dir/uv"
        rm -rf "$home" "$home.new"
        { python3 -m pip install --no-compile --no-deps --only-binary :all: --require-hashes --target "$home.new" \
            --requirement "$pins" && mv "$home.new" "$home"; } >"$log" 2>&1 ||
            die 'cannot install uv' "$log" "check that pip can reach its index"
    fi
    echo "$home"
}
