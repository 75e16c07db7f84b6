# shellcheck shell=bash
# shellcheck disable=SC2034 # used where this is sourced
# What the harness scripts share. Sourced, never run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
engine_dir=${ENGINE_DIR:-$root/.engine}
suite=${ENGINE_SUITE:-trixie}
registry=127.0.0.1:${ENGINE_REGISTRY_PORT:-5000}

suite_dir=$engine_dir/$suite # one suite's binaries and data
run_dir=$engine_dir/run      # sockets and pid files of what runs now
# A Unix socket's path has at most 107 bytes, and the engine makes some far below this folder.
if ((${#engine_dir} > 60)); then run_dir=/run/poetry-frontend-$(cksum <<<"$engine_dir" | cut -d ' ' -f 1); fi
log_dir=$engine_dir/log
socket=$run_dir/docker.sock
ca_bundle=/etc/ssl/certs/ca-certificates.crt

say() { printf '%s\n' "$*" >&2; }

# die WHAT [LOG] [HOW TO MEND]: one line.
die() {
    say "${0##*/}: $1${2:+; log: $2}${3:+; to mend: $3}"
    exit 1
}

# True when a Docker with buildx that is not ours answers.
foreign_docker() {
    [[ ${DOCKER_HOST:-} != "unix://$socket" ]] &&
        docker version --format '{{.Server.Version}}' >/dev/null 2>&1 &&
        docker buildx version >/dev/null 2>&1
}

# Points this shell, and what it starts, at our own engine.
use_own_engine() {
    local bin=$suite_dir/root/usr/sbin:$suite_dir/root/usr/bin
    [[ $PATH = "$bin":* ]] || export PATH=$bin:$PATH
    export DOCKER_HOST=unix://$socket DOCKER_CONFIG=$engine_dir/docker-config
    unset DOCKER_CONTEXT
}

# apt_sources SUITE: the machine's own Debian sources with another suite in their place (deb822).
# sid has neither updates nor security.
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

# unpack_packages SUITE FOLDER PACKAGE..: what packages of another suite have in them, without installing them.
unpack_packages() {
    local from=$1 folder=$2 apt=$2.apt options deb
    shift 2
    rm -rf "$apt" "$folder.tmp"
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/debs" "$folder.tmp"
    apt_sources "$from" >"$apt/debian.sources"
    # No check of the release's age: the machine's mirror may be a dated snapshot. Signatures are checked.
    options=(-o "Dir::Etc::SourceList=$apt/debian.sources" -o Dir::Etc::SourceParts=/dev/null
        -o "Dir::State::Lists=$apt/lists" -o "Dir::Cache=$apt/cache"
        -o APT::Sandbox::User=root -o Acquire::Languages=none
        -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false -o Acquire::Check-Valid-Until=false)
    apt-get "${options[@]}" update && (cd "$apt/debs" && apt-get "${options[@]}" download "$@") || return
    for deb in "$apt"/debs/*.deb; do dpkg -x "$deb" "$folder.tmp" || return; done
    rm -rf "$apt" "$folder"
    mv "$folder.tmp" "$folder"
}

# The package index that the machine's pip is told to use; nothing when it is pip's default.
configured_index() {
    if [[ -n ${PIP_INDEX_URL:-} ]]; then
        echo "$PIP_INDEX_URL"
    else
        python3 -m pip config get global.index-url 2>/dev/null || true
    fi
}

# poetry_home VERSION: an environment with that Poetry, made on first use; run it as `bin/python -m poetry`. Needs Python
# 3.11 or newer.
poetry_home() {
    local home=$engine_dir/poetry/$1 log=$log_dir/poetry-$1.log
    if [[ ! -x $home/bin/python ]]; then
        mkdir -p "$log_dir" "$engine_dir/poetry"
        rm -rf "$home"
        { python3 -m venv "$home.new" && "$home.new/bin/python" -m pip install "poetry==$1" poetry-plugin-pypi-mirror &&
            mv "$home.new" "$home"; } >"$log" 2>&1 || die "could not install Poetry $1" "$log" "check that pip reaches its index"
    fi
    echo "$home"
}
