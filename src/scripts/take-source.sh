# take-source DIRECTORY OUTPUT: copies the project's files, which hooks may have changed, without the environment.
cd "$1" || exit
find . -mindepth 1 -maxdepth 1 ! -name .venv -exec cp -a {} "$2" \;
