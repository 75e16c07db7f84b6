# create-environment VENV: Python's own environment, without pip: neither Poetry nor the image needs it.
python3 -m venv --without-pip "$1"
