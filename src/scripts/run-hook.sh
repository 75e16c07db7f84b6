#!/bin/sh
# run-hook SCRIPT: runs it in the strictest shell there is. bash also reports the line at which a script stopped; a shell
# without pipefail only looks at the last command of a pipe. Whatever comes before the script stands in its first line, so
# that errors name the script's own lines.
if command -v bash >/dev/null; then
    exec bash -Eeuo pipefail -c "trap 'echo \"hook: line \$LINENO failed\" >&2' ERR; $1" hook
fi
strict='set -o pipefail; '
(eval "$strict") 2>/dev/null || strict=
exec sh -euc "$strict$1" hook
