# install-editable COMMAND...: the locked packages are installed; the project and its path dependencies are left.
"$@"
rm -rf "$HOME/.cache"
