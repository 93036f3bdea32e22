#!/usr/bin/env bash
# A stranger's walk (`make walk`), in each language: an empty Debian, the first page's commands, a chatbot that is
# interrupted in Python and in Node.js, and the compose file's steps as processes, up to a Prometheus that has a series
# for every query of the dashboard. Wants root, mmdebstrap and the network; no part of CI.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=${WALK:-build/walk}
mkdir -p "$work"
work=$(realpath "$work")
packages=ca-certificates,curl,nodejs,npm,prometheus,python3-venv
[ -e "$work/debian.tar" ] || { # Debian 13 as its installer leaves it, and the packages that the pages ask for
  mmdebstrap --variant=minbase --include="$packages" trixie "$work/debian.tar.part" "${DEBIAN:-http://deb.debian.org/debian}"
  mv "$work/debian.tar.part" "$work/debian.tar"
}
rm -rf "$work/dist" && mkdir "$work/dist"
python3 -m venv "$work/tools" && "$work/tools/bin/pip" -q wheel --no-deps -w "$work/dist" .
make --no-print-directory npm >/dev/null && cp build/npm/*.tgz "$work/dist/"

into() { # NETWORK COMMAND...: as a user of no rights in the new root, with a network or with a loopback of its own
  local apart=(--mount --pid --fork --kill-child "--mount-proc=$root/proc") up=true
  [ "$1" = network ] || { apart+=(--net); up='ip link set lo up'; }
  unshare "${apart[@]}" sh -c "$up; exec \"\$@\"" sh chroot --userspec=1000:1000 "$root" /usr/bin/env -i \
    HOME=/home/stranger LANG=C.UTF-8 PATH=/home/stranger/voice/bin:/usr/bin:/bin "${@:2}"
}

for page in README.md README.zh.md; do
  echo "== $page"
  root=$(mktemp -d "$work/root.XXXX")
  trap 'rm -rf "$root"' EXIT
  tar xf "$work/debian.tar" -C "$root" --exclude='./dev/*'
  for name in null zero random urandom tty; do touch "$root/dev/$name" && mount --bind "/dev/$name" "$root/dev/$name"; done
  trap 'umount "$root"/dev/* || true; rm -rf "$root"' EXIT
  cp --remove-destination /etc/resolv.conf "$root/etc/resolv.conf"
  cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/" # the network's own authorities, if it has any
  echo "127.0.0.1 localhost sayline prometheus" >"$root/etc/hosts" # compose's names
  install -d -o 1000 -g 1000 "$root/home/stranger" "$root/prometheus"
  cp -r "$work/dist" README.md README.zh.md examples deploy tests/chat_endpoint.py tests/walk/stranger.py "$root/home/stranger/"
  cp -r deploy/prometheus/. "$root/etc/prometheus/" # compose mounts it there
  chown -R 1000:1000 "$root/home/stranger"
  install=$(awk '/^```sh/ {n++; next} /^```/ && n {exit} n' "$page") # the page's first block, but of the wheel
  into network sh -euc "cd; ${install/pip install ./pip -q install dist/*.whl}"
  # what examples/README.md asks for; pyyaml reads the compose file
  into network sh -euc 'cd; pip -q install openai pyyaml; mkdir chat; cd chat; npm install --silent ../dist/*.tgz'
  into alone sh -euc "cd; python3 stranger.py $page"
  umount "$root"/dev/* && rm -rf "$root" && trap - EXIT
done
