# in_root ROOT PATH: prints where PATH leads in the file system at ROOT. Links there are followed in that file system and not in
# this one: an absolute link, such as /var/run, would lead out of it.
in_root() {
    left=$2 real='' links=0
    while [ "$left" ]; do
        left=${left#/}
        part=${left%%/*}
        left=${left#"$part"}
        case $part in
        '' | .) ;;
        ..) real=${real%/*} ;;
        *)
            if [ -L "$1$real/$part" ]; then
                links=$((links + 1))
                if [ "$links" -gt 40 ]; then
                    echo "error: $2: too many links in the base image" >&2
                    exit 1
                fi
                target=$(readlink "$1$real/$part")
                case $target in
                /*) real='' ;;
                esac
                left=/$target$left
            else
                real=$real/$part
            fi
            ;;
        esac
    done
    echo "$1${real:-/}"
}
