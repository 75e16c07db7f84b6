# container ROOT [SOURCE TARGET]... -- COMMAND...: runs a command with ROOT as its file system, and with each SOURCE of this
# machine mounted read-only at its TARGET. It needs a mount namespace of its own.
PATH=$PATH:/usr/sbin:/sbin
root=$1
shift
while [ "$1" != -- ]; do
    mkdir -p "$root$2"
    mount --rbind "$1" "$root$2"
    mount -o remount,bind,ro "$root$2"
    shift 2
done
shift
mkdir -p "$root/dev"
: >"$root/dev/null"
mount --bind /dev/null "$root/dev/null"
exec chroot "$root" "$@"
