# install-packages UPGRADE PACKAGE...: installs system packages, after an upgrade of those of the base if UPGRADE is not
# empty. Lists and archives are cache mounts, so they are never in a layer.
upgrade=$1
shift
sources=/run/poetry-frontend/apt
docker_clean=/etc/apt/apt.conf.d/docker-clean

# The build file's own sources, while apt runs.
for file in "$sources"/*.sources; do
    if [ -e "$file" ]; then cp "$file" /etc/apt/sources.list.d/; fi
done
# Debian's images delete archives after each run; here a cache mount keeps them.
if [ -e $docker_clean ]; then mv $docker_clean /tmp/docker-clean; fi

apt-get update -o APT::Update::Error-Mode=any
if [ "$upgrade" ]; then
    apt-get upgrade --yes --no-install-recommends --with-new-pkgs -o Dpkg::Options::=--force-confold
fi
if [ $# -gt 0 ]; then apt-get install --yes --no-install-recommends "$@"; fi

if [ -e /tmp/docker-clean ]; then mv /tmp/docker-clean $docker_clean; fi
# Logs contain times.
rm -rf /var/log/apt /var/log/dpkg.log /var/log/alternatives.log /var/cache/ldconfig/aux-cache
for file in "$sources"/*.sources; do
    if [ -e "$file" ]; then rm "/etc/apt/sources.list.d/${file##*/}"; fi
done
