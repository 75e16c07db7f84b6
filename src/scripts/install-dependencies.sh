# install-dependencies COMMAND...: creates the environment and runs the command that installs into it.
# No pip in it: neither Poetry nor the image needs it.
python3 -m venv --without-pip .venv
"$@"
# Poetry leaves the clones of Git dependencies here, though only of those that its cache did not have.
rm -rf .venv/src
