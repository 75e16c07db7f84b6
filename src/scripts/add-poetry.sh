# add-poetry FROM: Poetry's environment goes where it was made; its command is all that is on the PATH.
mkdir -p /opt/poetry /usr/local/bin
cp -a "$1/." /opt/poetry
ln -sf /opt/poetry/bin/poetry /usr/local/bin/poetry
