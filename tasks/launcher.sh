#!/bin/sh
# IMServer in one file. These lines are a launcher; after them comes a gzip archive with the Deno runtime
# (as "imserver"), the server (imserver.js) and its web client (web/). The first run unpacks the archive
# into a cache folder named after its content; every later run only looks at that folder and replaces this
# shell by the server, which therefore has this process id, receives its signals and sets its exit code.
# Folders of older versions are left alone: one of them may still be running. They may be deleted by hand.

content=@CONTENT@

fail() {
  echo "imserver: $1" >&2
  exit 2
}

if [ -n "${IMSERVER_RUNTIME_DIR-}" ]; then
  base=$IMSERVER_RUNTIME_DIR chosen=yes
elif [ -n "${XDG_CACHE_HOME-}" ]; then
  base=$XDG_CACHE_HOME/imserver chosen=
elif [ -d "${HOME-}" ] && [ -w "$HOME" ]; then
  base=$HOME/.cache/imserver chosen=
else
  # No home: an empty environment, or a system account. /var/tmp outlives a reboot, /tmp may not.
  base=/var/tmp/imserver-$(PATH=/usr/bin:/bin:${PATH-} id -u) chosen=
fi
case $base in /*) ;; *) base=$PWD/$base ;; esac
here=$base/$content

# A folder that is a link, or that belongs to somebody else, may have been planted: nothing in it is run.
# Whoever owns the folder above could swap ours for another, so it is checked too unless the user chose it.
check_owner() {
  trust "$here"
  [ -n "$chosen" ] || trust "$base"
}

trust() {
  if [ -e "$1" ] || [ -L "$1" ]; then
    [ -O "$1" ] && [ -d "$1" ] && [ ! -L "$1" ] ||
      fail "$1 is not a folder of this user, so nothing in it is run; remove it or set IMSERVER_RUNTIME_DIR."
  fi
}

complete() {
  [ -x "$here/imserver" ] && [ -f "$here/imserver.js" ]
}

unpack() (
  umask 077
  PATH=/usr/bin:/bin:${PATH-}
  other="set IMSERVER_RUNTIME_DIR to a folder with @MEGABYTES@ MB of space that may hold programs."
  mkdir -p "$base" 2>/dev/null && new=$(mktemp -d "$base/.new-XXXXXXXXXX" 2>/dev/null) ||
    fail "cannot write to $base; $other"
  # What a killed first run left behind.
  find "$base" -maxdepth 1 -name '.new-*' -mmin +60 -exec rm -rf {} + 2>/dev/null
  trap 'rm -rf "$new" "$new.old"' EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  # gzip finds a damaged file only at its end, and a pipe forgets that: so it is written down.
  # What tar leaves of the end is read all the same, or gzip would meet a closed pipe.
  said=$({ { tail -n +@LINE@ <"$0" | gzip -dc && : >"$new/whole"; } |
    { tar -C "$new" -xof - && cat >/dev/null; }; } 2>&1)
  if [ "$?" -ne 0 ] || [ ! -f "$new/whole" ]; then
    { tail -n +@LINE@ <"$0" | gzip -t; } 2>/dev/null || fail "$0 is damaged or cannot be read; get it again."
    # gzip begins what it says with an empty line.
    said=$(printf '%s\n' "$said" | grep -m 1 .)
    fail "cannot unpack into $base (is the disk full? ${said:-no reason was given}); free @MEGABYTES@ MB there, or $other"
  fi
  [ -x "$new/imserver" ] || fail "programs in $base may not run (is it mounted noexec?); $other"
  "$new/imserver" --version >/dev/null 2>&1 || fail "this file is for Linux on @MACHINE@ with glibc."
  # The rename makes the folder appear whole or not at all. It is refused if another first run was faster,
  # and then there is nothing to do, or if files were taken out of the folder, and then ours replaces it.
  mv -T "$new" "$here" 2>/dev/null || complete ||
    { mv -T "$here" "$new.old" && mv -T "$new" "$here"; } 2>/dev/null || complete ||
    fail "cannot write to $here; $other"
)

check_owner
complete || { unpack && check_owner; } || exit $?

# The runtime keeps compiled code in DENO_DIR, which makes later starts faster. The server is allowed to
# read IMSERVER_* only, so it sees neither of these two; the folder setting was for this launcher.
DENO_DIR=$here/cache DENO_NO_UPDATE_CHECK=1
export DENO_DIR DENO_NO_UPDATE_CHECK
unset IMSERVER_RUNTIME_DIR
exec "$here/imserver" run @FLAGS@ "$here/imserver.js" "$@"
exit 2
