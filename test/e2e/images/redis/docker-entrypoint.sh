#!/bin/sh
# Behaves like the public Redis image.
set -e

# Whether the configuration file or an argument sets protected mode.
sets_protected_mode() {
  for argument in "$@"; do
    case "$argument" in
      --protected-mode) return 0 ;;
      *.conf)
        if grep -qi '^[[:space:]]*protected-mode[[:space:]]' "$argument" 2>/dev/null; then
          return 0
        fi
        ;;
    esac
  done
  return 1
}

# A first argument that is an option or a configuration file belongs to redis-server.
case "${1-}" in
  -* | *.conf) set -- redis-server "$@" ;;
esac

if [ "${1-}" = redis-server ]; then
  if [ "$(id -u)" = 0 ]; then
    find . \! -user redis -exec chown redis '{}' +
    exec setpriv --reuid=redis --regid=redis --init-groups "$0" "$@"
  fi

  # The public image is compiled with protected mode off, Debian's package is not. What the user
  # sets wins, and options after which Redis exits at once are left alone.
  case "${2-}" in
    -v | --version | -h | --help | --test-memory | --check-system) ;;
    *)
      if ! sets_protected_mode "$@"; then
        set -- "$@" --protected-mode no
      fi
      ;;
  esac
fi

# Only Redis may read snapshots and append-only files.
if [ "$(umask)" = 0022 ]; then
  umask 0077
fi

exec "$@"
