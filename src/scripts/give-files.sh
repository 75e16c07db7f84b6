# give-files ROOT OWNER VENV DIRECTORY...: gives the user all files in its directories but those of the environment. With the
# group 0, the group gets them too.
root=$1 owner=$2 venv=$3
shift 3
for directory; do
    find "$root$directory" -path "$root$venv" -prune -o -exec chown -h "$owner" {} +
    case $owner in
    *:0) find "$root$directory" -path "$root$venv" -prune -o ! -type l -exec chmod g=u {} + ;;
    esac
done
