# trust-certificates BUNDLE OPTIONAL COMMAND...: runs the command so that everything that downloads trusts the CA certificates
# in the file BUNDLE and those of the image. With OPTIONAL, the file may be missing or empty. If it is, or BUNDLE is empty,
# only the certificates of the image are trusted.
bundle=$1 optional=$2
shift 2
# In memory, so that no layer changes.
memory=/dev/shm

# The certificates of the image. An engine that intercepts downloads adds its own to the first file that exists.
image=
for file in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/ca-bundle.pem \
    /etc/pki/tls/cacert.pem /etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem /etc/ssl/cert.pem; do
    if [ -z "$image" ] && [ -s "$file" ]; then image=$file; fi
done

# combine FILE...: the certificates of the files, each file once.
combine() {
    seen=:
    for file; do
        case $seen in *":$file:"*) continue ;; esac
        seen=$seen$file:
        if [ -f "$file" ]; then
            cat "$file"
            echo
        fi
    done
}

if [ "$optional" ] && ! LC_ALL=C grep -qs '[^[:space:]]' "$bundle"; then bundle=; fi
if [ "$bundle" ]; then
    if [ ! -e "$bundle" ]; then
        echo "error: \`ca-bundle\` is $bundle, and the image has no such file" >&2
        exit 98
    fi
    if ! grep -qe '-----BEGIN CERTIFICATE-----' "$bundle"; then
        echo "error: \`ca-bundle\` has no certificate in PEM format, which begins with -----BEGIN CERTIFICATE-----" >&2
        exit 98
    fi
    # An image without certificates may have those of pip.
    if [ -z "$image" ]; then
        image=$(python3 -I -c 'from pip._vendor import certifi; print(certifi.where())' 2>/dev/null) || :
    fi
    trusted=$memory/ca-certificates.crt
    combine "$image" "$bundle" "${SSL_CERT_FILE:-}" "${REQUESTS_CA_BUNDLE:-}" "${CURL_CA_BUNDLE:-}" "${PIP_CERT:-}" \
        "${GIT_SSL_CAINFO:-}" "${CARGO_HTTP_CAINFO:-}" "${NODE_EXTRA_CA_CERTS:-}" >"$trusted"
    export SSL_CERT_FILE="$trusted" REQUESTS_CA_BUNDLE="$trusted" CURL_CA_BUNDLE="$trusted" PIP_CERT="$trusted" \
        GIT_SSL_CAINFO="$trusted" CARGO_HTTP_CAINFO="$trusted" NODE_EXTRA_CA_CERTS="$trusted"
    if [ -z "${APT_CONFIG:-}" ]; then
        export APT_CONFIG="$memory/apt-certificates.conf"
        echo "Acquire::https::CAInfo \"$trusted\";" >"$APT_CONFIG"
    fi
elif [ "${HTTPS_PROXY:-${https_proxy:-}}" ] && [ -z "${REQUESTS_CA_BUNDLE:-${CURL_CA_BUNDLE:-}}" ]; then
    # pip and Poetry have certificates of their own, which a proxy that intercepts is not among.
    image=${SSL_CERT_FILE:-$image}
    if [ "$image" ]; then export REQUESTS_CA_BUNDLE="$image"; fi
fi
exec "$@"
