# shellcheck shell=bash
# `docker/check image`: builds the image from its Dockerfile with buildah, on a Debian created by debootstrap
# in place of debian:bookworm-slim, and runs it. Sourced by docker/check.

for tool in debootstrap buildah unshare setpriv curl ip pgrep; do
  has "$tool" || skip "image: no $tool (Debian's packages debootstrap, buildah, util-linux, curl, iproute2, procps)"
done
((EUID == 0)) || skip "image: only root can make it"
((skipped)) && return 0

images=(buildah --root "$work/containers" --runroot "$work/containers.run")
base=localhost/stoa-check-base
image=localhost/stoa-check

# A Debian 12 from this machine's mirror; without documentation, as the slim image.
make_base() {
  local folder mirror
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Codename: bookworm' 'Created-By: Packages' |
    grep -v security | head -n 1)
  folder=$work/base
  rm -rf "$folder"
  debootstrap --variant=minbase bookworm "$folder" "$mirror" >"$work/debootstrap.log" 2>&1 ||
    die "debootstrap failed, see $work/debootstrap.log"
  cat >"$folder/etc/dpkg/dpkg.cfg.d/slim" <<'CONFIG'
path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/man/*
path-exclude /usr/share/locale/*
CONFIG
  find "$folder/usr/share/doc" -type f ! -name copyright -delete
  rm -rf "$folder"/usr/share/{man,locale,info}/* "$folder"/var/cache/apt/* "$folder"/var/lib/apt/lists/*
  # The same sources as this machine, including security updates.
  : >"$folder/etc/apt/sources.list"
  cp /etc/apt/sources.list.d/debian.sources "$folder/etc/apt/sources.list.d/" 2>/dev/null ||
    cp /etc/apt/sources.list "$folder/etc/apt/sources.list"
  local container
  container=$("${images[@]}" from scratch)
  "${images[@]}" add -q "$container" "$folder" / >/dev/null
  "${images[@]}" commit -q --rm "$container" "$base" >/dev/null
  rm -rf "$folder"
}

build_image() {
  local options=() program
  if [[ -n "${STOA_BINARY:-}" ]]; then
    # In place of the Dockerfile's stage `build`.
    program=$(binary)
    rm -rf "$work/built"
    mkdir -p "$work/built/out"
    strip -o "$work/built/out/stoa" "$program"
    options+=(--build-context "build=$work/built")
    say "         the stage 'build' is not run: $program is used"
  fi
  "${images[@]}" bud --isolation chroot --format docker --pull-never --build-arg BASE="$base" \
    --build-arg JOBS="${JOBS:-2}" "${options[@]}" --file Dockerfile --tag "$image" "$root" \
    >"$work/build.log" 2>&1
}

of_image() { "${images[@]}" inspect --type image --format "$1" "$image"; }

expect_config() {
  local value
  value=$(of_image "{{$2}}")
  if [[ "$value" == "$3" ]]; then good "image: $1 is $3"; else bad "image: $1 is $value and not $3"; fi
}

mkdir -p "$work"
"${images[@]}" inspect --type image "$base" >/dev/null 2>&1 || make_base
if ! build_image; then
  bad "image: the Dockerfile does not build, see $work/build.log"
  tail -n 5 "$work/build.log"
  return 0
fi
good "image: the Dockerfile builds"
expect_config user .Docker.Config.User 10001:10001
expect_config entrypoint .Docker.Config.Entrypoint '[stoa]'
expect_config command .Docker.Config.Cmd '[serve]'
expect_config "stop signal" .Docker.Config.StopSignal SIGTERM
expect_config "health check" .Docker.Config.Healthcheck.Test '[CMD stoa healthcheck]'
expect_config volume .Docker.Config.Volumes 'map[/var/lib/stoa:{}]'
container=$("${images[@]}" from --pull-never "$image")
rootfs=$("${images[@]}" mount "$container")
say "         root file system: $(du -sm "$rootfs" | cut -f 1) MB, of which stoa" \
  "$(du -sm "$rootfs/usr/local/bin/stoa" | cut -f 1) MB and the base" \
  "$(base_container=$("${images[@]}" from --pull-never "$base") &&
    du -sm "$("${images[@]}" mount "$base_container")" | cut -f 1 &&
    "${images[@]}" rm "$base_container" >/dev/null) MB"
mapfile -t variables < <(of_image '{{range .Docker.Config.Env}}{{println .}}{{end}}' | grep '=')
# In separate namespaces: its mounts, ports and processes disappear with them.
unshare --mount --net --pid --fork --kill-child --mount-proc ./check_image_run.sh "$rootfs" "${variables[@]}" ||
  failed=1
"${images[@]}" rm "$container" >/dev/null
