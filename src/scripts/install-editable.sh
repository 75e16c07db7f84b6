# install-editable COMMAND...: the locked packages are installed; the project and its path dependencies are left. The user may
# have a volume at ~/.cache, so the cache of the command is elsewhere.
cache=$(mktemp -d)
XDG_CACHE_HOME=$cache "$@"
rm -rf "$cache"
