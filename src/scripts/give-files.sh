# give-files ROOT OWNER VENV DIRECTORY...: gives the user all files in its directories but those of the environment. With the
# group 0, the group gets them too.
root=$1 owner=$2 venv=$3
shift 3
# shellcheck source=/dev/null
. /run/in-root.sh
venv_there=$(in_root "$root" "$venv")
for directory; do
    there=$(in_root "$root" "$directory")
    find "$there" -path "$venv_there" -prune -o -exec chown -h "$owner" {} +
    case $owner in
    *:0) find "$there" -path "$venv_there" -prune -o ! -type l -exec chmod g=u {} + ;;
    esac
done
