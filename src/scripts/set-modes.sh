# set-modes FILES DIRECTORIES: an engine's copy gives directories the mode of the files, but directories need the execute bit.
cp -a /copied/. /out
find /out -type d -exec chmod "$2" {} +
find /out -type f -exec chmod "$1" {} +
