#!/bin/sh
# Installs IMServer: one file, whose checksum is compared before it is put in place.
#   sh install.sh [--version 0.1.0] [--dir /usr/local/bin] [--from URL]
# --from: where releases lie, `latest/download/…` and `download/v0.1.0/…` under it. A release names its own here.
set -eu

from=${IMSERVER_RELEASES:-@RELEASES@}
version=latest
dir=

fail() {
  echo "install.sh: $1" >&2
  exit 1
}

while [ $# -gt 0 ]; do
  case $1 in
    --version | --dir | --from)
      [ $# -ge 2 ] || fail "$1 needs a value"
      case $1 in
        --version) version=${2#v} ;;
        --dir) dir=$2 ;;
        --from) from=$2 ;;
      esac
      shift 2
      ;;
    -h | --help)
      sed -n '2,4s/^# *//p' "$0"
      exit 0
      ;;
    *) fail "$1 is not known; --help lists what is" ;;
  esac
done

case $from in
  http://* | https://*) from=${from%/} ;;
  *) fail "say where releases lie: --from URL" ;;
esac

case $(uname -s) in
  Linux) system=linux ;;
  Darwin) system=macos ;;
  *) fail "there is no file for $(uname -s); on Windows download imserver-windows-x64.exe" ;;
esac
case $(uname -m) in
  x86_64 | amd64) machine=x64 ;;
  aarch64 | arm64) machine=arm64 ;;
  *) fail "there is no file for $(uname -m)" ;;
esac
name=imserver-$system-$machine
case $version in
  latest) base=$from/latest/download ;;
  *) base=$from/download/v$version ;;
esac

if [ -z "$dir" ]; then
  if [ -w /usr/local/bin ]; then dir=/usr/local/bin; else dir=$HOME/.local/bin; fi
fi
mkdir -p "$dir" || fail "cannot make $dir; choose another with --dir"
# In the folder itself, so that the last step is a rename.
work=$(mktemp -d "$dir/.imserver-XXXXXXXX") || fail "cannot write to $dir; choose another with --dir"
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

fetch() {
  if command -v curl >/dev/null; then
    curl -fsSL --retry 3 -o "$2" "$1"
  elif command -v wget >/dev/null; then
    wget -q -O "$2" "$1"
  else
    fail "needs curl or wget"
  fi || fail "cannot fetch $1"
}

sum() {
  if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

fetch "$base/SHA256SUMS" "$work/SHA256SUMS"
wanted=$(sed -n "s/^\\([0-9a-f]\\{64\\}\\)  *\\*\\{0,1\\}$name\$/\\1/p" "$work/SHA256SUMS")
[ -n "$wanted" ] || fail "this release has no $name"
fetch "$base/$name" "$work/imserver"
[ "$(sum "$work/imserver")" = "$wanted" ] || fail "the checksum of $name is wrong; nothing was installed"
chmod 755 "$work/imserver"
mv -f "$work/imserver" "$dir/imserver"
echo "$dir/imserver"
case :$PATH: in
  *:"$dir":*) ;;
  *) echo "$dir is not in PATH" >&2 ;;
esac
