# give-files ROOT OWNER VENV DIRECTORY...: gives the user all files in its directories but those of the environment.
root=$1 owner=$2 venv=$3
shift 3
for directory; do
    find "$root$directory" -path "$root$venv" -prune -o -exec chown -h "$owner" {} +
done
