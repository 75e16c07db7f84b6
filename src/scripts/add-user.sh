# add-user ROOT NAME UID GID HOME SHELL DIRECTORY...: adds a user to the file system at ROOT and gives it the directories.
# With the group 0, the group gets them too. By hand and not with useradd, which writes today's date into /etc/shadow. An entry
# with the same name and id stays.
root=$1 name=$2 uid=$3 gid=$4 home=$5 shell=$6
shift 6
# shellcheck source=/dev/null
. /run/in-root.sh
home_there=$(in_root "$root" "$home")
mkdir -p "$root/etc" "$home_there"
grep -qs "^[^:]*:[^:]*:$gid:" "$root/etc/group" || printf '%s:x:%s:\n' "$name" "$gid" >>"$root/etc/group"
if ! grep -qs "^$name:[^:]*:$uid:" "$root/etc/passwd"; then
    if grep -qs "^$name:" "$root/etc/passwd"; then
        echo "error: the base image already has a user $name with another id" >&2
        exit 1
    fi
    printf '%s:x:%s:%s::%s:%s\n' "$name" "$uid" "$gid" "$home" "$shell" >>"$root/etc/passwd"
fi
for directory; do
    there=$(in_root "$root" "$directory")
    mkdir -p "$there"
    chown -R "$uid:$gid" "$there"
    if [ "$gid" = 0 ]; then chmod -R g=u "$there"; fi
done
