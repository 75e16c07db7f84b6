# explain-failure COMMAND...: runs it. If it fails for a known reason, the status tells which: 91 a server cannot be reached,
# 92 an index refused the credentials, 93 there is no such package, 94 there is no compiler, 95 a package cannot be built,
# 97 the certificate of a server is not trusted.

# known FILE: the status for the reason that the output in FILE gives; 0 if it gives none.
known() {
    if grep -qE 'CERTIFICATE_VERIFY_FAILED|[Cc]ertificate verif(y|ication) failed|invalid peer certificate|SSL certificate problem|server (certificate )?verification failed' "$1"; then
        return 97
    fi
    if grep -qE '(401|403) +(Client Error|Error, Credentials|Unauthorized|Forbidden)|HTTP error (401|403)|Authorization error accessing' "$1"; then
        return 92
    fi
    if grep -qE "error: command '[^']*(cc|gcc|g\+\+|c\+\+|clang)' failed: No such file|unable to execute '[^']*(cc|gcc|g\+\+)'|Unknown compiler|linker \`[^\`]*cc\` not found|pg_config executable not found|No such file or directory: '(gcc|cc|g\+\+|c\+\+|clang|make|cmake|cargo|rustc)'|fatal error: [^ ]+\.h: No such file" "$1"; then
        return 94
    fi
    if grep -qE 'Temporary failure in name resolution|Name or service not known|Network is unreachable|No route to host|Connection refused|Connection timed out|ConnectTimeout|Failed to establish a new connection|All attempts to connect to|Could not resolve|Could not connect to' "$1"; then
        return 91
    fi
    if grep -qE 'No matching distribution found|E: Unable to locate package|E: Version .* was not found|has no installation candidate|Unable to find installation candidates|No versions of .* match|No solution found when resolving' "$1"; then
        return 93
    fi
    if grep -q '^error: .* cannot be built from its source:$' "$1"; then
        return 95
    fi
}

# In memory, so that no layer changes.
output=$(mktemp -p /dev/shm 2>/dev/null || mktemp)
{ "$@" 2>&1 || echo $? >"$output.status"; } | tee "$output"
status=0
if [ -e "$output.status" ]; then
    status=$(cat "$output.status")
    known "$output" || status=$?
fi
rm -f "$output" "$output.status"
exit "$status"
