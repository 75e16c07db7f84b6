# create-environment VENV: Python's own environment, without pip: neither Poetry nor the image needs it. VENV_OPTION is one more
# option of venv.
python3 -I -m venv --without-pip ${VENV_OPTION:+"$VENV_OPTION"} "$1"
